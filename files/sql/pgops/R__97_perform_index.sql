create or replace function pgops.perform_index(operation pgops.operation, deadline timestamptz) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    -- Made once: which commands are left to be run is not seen in the tables as they become what they are to be.
    commands jsonb := coalesce(operation.progress -> 'commands', to_jsonb(
        case when operation.method in ('convert', 'follow') then pgops.convert_index_commands(operation)
            else pgops.operation_index_commands(operation) end
    ));
    commands_done integer := coalesce((operation.progress ->> 'commands_done')::integer, 0);
begin
    -- What is to be run takes longer to find out than locks may take to obtain: by itself, once.
    if not operation.progress ? 'commands' and jsonb_array_length(commands) > 0 then
        update pgops.operation as o
        set progress = o.progress || jsonb_build_object('commands', commands, 'commands_done', 0)
        where o.operation_id = operation.operation_id;
        return false;
    end if;
    if commands_done < jsonb_array_length(commands) then
        perform pgops.run_within(operation.relation, commands ->> commands_done, deadline);
    end if;
    if operation.method in ('convert', 'follow') and commands_done + 1 >= jsonb_array_length(commands) then
        perform pgops.copy_replica_identity(t.parentrelid, t.relid)
        from pg_partition_tree((operation.targets #>> '{0,oid}')::oid::regclass) as t
        where t.level > 0
        order by t.level, t.relid;
    end if;
    update pgops.operation as o
    set progress = o.progress || jsonb_build_object('commands', commands, 'commands_done', commands_done + 1)
    where o.operation_id = operation.operation_id;
    return commands_done + 1 >= jsonb_array_length(commands);
end
$$;

comment on function pgops.perform_index(pgops.operation, timestamptz) is
    'Phase index: makes one index, key or foreign key of a new table after the other, then its statistics; returns true '
    'after the last. Errors: 55P03 locks not obtained in time. Locks: on the new tables, and for a foreign key SHARE ROW '
    'EXCLUSIVE on the referenced table for a moment, ROW SHARE while rows are looked through.';

revoke all on function pgops.perform_index(pgops.operation, timestamptz) from public;
grant execute on function pgops.perform_index(pgops.operation, timestamptz) to pgops_operator;
