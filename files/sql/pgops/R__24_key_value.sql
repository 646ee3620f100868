create or replace function pgops.key_value(moment timestamptz, key_type regtype, time_zone text) returns timestamp
language sql
stable
strict
set search_path = pg_catalog, pg_temp
return moment at time zone case key_type when 'timestamptz'::regtype then 'UTC' else time_zone end;

comment on function pgops.key_value(timestamptz, regtype, text) is
    'A moment as a value of the partition key: for timestamptz as UTC, for date and timestamp what calendar and clock of '
    'the time zone show.';

revoke all on function pgops.key_value(timestamptz, regtype, text) from public;
grant execute on function pgops.key_value(timestamptz, regtype, text) to pgops_monitor;
