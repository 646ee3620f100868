create or replace function pgops.partition_name(pattern text, first_day date) returns text
language plpgsql
stable
strict
set search_path = pg_catalog, pg_temp
as $$
declare
    -- The week of ISO 8601 belongs to a year of its own.
    year_format text := case when pattern like '%{week}%' then 'FMIYYYY' else 'FMYYYY' end;
    result text := pattern;
begin
    result := replace(result, '{year}', lpad(to_char(first_day, year_format), 4, '0'));
    result := replace(result, '{quarter}', to_char(first_day, 'Q'));
    result := replace(result, '{month}', to_char(first_day, 'MM'));
    result := replace(result, '{week}', to_char(first_day, 'IW'));
    result := replace(result, '{day}', to_char(first_day, 'DD'));
    return pgops.check_partition_name(result);
end
$$;

comment on function pgops.partition_name(text, date) is
    'Name of the partition of the period that begins on a day: the pattern with {year} (4 digits; the ISO year beside '
    '{week}), {quarter} (1), {month}, {week}, {day} (2) filled in. Errors: 42622 longer than 63 bytes.';

revoke all on function pgops.partition_name(text, date) from public;
grant execute on function pgops.partition_name(text, date) to pgops_monitor;
