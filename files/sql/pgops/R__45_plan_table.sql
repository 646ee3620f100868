create or replace function pgops.plan_table(
    parent regclass,
    policy jsonb,
    as_of timestamptz
) returns setof pgops.partition_step
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    parent_name text := (select c.relname from pg_class as c where c.oid = parent);
    not_before text := pgops.retention_bound(parent, policy, as_of);
    nested jsonb := pgops.nested_policy(policy);
    nested_table regclass;
begin
    return query select i.* from pgops.plan_interrupted_detach(parent) as i;
    return query select d.* from pgops.plan_default(parent, policy) as d;
    return query
    select p.*
    from pgops.plan_pieces(
        parent, policy,
        array(select w from pgops.wanted_pieces(parent, policy, as_of, parent_name, true) as w),
        as_of, not_before
    ) as p;
    if nested is not null then
        for nested_table in select n.relation from pgops.nested_tables(parent, policy, not_before) as n (relation) loop
            return query select t.* from pgops.plan_table(nested_table, nested, as_of) as t;
        end loop;
    end if;
    return query select r.* from pgops.plan_retention(parent, policy, not_before) as r;
end
$$;

comment on function pgops.plan_table(regclass, jsonb, timestamptz) is
    'The plan of a table by a completed policy, with those of the partitions that are partitioned in turn. '
    'Errors and locks: as pgops.partition_plan().';

revoke all on function pgops.plan_table(regclass, jsonb, timestamptz) from public;
grant execute on function pgops.plan_table(regclass, jsonb, timestamptz) to pgops_operator;
