create or replace function pgops.perform_archive(operation pgops.operation, deadline timestamptz) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    root regclass := operation.relation;
    source regclass := (pgops.operation_sources(operation))[1];
    archive text := pgops.archive_of(operation);
    columns text := pgops.archived_columns(source);
    next_block bigint := coalesce((operation.progress ->> 'next_block')::bigint, 0);
    blocks bigint := coalesce((operation.progress ->> 'blocks')::bigint, pgops.relation_blocks(source));
    batch bigint := (operation.options ->> 'batch_blocks')::bigint;
    rows_copied bigint;
begin
    if not pgops.is_old_table(operation, source) then
        raise exception 'the table that was taken out to be archived is gone, or has another name: %', source
            using errcode = 'object_not_in_prerequisite_state';
    end if;
    if not operation.progress ? 'next_block' then
        perform pgops.make_archive(root, source, archive);
    end if;
    if next_block >= blocks then
        perform pgops.run_within(root, format('lock table %s in access exclusive mode', source), deadline);
        perform pgops.compare_archive(operation, source, archive);
        perform pgops.run_as_owner(root, format('drop table %s', source));
        return true;
    end if;
    rows_copied := pgops.run_on_all_rows(root, format(
        'insert into %s (%2$s, archived_at, archive_reason) select %2$s, %3$L::timestamptz, %4$L from only %5$s'
        ' where ctid >= ''(%6$s,0)'' and ctid < ''(%7$s,0)''',
        archive, columns, operation.started_at, operation.arguments ->> 'reason', source, next_block, next_block + batch));
    update pgops.operation as o
    set progress = jsonb_build_object('next_block', next_block + batch, 'blocks', blocks),
        copied_rows = o.copied_rows + rows_copied
    where o.operation_id = operation.operation_id;
    return false;
end
$$;

comment on function pgops.perform_archive(pgops.operation, timestamptz) is
    'Phase archive: copies the next blocks (option batch_blocks) of the detached table into the archive; after the last '
    'ones compares both and drops the table; returns true then. Errors: XX001 they differ (the table stays), 55000 it is '
    'not the table that was taken out. '
    'Locks: ACCESS EXCLUSIVE on the detached table while it is compared.';

revoke all on function pgops.perform_archive(pgops.operation, timestamptz) from public;
grant execute on function pgops.perform_archive(pgops.operation, timestamptz) to pgops_operator;
