create or replace function pgops.period_bound(first_day date, key_type regtype, time_zone text) returns timestamp
language plpgsql
stable
strict
set search_path = pg_catalog, pg_temp
as $$
declare
    midnight timestamp := first_day::timestamp;
    later timestamptz;
    earlier timestamptz;
    offset_before interval;
begin
    if key_type <> 'timestamptz'::regtype then
        return midnight;
    end if;
    -- PostgreSQL takes a midnight that does not exist as the moment of the change, which is what we want, and one that
    -- exists twice (Havana on 1 November 2026) as the second. The day then begins at the first, unless the clock
    -- falls back to the day before in between (St John's until 2011, at 00:01).
    later := midnight at time zone time_zone;
    offset_before := ((later - interval '12 hours') at time zone time_zone)
        - ((later - interval '12 hours') at time zone 'UTC');
    earlier := (midnight - offset_before) at time zone 'UTC';
    if earlier < later
        and earlier at time zone time_zone = midnight
        and (later - interval '1 microsecond') at time zone time_zone >= midnight
    then
        return earlier at time zone 'UTC';
    end if;
    return later at time zone 'UTC';
end
$$;

comment on function pgops.period_bound(date, regtype, text) is
    'Where a period that begins on a day begins in the partition key. For a key of type timestamptz: the instant, as '
    'UTC, from which on the calendar of the time zone shows that day or a later one, across changes of the clock; for '
    'date and timestamp: midnight. Errors: 22023 unknown time zone.';

revoke all on function pgops.period_bound(date, regtype, text) from public;
grant execute on function pgops.period_bound(date, regtype, text) to pgops_monitor;
