create or replace function pgops.complete_event(event_id bigint, details jsonb) returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    update pgops.event as e
    set details = complete_event.details || e.details
    where e.event_id = complete_event.event_id and e.logged_by = session_user;
end;

comment on function pgops.complete_event(bigint, jsonb) is
    'Adds details to an event of the same session user; what it has already stays as it is. Security definer, because '
    'operators may not change events otherwise. Locks: ROW EXCLUSIVE on pgops.event.';

revoke all on function pgops.complete_event(bigint, jsonb) from public;
grant execute on function pgops.complete_event(bigint, jsonb) to pgops_operator;
