create or replace function pgops.operation_time_zone(relation regclass) returns text
language sql
stable
set search_path = pg_catalog, pg_temp
return coalesce(pgops.operation_policy(relation) ->> 'time_zone', 'UTC');

comment on function pgops.operation_time_zone(regclass) is
    'The time zone that bounds given without an offset are meant in: that of pgops.operation_policy(), UTC without one.';

revoke all on function pgops.operation_time_zone(regclass) from public;
grant execute on function pgops.operation_time_zone(regclass) to pgops_operator;
