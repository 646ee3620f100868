create or replace function pgops.put_rows(
    parent regclass,
    target regclass,
    holder text,
    expected_rows bigint
) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    columns text := pgops.stored_columns(parent);
    rows_put bigint;
begin
    rows_put := pgops.run_without_user_triggers(parent, target, format(
        'insert into %1$s (%2$s) overriding system value select %2$s from %3$s', target, columns, holder));
    if rows_put <> expected_rows then
        raise exception '% rows were to move into %, but % arrived', expected_rows, target, rows_put
            using errcode = 'data_exception', hint = 'Look for rules on the partition; nothing was changed.';
    end if;
    perform pgops.run_as_owner(parent, format('drop table %s', holder));
end
$$;

comment on function pgops.put_rows(regclass, regclass, text, bigint) is
    'Puts the rows that pgops.take_rows() holds into a partition and drops the holder. '
    'Errors: 22000 another number of rows than expected arrived. Locks: SHARE ROW EXCLUSIVE on the partition.';

revoke all on function pgops.put_rows(regclass, regclass, text, bigint) from public;
grant execute on function pgops.put_rows(regclass, regclass, text, bigint) to pgops_operator;
