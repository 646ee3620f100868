create or replace function app.month_share(
    generation app.generation,
    month_number integer,
    out month date,
    out row_count bigint,
    out first_id bigint
)
language sql
immutable
set search_path = pg_catalog, pg_temp
begin atomic
    -- The first months take one row more where the rows do not divide evenly.
    select
        (generation.first_month + month_number * interval '1 month')::date,
        generation.row_count / generation.months + (month_number < generation.row_count % generation.months)::integer,
        generation.first_id + month_number * (generation.row_count / generation.months)
            + least(month_number, generation.row_count % generation.months);
end;

comment on function app.month_share(app.generation, integer) is
    'What a month of a run (counted from 0) gets: its first day, number of rows, and the first of its ids.';

revoke all on function app.month_share(app.generation, integer) from public;
