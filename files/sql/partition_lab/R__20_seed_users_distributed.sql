create or replace function app.seed_users_distributed(p_rows bigint, p_seed bigint) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    rows_added bigint;
begin
    insert into app.users_distributed (username, email, country, registration_date, active)
    select
        format('user%s', row_number),
        format('user%s@example.%s', row_number, (array['com', 'net', 'org'])[1 + (noise >> 8) % 3]),
        (array['US', 'DE', 'FR', 'GB', 'JP', 'BR', 'IN', 'CA'])[1 + (noise >> 16) % 8],
        '2023-01-01'::date + (noise % 731)::integer,
        (noise >> 24) % 10 > 0
    from app.noise(p_rows, p_seed);
    get diagnostics rows_added = row_count;
    return rows_added;
end
$$;

comment on function app.seed_users_distributed(bigint, bigint) is
    'Adds p_rows made-up users of eight countries, registered in 2023 and 2024; the same arguments give the same rows but '
    'for id. Returns how many. Needs INSERT on app.users_distributed. Locks: ROW EXCLUSIVE.';

revoke all on function app.seed_users_distributed(bigint, bigint) from public;
