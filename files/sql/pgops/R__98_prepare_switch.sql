create or replace function pgops.prepare_switch(operation pgops.operation) returns text[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    statements text[] := array[null, null, null, null];
    after_switch text[];
begin
    -- Asked again under the locks; what fails now fails without them.
    perform pgops.check_before_switch(operation);
    if operation.method = 'archive' then
        perform pgops.rehearse_archive(operation);
    end if;
    if operation.method = 'swap' then
        statements := pgops.replay_statements(operation, true);
        -- Once for no keys: the server then knows all of these tables and indexes before anybody waits for it.
        statements := pgops.rehearse_replay(operation, statements);
        -- Who was waited for may have declared something.
        perform pgops.check_definitions(operation);
        after_switch := array(
            select c.command from pgops.operation_carried_keys(operation, 'after_switch') as c order by c.number
        );
        update pgops.operation as o set progress = jsonb_build_object('after_switch', after_switch)
        where o.operation_id = operation.operation_id;
    end if;
    if operation.method = 'attach' then
        perform pgops.check_definitions(operation);
    end if;
    statements := statements || pgops.switch_commands(operation);
    if operation.method = 'swap' then
        perform pgops.replay_before_locks(operation);
    end if;
    return statements;
end
$$;

comment on function pgops.prepare_switch(pgops.operation) is
    'What a switch will run, made and tried before its locks are asked for: four statements that carry the last changed '
    'rows along (nulls where there are none), then the commands of pgops.switch_commands(). Notes what is to follow it.';

revoke all on function pgops.prepare_switch(pgops.operation) from public;
grant execute on function pgops.prepare_switch(pgops.operation) to pgops_operator;
