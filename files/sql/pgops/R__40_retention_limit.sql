create or replace function pgops.retention_limit(policy jsonb, key_type regtype, as_of timestamptz) returns timestamp
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    time_zone text := policy ->> 'time_zone';
    -- On the calendar of the zone: "3 months" ago is the same day of the month there.
    local_limit timestamp := (as_of at time zone time_zone) - (policy #>> '{retention,keep}')::interval;
begin
    return pgops.key_value(local_limit at time zone time_zone, key_type, time_zone);
end
$$;

comment on function pgops.retention_limit(jsonb, regtype, timestamptz) is
    'Key value (timestamptz: as UTC) before which the retention of a policy keeps nothing; null without retention.';

revoke all on function pgops.retention_limit(jsonb, regtype, timestamptz) from public;
grant execute on function pgops.retention_limit(jsonb, regtype, timestamptz) to pgops_operator;
