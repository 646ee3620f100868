create or replace function pgops.operation_has_switched(operation pgops.operation) returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
return operation.phase in ('uncheck', 'follow_up', 'archive', 'clean', 'kept', 'keep_up')
    or operation.progress ?| array['switched', 'end'];

comment on function pgops.operation_has_switched(pgops.operation) is
    'Whether an operation has exchanged its tables, or taken its partition away, and can only go on from there.';

revoke all on function pgops.operation_has_switched(pgops.operation) from public;
grant execute on function pgops.operation_has_switched(pgops.operation) to pgops_operator;
