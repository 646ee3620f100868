create or replace function pgops.claim_for_undo(operation_id bigint) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    operation pgops.operation;
    is_there boolean;
begin
    select o.* into operation from pgops.operation as o where o.operation_id = claim_for_undo.operation_id;
    if not found then
        raise exception 'there is no operation %', operation_id using errcode = 'undefined_object';
    end if;
    is_there := pgops.is_same_table(operation.relation, operation.relation_number, operation.relation_owner);
    if is_there then
        perform pgops.check_can_act_on(operation.relation);
    elsif not pgops.may_become(operation.relation_owner) then
        raise exception 'permission denied for operation %: role "%" may not SET ROLE to "%", to whom % belonged', operation.operation_id,
            current_user, operation.relation_owner, operation.relation_name using errcode = 'insufficient_privilege';
    end if;
    select o.* into operation from pgops.operation as o where o.operation_id = claim_for_undo.operation_id for update;
    if operation.finished_at is not null or pgops.operation_has_switched(operation) and operation.phase <> 'archive'
        and is_there
    then
        raise exception 'operation % (% of %) is % and cannot be cancelled', operation.operation_id, operation.operation,
            operation.relation_name, operation.state using errcode = 'object_not_in_prerequisite_state';
    end if;
    update pgops.operation as o
    set runner_pid = pg_backend_pid(), heartbeat_at = clock_timestamp(), phase = 'undo', state = pgops.phase_state('undo')
    where o.operation_id = claim_for_undo.operation_id;
end
$$;

comment on function pgops.claim_for_undo(bigint) is
    'Makes this session the one that undoes an operation; who runs it finds out at the next step. Errors: 42704 there is '
    'none, 55000 it has switched already, 42501 may not act for the owner.';

revoke all on function pgops.claim_for_undo(bigint) from public;
grant execute on function pgops.claim_for_undo(bigint) to pgops_operator;
