create or replace function pgops.rehearse_replay(operation pgops.operation, statements text[]) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set row_security = off -- an error rather than rows unseen
as $$
declare
    previous_role text := pgops.become_owner(operation.relation);
    statement text;
begin
    foreach statement in array statements[2 : 4] loop
        execute statement using '{}';
    end loop;
    perform set_config('role', previous_role, true);
end
$$;

comment on function pgops.rehearse_replay(pgops.operation, text[]) is
    'Runs the statements of pgops.replay_statements() for no keys at all, so that nothing need be looked up for the first '
    'time under locks.';

revoke all on function pgops.rehearse_replay(pgops.operation, text[]) from public;
grant execute on function pgops.rehearse_replay(pgops.operation, text[]) to pgops_operator;
