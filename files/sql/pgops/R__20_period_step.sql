create or replace function pgops.period_step(every text) returns interval
language sql
immutable
strict
set search_path = pg_catalog, pg_temp
return case every
    when 'day' then interval '1 day'
    when 'week' then interval '7 days'
    when 'month' then interval '1 month'
    when 'quarter' then interval '3 months'
    when 'year' then interval '1 year'
end;

comment on function pgops.period_step(text) is
    'Length of a period on the calendar; every: day, week, month, quarter, year; null for anything else.';

revoke all on function pgops.period_step(text) from public;
grant execute on function pgops.period_step(text) to pgops_monitor;
