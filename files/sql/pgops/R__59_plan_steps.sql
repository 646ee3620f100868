create or replace function pgops.plan_steps(parent regclass, as_of timestamptz) returns pgops.partition_step[]
language sql
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(array_agg(
        row(p.operation, p.partition_name, p.lower_bound, p.upper_bound, p.row_count, p.lock_level, p.description,
            p.parent_name, p.bound, p.subpartitions)::pgops.partition_step
        order by p.step
    ), '{}')
    from pgops.partition_plan(parent, null, as_of) as p;
end;

comment on function pgops.plan_steps(regclass, timestamptz) is
    'The plan of a table as an array, for a procedure that commits between its steps. Errors: as pgops.partition_plan().';

revoke all on function pgops.plan_steps(regclass, timestamptz) from public;
grant execute on function pgops.plan_steps(regclass, timestamptz) to pgops_operator;
