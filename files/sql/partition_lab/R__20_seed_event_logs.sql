create or replace function app.seed_event_logs(p_rows bigint, p_seed bigint) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    rows_added bigint;
begin
    insert into app.event_logs (created_at, user_id, event_type, payload)
    select
        '2024-01-01Z'::timestamptz + (noise % (366 * 86400000::bigint)) * interval '1 millisecond',
        1 + (noise >> 36) % 1000,
        (array['login', 'logout', 'view', 'purchase', 'error'])[1 + (noise >> 46) % 5],
        jsonb_build_object('session', (noise >> 20) & 65535, 'source', (array['web', 'app'])[1 + (noise >> 50) % 2])
    from app.noise(p_rows, p_seed);
    get diagnostics rows_added = row_count;
    return rows_added;
end
$$;

comment on function app.seed_event_logs(bigint, bigint) is
    'Adds p_rows made-up events of 1,000 users, spread over 2024 (UTC); the same arguments give the same rows but for id. '
    'Returns how many. Needs INSERT on app.event_logs. Locks: ROW EXCLUSIVE.';

revoke all on function app.seed_event_logs(bigint, bigint) from public;
