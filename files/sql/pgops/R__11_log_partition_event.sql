create or replace function pgops.log_partition_event(
    severity text,
    parent regclass,
    message text,
    details jsonb default '{}'
) returns void
language sql
set search_path = pg_catalog, pg_temp
begin atomic
    select pgops.log_event(severity, 'partitions', parent::text, message, details);
end;

comment on function pgops.log_partition_event(text, regclass, text, jsonb) is
    'Logs an event of source "partitions" about a table. Errors and locks: as pgops.log_event().';

revoke all on function pgops.log_partition_event(text, regclass, text, jsonb) from public;
grant execute on function pgops.log_partition_event(text, regclass, text, jsonb) to pgops_operator;
