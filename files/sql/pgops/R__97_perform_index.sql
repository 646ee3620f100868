create or replace function pgops.perform_index(operation pgops.operation) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    -- Made once: a command for what is there already would not be made again, and those after it would move up.
    commands text[] := coalesce(
        (select array_agg(c.command order by c.number)
            from jsonb_array_elements_text(operation.progress -> 'index') with ordinality as c (command, number)),
        case when operation.method in ('convert', 'follow') then pgops.convert_index_commands(operation)
            else pgops.operation_index_commands(operation) end
    );
    next_command integer := coalesce((operation.progress ->> 'commands_done')::integer, 0) + 1;
begin
    if next_command <= cardinality(commands) then
        perform pgops.run_as_owner(operation.relation, commands[next_command]);
    end if;
    update pgops.operation as o
    set progress = o.progress || jsonb_build_object('commands_done', next_command, 'commands', cardinality(commands), 'index', commands)
    where o.operation_id = operation.operation_id;
    return next_command >= cardinality(commands);
end
$$;

comment on function pgops.perform_index(pgops.operation) is
    'Phase index: makes one index or constraint of a new table after the other, then its statistics; returns true after '
    'the last. Locks: on the new tables only.';

revoke all on function pgops.perform_index(pgops.operation) from public;
grant execute on function pgops.perform_index(pgops.operation) to pgops_operator;
