create or replace function app.recount_months(lower_bound timestamptz, upper_bound timestamptz) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    first_month date := app.month_of(lower_bound);
    last_month date := app.month_of(upper_bound - interval '1 microsecond');
begin
    return app.count_rows(format(
        $query$
        select app.month_of(date), client_id, operation_type, amount, 1
        from app.t1
        where
            state = 1
            and date >= %1$L::timestamp at time zone 'UTC'
            and date < (%2$L::timestamp + interval '1 month') at time zone 'UTC'
        union all
        select month, client_id, operation_type, -amount, -transactions
        from app.t1_recorded_total
        where month between %1$L and %2$L
        $query$, first_month, last_month
    ));
end
$$;

comment on function app.recount_months(timestamptz, timestamptz) is
    'Counts the months that a range of dates touches anew and adds what is missing or too much to the totals; returns '
    'how many totals changed. Right while others write: truth and totals are read in one snapshot, and the difference '
    'is added, not the truth set. Locks: as app.add_to_totals().';

revoke all on function app.recount_months(timestamptz, timestamptz) from public;
