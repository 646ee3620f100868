create or replace function pgops.bound_value(literal text, key_type regtype) returns timestamp
language sql
stable
strict
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO, YMD'
set timezone = 'UTC'
return case key_type
    when 'date'::regtype then literal::date::timestamp
    when 'timestamptz'::regtype then literal::timestamptz at time zone 'UTC'
    else literal::timestamp
end;

comment on function pgops.bound_value(text, regtype) is
    'The inverse of pgops.bound_literal(): date and timestamp as they are, timestamptz as UTC.';

revoke all on function pgops.bound_value(text, regtype) from public;
grant execute on function pgops.bound_value(text, regtype) to pgops_monitor;
