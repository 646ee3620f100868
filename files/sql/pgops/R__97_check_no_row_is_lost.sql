create or replace function pgops.check_no_row_is_lost(operation pgops.operation) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    root regclass := operation.relation;
    tables record := pgops.replay_tables(operation);
    columns text := pgops.readable_columns(root);
    lost bigint;
begin
    perform pgops.replay_keys(operation, pgops.replay_statements(operation, false));
    lost := pgops.value_as_owner(root, format(
        'select count(*) from (select row(%1$s)::text from (%2$s) as r except all select row(%1$s)::text from %3$s as r) as l',
        columns, tables.source, tables.target));
    if lost > 0 then
        raise exception '% rows of the new table are not in the old one, and would be lost', lost
            using errcode = 'data_corrupted', hint = 'Nothing was exchanged. Operation "finish" keeps both tables.';
    end if;
end
$$;

comment on function pgops.check_no_row_is_lost(pgops.operation) is
    'Of an undo that gives up changes: every row of the new table is in the old one, as it is; the old one may have more, which '
    'were taken out of the new one with their partitions. Needs REPEATABLE READ. Errors: XX001 some are not. '
    'Locks: ACCESS SHARE on both.';

revoke all on function pgops.check_no_row_is_lost(pgops.operation) from public;
grant execute on function pgops.check_no_row_is_lost(pgops.operation) to pgops_operator;
