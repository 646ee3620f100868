create or replace function pgops.compare_archive(operation pgops.operation, source regclass, archive text) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    root regclass := operation.relation;
    columns text := pgops.archived_columns(source);
    old_rows text := pgops.value_as_owner(root, 'select ' || pgops.rows_digest(source, source || ' as r', 'true', columns));
    kept_rows text := pgops.value_as_owner(root, 'select ' || pgops.rows_digest(source, archive || ' as r',
        format('r.archived_at = %L::timestamptz', operation.started_at), columns));
begin
    if old_rows is distinct from kept_rows then
        raise exception '% does not hold what % holds: (rows, checksum) are % instead of %', archive, source, kept_rows, old_rows
            using errcode = 'data_corrupted', hint = format('%s stays as it is.', source);
    end if;
    update pgops.operation as o
    set row_count = (string_to_array(trim('()' from old_rows), ','))[1]::bigint,
        checksum = (string_to_array(trim('()' from old_rows), ','))[2]::numeric
    where o.operation_id = operation.operation_id;
end
$$;

comment on function pgops.compare_archive(pgops.operation, regclass, text) is
    'Raises XX001 unless the archive holds exactly the rows of the detached table, by number and checksum.';

revoke all on function pgops.compare_archive(pgops.operation, regclass, text) from public;
grant execute on function pgops.compare_archive(pgops.operation, regclass, text) to pgops_operator;
