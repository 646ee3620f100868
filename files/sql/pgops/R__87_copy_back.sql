create or replace function pgops.copy_back(operation pgops.operation) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    relation regclass := operation.relation;
    tables record := pgops.replay_tables(operation);
    columns text := pgops.stored_columns(relation);
begin
    perform pgops.run_as_owner(relation, format('delete from %s', pgops.operation_object(relation, operation.operation_id, 'log')));
    perform pgops.run_as_owner(relation, format('delete from %s', tables.target));
    perform pgops.run_on_all_rows(relation, format('insert into %1$s (%2$s) overriding system value select %2$s from (%3$s) as r',
        tables.target, columns, tables.source));
end
$$;

comment on function pgops.copy_back(pgops.operation) is
    'Phase copy_back of a conversion: copies all rows of the table that is written to into the one that is kept in step, after '
    'a TRUNCATE. Needs one snapshot: REPEATABLE READ.';

revoke all on function pgops.copy_back(pgops.operation) from public;
grant execute on function pgops.copy_back(pgops.operation) to pgops_operator;
