create or replace function pgops.prepare_convert_switch(operation pgops.operation, phase text) returns text[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    relation regclass := operation.relation;
    new_table regclass := (operation.targets #>> '{0,oid}')::oid::regclass;
    statements text[] := pgops.replay_statements(operation, true);
    command text;
begin
    -- Once for no keys: the server then knows all of these tables and indexes before anybody waits for it.
    statements := pgops.rehearse_replay(operation, statements);
    case phase
        when 'switch' then
            perform pgops.check_definitions(operation);
            statements := statements || pgops.convert_details(operation)::text || pgops.convert_switch_commands(operation);
            -- Nobody else uses the new table yet: what can be done to it now is not done under locks.
            for command in
                select c.command from pgops.log_trigger_commands(operation, new_table, 'enable statement') as c (command)
            loop
                perform pgops.run_as_owner(relation, command);
            end loop;
            delete from pgops.partition_policy as p where p.parent = relation;
            perform pgops.set_partition_policy(new_table, pgops.convert_policy(relation, operation.arguments));
        when 'return_switch' then
            statements := statements || pgops.return_details(operation)::text || pgops.return_switch_commands(operation);
            delete from pgops.partition_policy as p where p.parent = new_table;
            if operation.progress ->> 'policy' is not null then
                perform pgops.set_partition_policy(relation, operation.progress -> 'policy');
            end if;
        when 'end_switch' then
            statements := statements || (operation.progress || '{"after": []}')::text || pgops.end_switch_commands(operation);
    end case;
    perform pgops.replay_before_locks(operation);
    return statements;
end
$$;

comment on function pgops.prepare_convert_switch(pgops.operation, text) is
    'What a switch of a conversion will run, made and tried before its locks are asked for: the four statements of '
    'pgops.replay_statements(), the progress to be recorded, then the commands. What needs none of these locks is done at once, in '
    'the same transaction: the policy goes over to the table that will be written to. phase: switch, return_switch, end_switch.';

revoke all on function pgops.prepare_convert_switch(pgops.operation, text) from public;
grant execute on function pgops.prepare_convert_switch(pgops.operation, text) to pgops_operator;
