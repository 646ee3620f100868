create or replace function pgops.refuse_running_operation(operation pgops.operation) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception 'operation % (% of %) is being run by process %', operation.operation_id, operation.operation,
        operation.relation_name, operation.runner_pid
        using errcode = 'object_in_use', hint = 'SELECT * FROM pgops.operation shows how far it is.';
end
$$;

comment on function pgops.refuse_running_operation(pgops.operation) is 'Raises 55006: another session runs an operation.';

revoke all on function pgops.refuse_running_operation(pgops.operation) from public;
grant execute on function pgops.refuse_running_operation(pgops.operation) to pgops_operator;
