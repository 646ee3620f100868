create or replace function pgops.claim_operation(operation_id bigint) returns pgops.operation
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    operation pgops.operation;
begin
    select o.* into operation from pgops.operation as o where o.operation_id = claim_operation.operation_id;
    if not found then
        raise exception 'there is no operation %', claim_operation.operation_id using errcode = 'undefined_object';
    end if;
    if operation.finished_at is null then
        perform pgops.check_operation_table(operation);
    end if;
    perform pgops.check_can_act_on(operation.relation);
    begin
        select o.* into operation from pgops.operation as o
        where o.operation_id = claim_operation.operation_id for update nowait;
    exception
        when lock_not_available then
            perform pgops.refuse_running_operation(operation);
    end;
    if operation.runner_pid <> pg_backend_pid() and pgops.operation_is_run(operation) then
        perform pgops.refuse_running_operation(operation);
    end if;
    if operation.finished_at is null then
        update pgops.operation as o
        set runner_pid = pg_backend_pid(), heartbeat_at = clock_timestamp(), state = pgops.phase_state(o.phase)
        where o.operation_id = claim_operation.operation_id
        returning o.* into operation;
    end if;
    return operation;
end
$$;

comment on function pgops.claim_operation(bigint) is
    'Makes this session the one that runs an operation, unless it is finished; returns its row. Errors: 42704 there is '
    'none, 42P01 its table is gone, 55006 another session runs it, 42501 may not act for the owner.';

revoke all on function pgops.claim_operation(bigint) from public;
grant execute on function pgops.claim_operation(bigint) to pgops_operator;
