create or replace function pgops.plan_range_steps(
    parent regclass,
    from_time timestamptz,
    upto timestamptz
) returns pgops.partition_step[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    policy jsonb := pgops.partition_policy_of(parent);
    key_type regtype := (pgops.range_key(parent)).key_type;
    every text := policy #>> '{by,every}';
    time_zone text := policy ->> 'time_zone';
begin
    if coalesce(from_time >= upto, true) or not isfinite(from_time) or not isfinite(upto) then
        raise exception 'from % up to % is no range; accepted: two moments, the first before the second',
            coalesce(from_time::text, 'null'), coalesce(upto::text, 'null')
            using errcode = 'invalid_parameter_value';
    end if;
    perform pgops.check_can_act_on(parent);
    perform pgops.check_policy(parent, policy);
    return array(
        select p from pgops.plan_periods(parent, policy, pgops.wanted_periods(
            pgops.period_of(pgops.key_value(from_time, key_type, time_zone), key_type, every, time_zone),
            pgops.period_of(pgops.key_value(upto - interval '1 microsecond', key_type, time_zone),
                key_type, every, time_zone),
            every
        )) as p
    );
end
$$;

comment on function pgops.plan_range_steps(regclass, timestamptz, timestamptz) is
    'The steps that cover the time from from_time (included) up to upto (excluded) with partitions of the stored policy, '
    'whatever it says of ahead, behind and retention. Errors: 22023 no range, 54000 too many periods, and those of '
    'pgops.partition_plan().';

revoke all on function pgops.plan_range_steps(regclass, timestamptz, timestamptz) from public;
grant execute on function pgops.plan_range_steps(regclass, timestamptz, timestamptz) to pgops_operator;
