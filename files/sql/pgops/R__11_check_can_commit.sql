create or replace procedure pgops.check_can_commit(procedure_name text)
language plpgsql
as $$
declare
    refusal text;
begin
    -- A block that handles exceptions never commits, so trying costs nothing. Of the two reasons to refuse, which share
    -- one SQLSTATE, the server looks for the transaction of the caller before it looks for that of the block.
    begin
        commit;
    exception
        when invalid_transaction_termination then
            refusal := sqlerrm;
    end;
    if refusal operator(pg_catalog.=) pgops.commit_refusal() then
        raise exception '%() commits as it goes and cannot run inside a transaction block', procedure_name
            using errcode = 'invalid_transaction_termination',
                hint = pg_catalog.format('CALL %s() by itself: with autocommit on, not between BEGIN and COMMIT, not in '
                    'one string with other statements, and not from a function.', procedure_name);
    end if;
end
$$;

comment on routine pgops.check_can_commit(text) is
    'Raises unless a COMMIT is possible where it is called, so that a procedure can refuse before it has begun. '
    'procedure_name: of the procedure that asks, with schema. Errors: 2D000 called inside a transaction block or from a '
    'function. No search_path is set, because a procedure with settings may not commit.';

revoke all on procedure pgops.check_can_commit(text) from public;
grant execute on procedure pgops.check_can_commit(text) to pgops_operator;
