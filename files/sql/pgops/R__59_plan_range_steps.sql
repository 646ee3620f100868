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
    key_type regtype := (pgops.partition_key(parent)).key_type;
    every text := policy #>> '{by,every}';
    time_zone text := policy ->> 'time_zone';
    wanted date[];
    row_counts bigint[];
begin
    if pgops.policy_kind(policy) <> 'period' then
        raise exception 'the partition policy of % is not by time', parent using errcode = 'invalid_parameter_value',
            hint = case pgops.policy_kind(policy)
                when 'number' then 'CALL pgops.partition_ensure_numbers(table, from_number, upto).'
                else 'CALL pgops.partition_apply(table) makes all partitions that it declares.'
            end;
    end if;
    if coalesce(from_time >= upto, true) or not isfinite(from_time) or not isfinite(upto) then
        raise exception 'from % up to % is no range; accepted: two moments, the first before the second',
            coalesce(from_time::text, 'null'), coalesce(upto::text, 'null')
            using errcode = 'invalid_parameter_value';
    end if;
    perform pgops.check_can_act_on(parent);
    perform pgops.check_policy(parent, policy);
    wanted := pgops.wanted_periods(
        pgops.period_of(pgops.key_value(from_time, key_type, time_zone), key_type, every, time_zone),
        pgops.period_of(pgops.key_value(upto - interval '1 microsecond', key_type, time_zone), key_type, every, time_zone),
        every
    );
    row_counts := array(
        select d.row_count
        from unnest(wanted) as w (first_day)
        left join pgops.default_partition_periods(parent, policy) as d on d.first_day = w.first_day
        order by w.first_day
    );
    return array(
        select p
        from pgops.plan_pieces(parent, policy, array(
            select w
            from pgops.pieces_of_periods(
                policy, key_type, (select c.relname from pg_class as c where c.oid = parent), wanted, row_counts
            ) as w
        ), now()) as p
    );
end
$$;

comment on function pgops.plan_range_steps(regclass, timestamptz, timestamptz) is
    'The steps that cover the time from from_time (included) up to upto (excluded) with partitions of the stored policy, '
    'whatever it says of ahead, behind and retention. Errors: 22023 no range, or a policy that is not by time; '
    '54000 too many periods, and those of pgops.partition_plan().';

revoke all on function pgops.plan_range_steps(regclass, timestamptz, timestamptz) from public;
grant execute on function pgops.plan_range_steps(regclass, timestamptz, timestamptz) to pgops_operator;
