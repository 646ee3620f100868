create or replace procedure pgops.operation_resume(operation_id bigint)
language plpgsql
as $$
begin
    call pgops.check_can_commit('pgops.operation_resume');
    perform pgops.claim_to_resume(operation_id);
    call pgops.run_operation(operation_id);
end
$$;

comment on routine pgops.operation_resume(bigint) is
    'Goes on with an operation that is not finished; does nothing for one that is. Errors: 42704 there is none, and '
    'those of pgops.operation_apply().';

revoke all on procedure pgops.operation_resume(bigint) from public;
grant execute on procedure pgops.operation_resume(bigint) to pgops_operator;
