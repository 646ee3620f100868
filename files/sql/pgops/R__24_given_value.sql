create or replace function pgops.given_value(value text, key_type regtype, time_zone text) returns text
language plpgsql
stable
strict
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO, YMD'
set timezone = 'UTC' -- given back at the end
as $$
begin
    if key_type <> 'timestamptz'::regtype then
        return value;
    end if;
    if value ~ '^[0-9]{4,}-[0-9]{2}-[0-9]{2}$' then
        return pgops.bound_literal(pgops.period_bound(value::date, key_type, time_zone), key_type);
    end if;
    perform set_config('timezone', time_zone, true);
    return pgops.bound_literal(value::timestamptz at time zone 'UTC', key_type);
end
$$;

comment on function pgops.given_value(text, regtype, text) is
    'A bound or value of a policy as text that means the same in every session. For timestamptz: a date is where that day '
    'begins in the time zone (pgops.period_bound()), a time without offset is one of the time zone. '
    'Errors: 22007, 22008, 22023 no such time.';

revoke all on function pgops.given_value(text, regtype, text) from public;
grant execute on function pgops.given_value(text, regtype, text) to pgops_monitor;
