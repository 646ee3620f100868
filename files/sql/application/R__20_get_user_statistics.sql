create or replace function app.get_user_statistics(
    user_id bigint
) returns table (
    total_entries bigint,
    total_events bigint,
    last_activity timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    -- Each counted by itself: joined, every entry would be counted once an event, and every event once an entry.
    select e.entries, v.events, greatest(e.latest_change, v.latest_event)
    from app.users as u
    cross join lateral (
        select count(*) as entries, max(d.updated_at) as latest_change
        from app.data_entries as d
        where d.user_id = u.id
    ) as e
    cross join lateral (
        select count(*) as events, max(o.created_at) as latest_event
        from app.events as o
        where o.user_id = u.id
    ) as v
    where u.id = get_user_statistics.user_id;
end;

comment on function app.get_user_statistics(bigint) is
    'Of one user: total_entries, total_events (of those that the retention of app.events has left), and last_activity, the later '
    'of the last change of an entry and the last event, null when there is neither. No row for a user who is not there.';

revoke all on function app.get_user_statistics(bigint) from public;
