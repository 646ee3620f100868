create or replace function pgops.log_event(
    severity text,
    source text,
    object_name text,
    message text,
    details jsonb default '{}'
) returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    insert into pgops.event (severity, source, object_name, message, details)
    values (log_event.severity, log_event.source, log_event.object_name, log_event.message, log_event.details);
end;

comment on function pgops.log_event(text, text, text, text, jsonb) is
    'Logs an event. severity: info, warning, error (else SQLSTATE 23514); object_name may be null. '
    'Security definer, because operators may add events but not change any. Locks: ROW EXCLUSIVE on pgops.event.';

revoke all on function pgops.log_event(text, text, text, text, jsonb) from public;
grant execute on function pgops.log_event(text, text, text, text, jsonb) to pgops_operator;
