create or replace function pgops.perform_follow_up(operation pgops.operation, deadline timestamptz) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    commands jsonb := coalesce(operation.progress -> 'after_switch', '[]');
    commands_done integer := coalesce((operation.progress ->> 'after_switch_done')::integer, 0);
begin
    if commands_done < jsonb_array_length(commands) then
        perform pgops.run_within(operation.relation, commands ->> commands_done, deadline);
    end if;
    update pgops.operation as o
    set progress = o.progress || jsonb_build_object('after_switch_done', commands_done + 1)
    where o.operation_id = operation.operation_id;
    return commands_done + 1 >= jsonb_array_length(commands);
end
$$;

comment on function pgops.perform_follow_up(pgops.operation, timestamptz) is
    'Phase follow_up: one command after the other that need not hold up the switch, such as VALIDATE CONSTRAINT of foreign '
    'keys to the table; returns true after the last. Errors: 55P03 locks not obtained in time. Locks: SHARE UPDATE '
    'EXCLUSIVE on tables that refer to it.';

revoke all on function pgops.perform_follow_up(pgops.operation, timestamptz) from public;
grant execute on function pgops.perform_follow_up(pgops.operation, timestamptz) to pgops_operator;
