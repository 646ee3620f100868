create or replace function pgops.is_kept(operation pgops.operation) returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
return operation.phase in (
    'kept', 'keep_up', 'end_catch_up', 'end_compare', 'end_switch', 'return_catch_up', 'return_compare', 'return_switch'
);

comment on function pgops.is_kept(pgops.operation) is
    'Whether the two tables of a conversion are kept in step, or an undo or a finish of it has not come to its switch: another '
    'way to end it may be taken still.';

revoke all on function pgops.is_kept(pgops.operation) from public;
grant execute on function pgops.is_kept(pgops.operation) to pgops_operator;
