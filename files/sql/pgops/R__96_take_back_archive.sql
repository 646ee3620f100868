create or replace function pgops.take_back_archive(operation pgops.operation, deadline timestamptz) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    root regclass := operation.relation;
    source regclass := (pgops.operation_sources(operation))[1];
    archive regclass := pgops.find_relation(pgops.archive_of(operation));
    former_name text := (parse_ident(operation.sources #>> '{0,name}'))[2];
begin
    if exists (select from pg_inherits as i where i.inhrelid = source) then
        return; -- still a partition
    elsif source::oid in (select pgops.find_relation(operation.sources #>> '{0,name}')::oid) then
        return; -- detached by somebody else
    elsif not pgops.is_old_table(operation, source) then
        raise exception 'the table that was taken out to be archived is gone, or has another name: %', source
            using errcode = 'object_not_in_prerequisite_state';
    end if;
    if archive is not null then
        perform pgops.run_on_all_rows(root, format('delete from %s as r where r.archived_at = %L::timestamptz', archive,
            operation.started_at));
    end if;
    perform pgops.run_within(root, format('alter table %s rename to %I', source, former_name), deadline);
    perform pgops.log_event('warning', 'operations', operation.relation_name, format('operation %s: %s, with all of its rows, is a table '
        'of its own: ALTER TABLE .. ATTACH PARTITION brings it back', operation.operation_id, operation.sources #>> '{0,name}'),
        operation.arguments);
end
$$;

comment on function pgops.take_back_archive(pgops.operation, timestamptz) is
    'Of an archive that is given up after its partition was taken out: removes the copies that it has made, and gives the table '
    'its former name; it is not attached again, as rows may have come in its place. Nothing before that. '
    'Errors: 55000 it is not the table that was taken out. '
    'Locks: ACCESS EXCLUSIVE on the table.';

revoke all on function pgops.take_back_archive(pgops.operation, timestamptz) from public;
grant execute on function pgops.take_back_archive(pgops.operation, timestamptz) to pgops_operator;
