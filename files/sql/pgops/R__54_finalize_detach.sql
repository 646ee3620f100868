create or replace function pgops.finalize_detach(parent regclass, partition regclass) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgops.run_as_owner(parent, format('alter table %s detach partition %s finalize', parent, partition));
end
$$;

comment on function pgops.finalize_detach(regclass, regclass) is
    'Finishes an interrupted DETACH CONCURRENTLY. Locks: held already, pgops.step_locks().';

revoke all on function pgops.finalize_detach(regclass, regclass) from public;
grant execute on function pgops.finalize_detach(regclass, regclass) to pgops_operator;
