create or replace procedure pgops.operation_cancel(operation_id bigint)
language plpgsql
as $$
begin
    call pgops.check_can_commit('pgops.operation_cancel');
    perform pgops.claim_for_undo(operation_id);
    call pgops.run_operation(operation_id);
end
$$;

comment on routine pgops.operation_cancel(bigint) is
    'Takes back an operation before its switch: removes its triggers and tables, which hold copies only. Waits for the '
    'step that is under way; who runs the operation is told at the next one. Errors: 42704 there is none, 55000 it has '
    'switched already, P0001 locks not obtained, 2D000 inside a transaction block. '
    'Locks: ACCESS EXCLUSIVE on the sources and the default partition, for the time of lock_budget_ms.';

revoke all on procedure pgops.operation_cancel(bigint) from public;
grant execute on procedure pgops.operation_cancel(bigint) to pgops_operator;
