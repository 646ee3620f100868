create or replace function pgops.prepare_convert_switch(operation pgops.operation, phase text) returns text[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    statements text[] := pgops.replay_statements(operation, true);
begin
    -- Once for no keys: the server then knows all of these tables and indexes before anybody waits for it.
    perform pgops.rehearse_replay(operation, statements);
    return statements || case phase
        when 'switch' then pgops.convert_details(operation)::text || pgops.convert_switch_commands(operation)
        when 'return_switch' then pgops.return_details(operation)::text || pgops.return_switch_commands(operation)
        else (operation.progress || '{"after": []}')::text || pgops.end_switch_commands(operation)
    end;
end
$$;

comment on function pgops.prepare_convert_switch(pgops.operation, text) is
    'What a switch of a conversion will run, made and tried before its locks are asked for: the four statements of '
    'pgops.replay_statements(), the progress to be recorded, then the commands. phase: switch, return_switch, end_switch.';

revoke all on function pgops.prepare_convert_switch(pgops.operation, text) from public;
grant execute on function pgops.prepare_convert_switch(pgops.operation, text) to pgops_operator;
