create or replace function pgops.perform_convert_phase(
    operation pgops.operation,
    phase text,
    prepared text[],
    deadline timestamptz,
    out next_phase text,
    out keys bigint,
    out obtained_at timestamptz
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    few_keys bigint := (operation.options ->> 'max_replay_keys')::bigint;
    -- How the names of the phases of an undo and of a finish begin.
    way text := split_part(phase, '_', 1);
    files jsonb;
begin
    case
        when phase in ('create', 'restart') and operation.progress ? 'switched' then
            next_phase := 'copy_back';
        when phase in ('create', 'restart') then
            perform pgops.perform_convert_create(operation);
            next_phase := 'capture';
        when phase in ('switch', 'return_switch', 'end_switch') then
            obtained_at := pgops.perform_convert_switch(operation, phase, prepared, deadline);
            next_phase := case phase when 'switch' then 'after' when 'return_switch' then 'return_after' else 'end_clean' end;
        when phase in ('after', 'return_after') then
            next_phase := case when not pgops.perform_convert_after(operation, deadline) then phase
                when phase = 'after' then 'kept' else 'return_clean' end;
            if next_phase = 'kept' then
                -- An undo would take back what is changed of it from now on.
                update pgops.operation as o
                set progress = o.progress || jsonb_build_object('kept_definition',
                    pgops.table_definition((operation.targets #>> '{0,oid}')::oid::regclass))
                where o.operation_id = operation.operation_id;
            end if;
        when phase = 'publish' then
            perform pgops.publish_converted_table(operation);
            next_phase := 'kept';
        when phase = 'copy_back' then
            perform pgops.copy_back(operation);
            next_phase := case operation.progress ->> 'end' when 'undo' then 'return_catch_up' when 'finish' then 'end_catch_up'
                else 'kept' end;
        when phase in ('keep_up', 'return_catch_up', 'end_catch_up') then
            keys := pgops.replay_keys(operation, pgops.replay_statements(operation, false));
            next_phase := case when keys > few_keys and pgops.fewer_keys_come(operation, keys) then phase when phase = 'keep_up' then 'kept'
                when operation.progress ? 'compared'
                    -- Nothing is dropped: rows that have been taken out of the new table since stay in the old one.
                    or way = 'end' and operation.method = 'convert' and operation.progress -> 'drop_old' is distinct from 'true'
                then way || '_switch' else way || '_compare' end;
        when phase in ('return_compare', 'end_compare') then
            files := pgops.compared_files(operation);
            if operation.progress -> 'discard_changes' = 'true' then
                perform pgops.check_no_row_is_lost(operation);
            else
                perform pgops.perform_compare(operation);
            end if;
            update pgops.operation as o
            set progress = o.progress || jsonb_build_object('compared', true, 'compared_files', files)
            where o.operation_id = operation.operation_id;
            next_phase := way || '_switch';
        when phase in ('return_clean', 'end_clean') then
            perform pgops.perform_convert_clean(operation, deadline);
            next_phase := case way when 'return' then 'undone' else 'done' end;
    end case;
end
$$;

comment on function pgops.perform_convert_phase(pgops.operation, text, text[], timestamptz) is
    'Does one step of a phase that only conversions have. Returns the phase that follows, the number of keys of changed rows '
    'carried along, and when the locks of a switch were obtained. Errors: those of the phases.';

revoke all on function pgops.perform_convert_phase(pgops.operation, text, text[], timestamptz) from public;
grant execute on function pgops.perform_convert_phase(pgops.operation, text, text[], timestamptz) to pgops_operator;
