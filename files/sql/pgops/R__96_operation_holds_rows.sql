create or replace function pgops.operation_holds_rows(operation_id bigint, phase text) returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(bool_or(o.progress ? 'watching'), false) and operation_holds_rows.phase in ('settle_keys', 'wait', 'catch_up')
    from pgops.operation as o
    where o.operation_id = operation_holds_rows.operation_id;
end;

comment on function pgops.operation_holds_rows(bigint, text) is
    'Whether a phase of an operation calls pgops.replay_held_keys(), which needs READ COMMITTED.';

revoke all on function pgops.operation_holds_rows(bigint, text) from public;
grant execute on function pgops.operation_holds_rows(bigint, text) to pgops_operator;
