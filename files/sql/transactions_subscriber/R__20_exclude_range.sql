create or replace function app.exclude_range(lower_bound timestamptz, upper_bound timestamptz) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform app.recount_months(lower_bound, upper_bound);
end
$$;

comment on function app.exclude_range(timestamptz, timestamptz) is
    'Takes rows that are gone without a trace, because their partition was dropped, out of the totals: by its bounds, '
    'since it cannot be read any more. Reads what app.t1 has left within the bounds.';

revoke all on function app.exclude_range(timestamptz, timestamptz) from public;
