create or replace function pgops.pieces_by_interval(relation regclass, bound jsonb, every jsonb, pattern text) returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO, YMD'
set timezone = 'UTC'
as $$
declare
    key_type text := (pgops.partition_key_types(relation))[1];
    step text := case
        when jsonb_typeof(every) = 'string' then coalesce(pgops.period_step(every #>> '{}')::text, every #>> '{}')
        else every::text
    end;
    maximum bigint := pgops.configuration_value('plan_partitions');
    is_time boolean := key_type ~ '^(date|timestamp)';
    -- A day, a month has the length that the calendar of the time zone gives it.
    time_zone text := case when key_type ~ ' with time zone$' then pgops.operation_time_zone(relation) end;
    period text := case when jsonb_typeof(every) = 'string' and pgops.period_step(every #>> '{}') is not null then every #>> '{}' end;
    first_day date;
    reached text := bound #>> '{from,0}';
    ends text := bound #>> '{to,0}';
    upper text;
    unknown text;
    number integer := 0;
    result jsonb := '[]';
begin
    if jsonb_array_length(bound -> 'from') is distinct from 1 or reached = 'MINVALUE' or ends = 'MAXVALUE'
        or coalesce(pattern, '') = '' or (is_time and jsonb_typeof(every) <> 'string')
    then
        perform pgops.refuse_operation(format('"every" is %s, "name" is %s; accepted: for a RANGE on one column with both '
            'ends, a period ("day", "week", "month", "quarter", "year", "7 days") or, for a number, a number; and a name '
            'with {year} {month} {day} {week} {quarter} {from} {to} or {number}', every, coalesce(pattern, 'missing')));
    end if;
    if is_time and step::interval <= interval '0' then
        perform pgops.refuse_operation(format('"every" is %s; accepted: an interval of more than nothing', every));
    end if;
    select string_agg(f.field[1], ', ') into unknown
    from regexp_matches(pattern, '\{[^{}]*\}', 'g') as f (field)
    where f.field[1] <> all (array['{from}', '{to}', '{number}'])
        and (not is_time or f.field[1] <> all (array['{year}', '{month}', '{day}', '{week}', '{quarter}']));
    if unknown is not null then
        perform pgops.refuse_operation(format('"name" is "%s", with %s; accepted: %s', pattern, unknown, case when is_time
            then '{year} {month} {day} {week} {quarter} {from} {to} {number}' else '{from} {to} {number}' end));
    end if;
    while coalesce(upper, '') <> ends loop
        number := number + 1;
        first_day := case
            when time_zone is not null then trim('''' from reached)::timestamptz at time zone time_zone
            when is_time then trim('''' from reached)::timestamp
        end;
        upper := case
            when time_zone is null then format('(%s)::%s + %L::%s', reached, key_type, step,
                case when is_time then 'interval' else key_type end)
            when period is not null
                and pgops.period_bound(first_day, 'timestamptz', time_zone) = trim('''' from reached)::timestamptz at time zone 'UTC'
                then format('%L::timestamptz', pgops.bound_literal(
                    pgops.period_bound((first_day + pgops.period_step(period))::date, 'timestamptz', time_zone), 'timestamptz'))
            else format('((%s)::timestamptz at time zone %L + %L::interval) at time zone %2$L', reached, time_zone, step)
        end;
        upper := pgops.canonical_literal(relation, format('least(%s, (%s)::%s)', upper, ends, key_type), key_type);
        if upper = reached or number > maximum then
            perform pgops.refuse_operation(format('"every" is %s: that would make more than %s partitions', every, maximum));
        end if;
        result := result || pgops.operation_target(relation,
            replace(replace(replace(
                case when is_time then pgops.partition_name(pattern, first_day) else pattern end,
                '{from}', trim('''' from reached)), '{to}', trim('''' from upper)), '{number}', number::text),
            jsonb_build_object('from', jsonb_build_array(reached), 'to', jsonb_build_array(upper)));
        reached := upper;
    end loop;
    return result;
end
$$;

comment on function pgops.pieces_by_interval(regclass, jsonb, jsonb, text) is
    'Elements of pgops.operation.targets that cut a range of time or numbers into pieces of one length (on the calendar of '
    'pgops.operation_time_zone()), the last of them shorter where it does not come out even. pattern: of '
    'their names, with the fields of pgops.partition_name(), {from}, {to} and {number}. Errors: 22023.';

revoke all on function pgops.pieces_by_interval(regclass, jsonb, jsonb, text) from public;
grant execute on function pgops.pieces_by_interval(regclass, jsonb, jsonb, text) to pgops_operator;
