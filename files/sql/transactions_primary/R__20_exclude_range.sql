create or replace function app.exclude_range(lower_bound timestamptz, upper_bound timestamptz) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    delete from app.t1_guid as g
    where
        g.date >= lower_bound and g.date < upper_bound
        and not exists (
            select from app.t1 where t1.id = g.id and t1.date = g.date and t1.date >= lower_bound and t1.date < upper_bound
        );
    perform app.recount_months(lower_bound, upper_bound);
end
$$;

comment on function app.exclude_range(timestamptz, timestamptz) is
    'Takes rows that are gone without a trace, because their partition was dropped, out of guids and totals: by its '
    'bounds, since it cannot be read any more. Reads what app.t1 has left within the bounds.';

revoke all on function app.exclude_range(timestamptz, timestamptz) from public;
