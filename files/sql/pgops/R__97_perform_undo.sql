create or replace function pgops.perform_undo(operation pgops.operation, deadline timestamptz) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    root regclass := operation.relation;
    left_over record;
begin
    if not pgops.is_same_table(root, operation.relation_number, operation.relation_owner) then
        perform pgops.release_tables(operation, deadline);
        perform pgops.drop_orphaned_tables(operation);
    else
        for left_over in
            select format('drop trigger %I on %s', t.tgname, t.tgrelid::regclass) as command
            from pg_trigger as t
            where t.tgrelid = any (pgops.operation_sources(operation)) and t.tgname in (
                'pgops_operation_' || operation.operation_id, 'pgops_operation_' || operation.operation_id || '_truncate'
            )
            union all
            select format('alter table %s drop constraint %I', k.conrelid::regclass, k.conname)
            from pg_constraint as k
            where k.conrelid = pgops.default_partition(root) and k.conname = 'pgops_operation_' || operation.operation_id
        loop
            perform pgops.run_within(root, left_over.command, deadline);
        end loop;
        perform pgops.drop_new_tables(operation);
        perform pgops.drop_key_log(operation);
        if operation.method = 'archive' then
            perform pgops.take_back_archive(operation, deadline);
        end if;
    end if;
    update pgops.operation as o set finished_at = clock_timestamp() where o.operation_id = operation.operation_id;
    perform pgops.log_event('warning', 'operations', operation.relation_name,
        format('operation %s: %s cancelled', operation.operation_id, operation.operation), operation.arguments);
end
$$;

comment on function pgops.perform_undo(pgops.operation, timestamptz) is
    'Phase undo: removes the triggers, the CHECK on the default partition, and the tables that were made for an operation '
    'before its switch; of an archive after it, the copies, and the partition has its name again; of a table that is '
    'gone, or another one now (pgops.is_same_table()), what is known by its name. '
    'Errors: 55P03 locks not obtained in time. '
    'Locks: ACCESS EXCLUSIVE on the sources and the default partition.';

revoke all on function pgops.perform_undo(pgops.operation, timestamptz) from public;
grant execute on function pgops.perform_undo(pgops.operation, timestamptz) to pgops_operator;
