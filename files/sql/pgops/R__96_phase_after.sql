create or replace function pgops.phase_after(operation pgops.operation, phase text) returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
return (pgops.operation_phases(operation.method))[array_position(pgops.operation_phases(operation.method), phase) + 1];

comment on function pgops.phase_after(pgops.operation, text) is 'The phase of an operation that follows on another.';

revoke all on function pgops.phase_after(pgops.operation, text) from public;
grant execute on function pgops.phase_after(pgops.operation, text) to pgops_operator;
