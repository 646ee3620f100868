create or replace function pgops.create_default_partition(parent regclass, policy jsonb, partition regclass) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgops.run_as_owner(parent, format('alter table %s attach partition %s default', parent, partition));
    perform pgops.copy_replica_identity(parent, partition);
    perform pgops.call_hook(parent, policy, 'attached', partition);
end
$$;

comment on function pgops.create_default_partition(regclass, jsonb, regclass) is
    'Attaches a new table as default partition and calls the hook "attached". Locks: held already, pgops.step_locks().';

revoke all on function pgops.create_default_partition(regclass, jsonb, regclass) from public;
grant execute on function pgops.create_default_partition(regclass, jsonb, regclass) to pgops_operator;
