create or replace function pgops.operation_for_step(operation_id bigint, phase text) returns pgops.operation
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    operation pgops.operation;
begin
    select o.* into operation from pgops.operation as o
    where o.operation_id = operation_for_step.operation_id for update;
    if operation.runner_pid <> pg_backend_pid() then
        perform pgops.refuse_running_operation(operation);
    end if;
    if operation.phase <> operation_for_step.phase then
        return null;
    end if;
    if phase <> 'undo' then
        perform pgops.check_operation_table(operation);
    end if;
    return operation;
end
$$;

comment on function pgops.operation_for_step(bigint, text) is
    'The row of an operation, locked until the transaction ends; null when it is in another phase. Errors: 55006 another '
    'session has taken it over.';

revoke all on function pgops.operation_for_step(bigint, text) from public;
grant execute on function pgops.operation_for_step(bigint, text) to pgops_operator;
