create or replace function pgops.begin_event(
    severity text,
    source text,
    object_name text,
    message text,
    details jsonb
) returns bigint
language sql
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    insert into pgops.event (severity, source, object_name, message, details)
    values (begin_event.severity, begin_event.source, begin_event.object_name, begin_event.message, begin_event.details)
    returning event_id;
end;

comment on function pgops.begin_event(text, text, text, text, jsonb) is
    'Logs an event as pgops.log_event() does and returns its number, by which pgops.complete_event() adds what is known only '
    'when the transaction is over. Security definer, as there. Locks: ROW EXCLUSIVE on pgops.event.';

revoke all on function pgops.begin_event(text, text, text, text, jsonb) from public;
grant execute on function pgops.begin_event(text, text, text, text, jsonb) to pgops_operator;
