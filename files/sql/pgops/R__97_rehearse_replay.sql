create or replace function pgops.rehearse_replay(operation pgops.operation, statements text[]) returns text[]
language plpgsql
set search_path = pg_catalog, pg_temp
set row_security = off -- an error rather than rows unseen
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
    previous_role text := pgops.become_owner(operation.relation);
    rehearsed text[] := statements;
    statement_name text;
begin
    for number in 2 .. 4 loop
        statement_name := format('pgops_operation_%s', number);
        if exists (select from pg_prepared_statements as p where p.name = statement_name) then
            execute format('deallocate %I', statement_name);
        end if;
        execute format('prepare %I (text) as %s', statement_name, statements[number]);
        execute format('execute %I (%L)', statement_name, '{}');
        rehearsed[number] := format('execute %I ', statement_name) || '(%L)';
    end loop;
    perform set_config('role', previous_role, true);
    return rehearsed;
end
$$;

comment on function pgops.rehearse_replay(pgops.operation, text[]) is
    'Prepares the statements of pgops.replay_statements() that carry rows along, for plans with indexes, and runs them for no '
    'keys at all, so that under locks nothing need be planned or looked up for the first time. Returns the statements to be '
    'run then, in which %L stands for the keys.';

revoke all on function pgops.rehearse_replay(pgops.operation, text[]) from public;
grant execute on function pgops.rehearse_replay(pgops.operation, text[]) to pgops_operator;
