create or replace function pgops.partition_plan(
    parent regclass,
    policy jsonb default null,
    as_of timestamptz default now()
) returns table (
    step integer,
    operation text,
    partition_name text,
    lower_bound text,
    upper_bound text,
    row_count bigint,
    lock_level text,
    description text,
    parent_name text,
    bound text,
    subpartitions jsonb
)
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan -- of the many small queries of a plan, planning would cost more than running
as $$
declare
    wanted jsonb := case
        when policy is null then pgops.partition_policy_of(parent) else pgops.complete_policy(policy)
    end;
begin
    perform pgops.check_can_act_on(parent);
    perform pgops.check_policy(parent, wanted);
    return query
    select row_number() over ()::integer, p.* from pgops.plan_table(parent, wanted, as_of) as p;
end
$$;

comment on function pgops.partition_plan(regclass, jsonb, timestamptz) is $$What pgops.partition_apply() would do to a
table: by its stored policy or by the one given, now or at another moment. Changes nothing.
step: order of execution. operation: create_default, create, create_from_default (makes a partition and moves its rows
out of the default partition), detach, archive, drop, finalize_detach (finishes an interrupted DETACH CONCURRENTLY), or
blocked: what the policy wants and the engine cannot do, with the reason in description; an apply reports it and goes on.
partition_name: quoted and with schema. lower_bound (included), upper_bound (excluded), RANGE only: ISO 8601, timestamptz
in UTC, MINVALUE, MAXVALUE. row_count: rows that move; for those that leave the planner's estimate. lock_level: locks
taken and on what, all of them before anything is changed; not named are new tables, and what reading locks.
parent_name: the table that the partition belongs to, the one of the policy or one nested in it. bound: as ATTACH
PARTITION takes it. subpartitions: what a new partition has from the start, objects with partition_name, bound and
subpartitions.
Needs pgops_operator and the right to SET ROLE to the table's owner. Errors: 42704 no stored policy, 42501 may not act
for the owner, 54000 too many periods, and those of pgops.set_partition_policy().
Locks: ACCESS SHARE on the default partition, which it reads; by number also on the highest partition that has rows.$$;

revoke all on function pgops.partition_plan(regclass, jsonb, timestamptz) from public;
grant execute on function pgops.partition_plan(regclass, jsonb, timestamptz) to pgops_operator;
