create or replace function pgops.finalize_detach(parent regclass, step pgops.partition_step) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgops.lock_relations(parent, array[parent, pgops.find_relation(step.partition_name)],
        array['share update exclusive', 'access exclusive']);
    perform pgops.run_as_owner(parent, format('alter table %s detach partition %s finalize', parent, step.partition_name));
end
$$;

comment on function pgops.finalize_detach(regclass, pgops.partition_step) is
    'Finishes an interrupted DETACH CONCURRENTLY. Errors: 55P03 locks not obtained in time. '
    'Locks: SHARE UPDATE EXCLUSIVE on the parent, ACCESS EXCLUSIVE on the partition.';

revoke all on function pgops.finalize_detach(regclass, pgops.partition_step) from public;
grant execute on function pgops.finalize_detach(regclass, pgops.partition_step) to pgops_operator;
