create or replace procedure pgops.run_operation(operation_id bigint)
language plpgsql
as $$
declare
    problem text;
begin
    call pgops.run_operation_steps(operation_id, problem);
    perform pgops.refuse_operation_problem(operation_id, problem);
end
$$;

comment on routine pgops.run_operation(bigint) is
    'Runs an operation that this session has claimed, until it is done. Errors: P0001 a step failed, or its locks were not '
    'obtained in lock_tries tries; 2D000 called within a transaction. No search_path is set, because a procedure with '
    'settings may not commit.';

revoke all on procedure pgops.run_operation(bigint) from public;
grant execute on procedure pgops.run_operation(bigint) to pgops_operator;
