create or replace function pgops.perform_keys(operation pgops.operation, deadline timestamptz) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    commands jsonb := coalesce(operation.progress -> 'keys', to_jsonb(pgops.operation_key_commands(operation)));
    commands_done integer := coalesce((operation.progress ->> 'keys_done')::integer, 0);
begin
    if commands_done < jsonb_array_length(commands) then
        perform pgops.run_within(operation.relation, commands ->> commands_done, deadline);
    end if;
    update pgops.operation as o
    set progress = o.progress || jsonb_build_object('keys', commands, 'keys_done', commands_done + 1)
    where o.operation_id = operation.operation_id;
    return commands_done + 1 >= jsonb_array_length(commands);
end
$$;

comment on function pgops.perform_keys(pgops.operation, timestamptz) is
    'Phase keys: gives the new tables one foreign key after the other; returns true after the last. Errors: 55P03 locks not '
    'obtained in time. Locks: SHARE ROW EXCLUSIVE on referenced tables for a moment.';

revoke all on function pgops.perform_keys(pgops.operation, timestamptz) from public;
grant execute on function pgops.perform_keys(pgops.operation, timestamptz) to pgops_operator;
