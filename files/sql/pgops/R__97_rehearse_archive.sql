create or replace function pgops.rehearse_archive(operation pgops.operation) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    root regclass := operation.relation;
    source regclass := (pgops.operation_sources(operation))[1];
    archive text := pgops.archive_of(operation);
    columns text := pgops.archived_columns(source);
    tried bigint;
    kept bigint;
begin
    perform pgops.make_archive(root, source, archive);
    -- Whoever writes between the two statements makes them differ, but not each time.
    for try in 1 .. 3 loop
        begin
            tried := pgops.value_as_owner(root, format('select count(*) from (select from only %s limit 1000) as r', source));
            perform pgops.run_on_all_rows(root, format(
                'insert into %s (%2$s, archived_at, archive_reason) select %2$s, %3$L::timestamptz, %4$L from only %5$s limit 1000',
                archive, columns, operation.started_at, operation.arguments ->> 'reason', source));
            kept := pgops.value_as_owner(root, format('select count(*) from %s as r where r.archived_at = %L::timestamptz', archive,
                operation.started_at));
            -- What was put there to try is taken back with this.
            raise exception 'rehearsed' using errcode = 'PG005';
        exception
            when sqlstate 'PG005' then
                null;
        end;
        exit when tried = kept;
    end loop;
    if tried <> kept then
        raise exception '% does not keep the rows as they are put into it: of % it has %', archive, tried, kept
            using errcode = 'object_not_in_prerequisite_state', hint = 'A trigger, a rule or row-level security of it drops some.';
    end if;
end
$$;

comment on function pgops.rehearse_archive(pgops.operation) is
    'Before a partition is taken out of its table to be archived: makes the archive, and tries with up to 1000 rows whether it takes '
    'them, leaving none. Errors: those of the archive; 55000 it does not keep what is put into it.';

revoke all on function pgops.rehearse_archive(pgops.operation) from public;
grant execute on function pgops.rehearse_archive(pgops.operation) to pgops_operator;
