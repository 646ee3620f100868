create or replace function pgops.perform_compare(operation pgops.operation) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    root regclass := operation.relation;
    tables record := pgops.replay_tables(operation);
    old_rows text;
    new_rows text;
    keys_replayed bigint := pgops.replay_keys(operation, pgops.replay_statements(operation, false));
begin
    old_rows := pgops.value_as_owner(root, 'select ' || pgops.rows_digest(root, format('(%s) as r', tables.source), 'true'));
    new_rows := pgops.value_as_owner(root, 'select ' || pgops.rows_digest(root, tables.target || ' as r', 'true'));
    if old_rows is distinct from new_rows then
        raise exception 'the new tables of % do not hold what the old ones hold: (rows, checksum) are % instead of %',
            root, new_rows, old_rows
            using errcode = 'data_corrupted',
                hint = format('Nothing was exchanged. CALL pgops.operation_cancel(%s) removes the copies.', operation.operation_id);
    end if;
    update pgops.operation as o
    set row_count = (string_to_array(trim('()' from old_rows), ','))[1]::bigint,
        checksum = (string_to_array(trim('()' from old_rows), ','))[2]::numeric,
        replayed_keys = o.replayed_keys + keys_replayed
    where o.operation_id = operation.operation_id;
end
$$;

comment on function pgops.perform_compare(pgops.operation) is
    'Phase compare: brings the new tables to the state of the sources and compares both, all rows, in one snapshot: '
    'number and checksum. Needs REPEATABLE READ. Errors: XX001 they differ. Locks: ACCESS SHARE on the sources.';

revoke all on function pgops.perform_compare(pgops.operation) from public;
grant execute on function pgops.perform_compare(pgops.operation) to pgops_operator;
