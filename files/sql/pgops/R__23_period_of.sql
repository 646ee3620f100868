create or replace function pgops.period_of(
    key_value timestamp,
    key_type regtype,
    every text,
    time_zone text
) returns date
language plpgsql
stable
strict
set search_path = pg_catalog, pg_temp
as $$
declare
    first_day date;
begin
    first_day := date_trunc(
        every,
        case key_type
            when 'timestamptz'::regtype then key_value at time zone 'UTC' at time zone time_zone
            else key_value
        end
    )::date;
    -- Where a clock falls back across midnight, the calendar shows some instants out of order; bounds are in order.
    if key_value < pgops.period_bound(first_day, key_type, time_zone) then
        return first_day - pgops.period_step(every);
    end if;
    if key_value >= pgops.period_bound((first_day + pgops.period_step(every))::date, key_type, time_zone) then
        return first_day + pgops.period_step(every);
    end if;
    return first_day;
end
$$;

comment on function pgops.period_of(timestamp, regtype, text, text) is
    'First day of the period that a key value (timestamptz: as UTC) falls into. every: day, week (from Monday), month, '
    'quarter, year. Errors: 22023 unknown time zone.';

revoke all on function pgops.period_of(timestamp, regtype, text, text) from public;
grant execute on function pgops.period_of(timestamp, regtype, text, text) to pgops_monitor;
