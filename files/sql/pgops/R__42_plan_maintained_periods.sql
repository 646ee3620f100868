create or replace function pgops.plan_maintained_periods(
    parent regclass,
    policy jsonb,
    as_of timestamptz
) returns setof pgops.partition_step
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    key_type regtype := (pgops.range_key(parent)).key_type;
    every text := policy #>> '{by,every}';
    time_zone text := policy ->> 'time_zone';
    not_before timestamp := pgops.retention_limit(policy, key_type, as_of);
    today date := pgops.period_of(pgops.key_value(as_of, key_type, time_zone), key_type, every, time_zone);
    wanted date[];
begin
    wanted := pgops.wanted_periods(
        (today - (policy ->> 'behind')::integer * pgops.period_step(every))::date,
        (today + (policy ->> 'ahead')::integer * pgops.period_step(every))::date,
        every
    );
    -- Rows of the default partition get partitions of their own, the latest first where they are too many for one plan.
    return query
    select p.* from pgops.plan_periods(parent, policy, wanted || array(
        select d.first_day from pgops.default_partition_periods(parent, policy) as d
        where d.first_day <> all (wanted)
        order by d.first_day desc
        limit pgops.configuration_value('plan_partitions_from_default')
    ), not_before) as p;
end
$$;

comment on function pgops.plan_maintained_periods(regclass, jsonb, timestamptz) is
    'The steps that make the partitions which a policy wants at a moment: the current period, those ahead and behind, '
    'and those of rows that lie in the default partition and are not past retention. Errors and locks: as '
    'pgops.plan_periods(), 54000 too many periods.';

revoke all on function pgops.plan_maintained_periods(regclass, jsonb, timestamptz) from public;
grant execute on function pgops.plan_maintained_periods(regclass, jsonb, timestamptz) to pgops_operator;
