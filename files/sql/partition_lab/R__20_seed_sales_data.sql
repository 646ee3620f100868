create or replace function app.seed_sales_data(p_rows bigint, p_seed bigint) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    rows_added bigint;
begin
    insert into app.sales_data (sale_date, category, product, quantity, amount)
    select
        -- The first two quarters of 2024, which has a 29 February.
        '2024-01-01'::date + (noise % 182)::integer,
        (array['electronics', 'clothing', 'books', 'toys'])[1 + (noise >> 8) % 4],
        format('product %s', 1 + (noise >> 36) % 500),
        1 + (noise >> 16) % 10,
        ((noise >> 40) & 65535) * 0.01
    from app.noise(p_rows, p_seed);
    get diagnostics rows_added = row_count;
    return rows_added;
end
$$;

comment on function app.seed_sales_data(bigint, bigint) is
    'Adds p_rows made-up sales of four categories in the first two quarters of 2024; the same arguments give the same rows '
    'but for id. Returns how many. Needs INSERT on app.sales_data. Locks: ROW EXCLUSIVE.';

revoke all on function app.seed_sales_data(bigint, bigint) from public;
