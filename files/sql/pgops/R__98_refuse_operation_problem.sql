create or replace function pgops.refuse_operation_problem(operation_id bigint, problem text) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    operation pgops.operation;
begin
    if problem is null then
        return;
    end if;
    select o.* into operation from pgops.operation as o where o.operation_id = refuse_operation_problem.operation_id;
    -- Whatever a step has said about it.
    perform pgops.check_operation_table(operation);
    raise exception 'operation % (% of %) stopped in phase %: %', operation.operation_id, operation.operation,
        operation.relation_name, operation.phase, problem
        using detail = coalesce('Locks are held by ' || pgops.lock_holders(operation.relation), ''),
            hint = concat(case when operation.phase = 'archive'
                    then format('All rows are there: those of %s in %s, which is no partition any more. ', operation.sources #>> '{0,name}',
                        (operation.sources #>> '{0,oid}')::oid::regclass)
                    else 'The table is whole. ' end,
                format('CALL pgops.operation_resume(%s) goes on once the cause is mended', operation.operation_id),
                case when operation.phase = 'archive'
                    then format(', CALL pgops.operation_cancel(%s) makes it a table of its former name', operation.operation_id)
                when not pgops.operation_has_switched(operation)
                    then format(', CALL pgops.operation_cancel(%s) removes what was made', operation.operation_id) end, '.');
end
$$;

comment on function pgops.refuse_operation_problem(bigint, text) is
    'Raises P0001 when a step of an operation failed, 42P01 when its table was dropped meanwhile.';

revoke all on function pgops.refuse_operation_problem(bigint, text) from public;
grant execute on function pgops.refuse_operation_problem(bigint, text) to pgops_operator;
