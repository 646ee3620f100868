create or replace function pgops.leaving_rows(step pgops.partition_step) returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '5s' -- whoever waits to read holds up no one
as $$
declare
    partition regclass := pgops.find_relation(step.partition_name);
    leaves oid[] := array(select partition::oid union select t.relid from pg_partition_tree(partition) as t);
begin
    if step.operation not in ('detach', 'drop', 'finalize_detach') or partition is null then
        return '{}';
    end if;
    if exists (select from pg_class as c where c.oid = any(leaves) and c.relkind = 'f') then
        return '{"row_count_problem": "foreign tables are not counted"}';
    end if;
    return jsonb_strip_nulls(jsonb_build_object(
        'row_count', pgops.estimated_rows(partition),
        'row_count_estimated', case when pgops.relation_blocks(partition) > 1000 and exists (
            select from pg_class as c where c.oid = any(leaves) and c.relkind = 'r' and c.reltuples >= 0 and c.relpages > 0
        ) then true end
    ));
exception
    -- The step is done without.
    when others then
        return jsonb_build_object('row_count_problem', sqlerrm);
end
$$;

comment on function pgops.leaving_rows(pgops.partition_step) is
    'How many rows leave the table with the partition of a step, as details of its event (row_count, row_count_estimated, '
    'row_count_problem); empty for steps by which none leave. As pgops.estimated_rows(): counted up to 1,000 blocks, because '
    'reading a large partition whole before it goes would take its time and push what is in use out of the cache. '
    'Locks: ACCESS SHARE on the partition.';

revoke all on function pgops.leaving_rows(pgops.partition_step) from public;
grant execute on function pgops.leaving_rows(pgops.partition_step) to pgops_operator;
