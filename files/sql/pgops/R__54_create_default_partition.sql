create or replace function pgops.create_default_partition(parent regclass, policy jsonb, partition_name text) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    partition regclass;
begin
    if pgops.default_partition(parent) is not null then
        return false;
    end if;
    partition := pgops.make_table_like(parent, policy, partition_name);
    perform pgops.lock_relations(parent, array[parent], array['share update exclusive']);
    perform pgops.run_as_owner(parent, format('alter table %s attach partition %s default', parent, partition));
    perform pgops.copy_replica_identity(parent, partition);
    perform pgops.call_hook(parent, policy, 'attached', partition);
    return true;
end
$$;

comment on function pgops.create_default_partition(regclass, jsonb, text) is
    'Makes the default partition (partition_name: quoted and with schema) and calls the hook "attached"; returns false '
    'when there is one. Errors: 55P03 locks not obtained in time, 42P07 the name is taken. '
    'Locks: SHARE UPDATE EXCLUSIVE on the parent.';

revoke all on function pgops.create_default_partition(regclass, jsonb, text) from public;
grant execute on function pgops.create_default_partition(regclass, jsonb, text) to pgops_operator;
