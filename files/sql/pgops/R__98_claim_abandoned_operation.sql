create or replace function pgops.claim_abandoned_operation(operation_id bigint) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    operation pgops.operation;
begin
    select o.* into operation from pgops.operation as o
    where o.operation_id = claim_abandoned_operation.operation_id and o.finished_at is null
        and o.heartbeat_at < clock_timestamp()
            - make_interval(secs => pgops.configuration_value('operation_abandoned_after'))
    for update skip locked;
    if not found or not pgops.may_become(operation.relation_owner) then
        return false;
    end if;
    update pgops.operation as o
    set runner_pid = pg_backend_pid(), heartbeat_at = clock_timestamp(),
        phase = case
            when not pgops.is_same_table(o.relation, o.relation_number, o.relation_owner) then 'undo'
            when o.phase = 'kept' then 'keep_up'
            when o.phase in ('uncheck', 'follow_up', 'archive', 'clean', 'keep_up') or o.progress ?| array['switched', 'end'] then o.phase
            else 'undo'
        end
    where o.operation_id = claim_abandoned_operation.operation_id;
    perform pgops.log_event('warning', 'operations', operation.relation_name, format(
        'operation %s: %s was abandoned in phase %s: it is %s', operation.operation_id, operation.operation, operation.phase,
        case when operation.phase in ('uncheck', 'follow_up', 'archive', 'clean')
            and pgops.is_same_table(operation.relation, operation.relation_number, operation.relation_owner) then 'finished' else 'undone' end), operation.arguments);
    return true;
end
$$;

comment on function pgops.claim_abandoned_operation(bigint) is
    'Makes this session the one that ends an operation which nobody has run for longer than the setting '
    'operation_abandoned_after: before its switch it will be undone, after it finished. Returns false when it is none '
    'such, or this role may not act on its table.';

revoke all on function pgops.claim_abandoned_operation(bigint) from public;
grant execute on function pgops.claim_abandoned_operation(bigint) to pgops_operator;
