create or replace function pgops.commit_refusal() returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    commit;
exception
    when invalid_transaction_termination then
        return sqlerrm;
end
$$;

comment on function pgops.commit_refusal() is
    'The words, in the language of the session, in which the server refuses a COMMIT where none can be, as in any function.';

revoke all on function pgops.commit_refusal() from public;
grant execute on function pgops.commit_refusal() to pgops_operator;
