create or replace function app.seed_orders_by_region(p_rows bigint, p_seed bigint) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    rows_added bigint;
begin
    insert into app.orders_by_region (region, customer_id, ordered_at, amount, status)
    select
        (array['north_america', 'europe', 'asia_pacific', 'south_america', 'africa'])[1 + (noise >> 8) % 5],
        1 + (noise >> 36) % 1000,
        '2024-01-01Z'::timestamptz + (noise % (366 * 86400000::bigint)) * interval '1 millisecond',
        ((noise >> 40) & 65535) * 0.01,
        (array['new', 'paid', 'shipped', 'returned'])[1 + (noise >> 16) % 4]
    from app.noise(p_rows, p_seed);
    get diagnostics rows_added = row_count;
    return rows_added;
end
$$;

comment on function app.seed_orders_by_region(bigint, bigint) is
    'Adds p_rows made-up orders of five regions, two of which have no partition of their own; the same arguments give the '
    'same rows but for id. Returns how many. Needs INSERT on app.orders_by_region. Locks: ROW EXCLUSIVE.';

revoke all on function app.seed_orders_by_region(bigint, bigint) from public;
