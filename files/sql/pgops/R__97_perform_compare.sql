create or replace function pgops.perform_compare(operation pgops.operation) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    root regclass := operation.relation;
    tables record := pgops.replay_tables(operation);
    compared text := 'true';
    rows_in_all bigint;
    keys_replayed bigint := 0;
    old_rows text;
    new_rows text;
    -- Before rows are read: what comes later is another one.
    files jsonb := pgops.compared_files(operation);
begin
    if operation.progress ? 'watching' then
        -- Rows cannot be held in one snapshot: those whose keys are noted are compared in the switch.
        compared := format('not exists (select from %s as k where %s)', pgops.operation_object(root, operation.operation_id, 'log'), (
            select string_agg(format('k.k%s %s r.%s', k.number, k.key ->> 'equals', k.key ->> 'name'), ' and ' order by k.number)
            from jsonb_array_elements(operation.key_columns) with ordinality as k (key, number)
        ));
        rows_in_all := pgops.value_as_owner(root, format('select count(*) from (%s) as r', tables.source));
    else
        keys_replayed := pgops.replay_keys(operation, pgops.replay_statements(operation, false));
    end if;
    old_rows := pgops.value_as_owner(root, 'select ' || pgops.rows_digest(root, format('(%s) as r', tables.source), compared));
    new_rows := pgops.value_as_owner(root, 'select ' || pgops.rows_digest(root, tables.target || ' as r', compared));
    if old_rows is distinct from new_rows and operation.progress ? 'end' then
        raise exception 'the two tables of the conversion differ: (rows, checksum) are % in the table that is written to, and % in the old one',
            old_rows, new_rows
            using errcode = 'data_corrupted', hint = case operation.progress ->> 'end'
                when 'finish' then 'Rows whose partitions were dropped, detached or archived since are in the old table only. '
                    'Operation "finish" without "drop_old" keeps both.'
                else 'Rows whose partitions were dropped, detached or archived since are in the old table only: '
                    '"discard_changes": true gives them back with it. Operation "finish" keeps both tables.' end;
    elsif old_rows is distinct from new_rows then
        raise exception 'the new tables of % do not hold what the old ones hold: (rows, checksum) are % instead of %',
            root, new_rows, old_rows
            using errcode = 'data_corrupted',
                hint = format('Nothing was exchanged. CALL pgops.operation_cancel(%s) removes the copies.', operation.operation_id);
    end if;
    update pgops.operation as o
    set row_count = coalesce(rows_in_all, (string_to_array(trim('()' from old_rows), ','))[1]::bigint),
        checksum = (string_to_array(trim('()' from old_rows), ','))[2]::numeric,
        replayed_keys = o.replayed_keys + keys_replayed, progress = o.progress || jsonb_build_object('compared_files', files)
    where o.operation_id = operation.operation_id;
end
$$;

comment on function pgops.perform_compare(pgops.operation) is
    'Phase compare: brings the new tables to the state of the sources and compares both, all rows, in one snapshot: '
    'number and checksum; where copies have foreign keys, all rows but '
    'those that changed since they were carried along. Needs REPEATABLE READ. Errors: XX001 they differ. Locks: ACCESS SHARE on the sources.';

revoke all on function pgops.perform_compare(pgops.operation) from public;
grant execute on function pgops.perform_compare(pgops.operation) to pgops_operator;
