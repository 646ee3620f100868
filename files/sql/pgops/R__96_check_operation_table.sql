create or replace function pgops.check_operation_table(operation pgops.operation) returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- Asks the catalogue as it is now, which a query in REPEATABLE READ does not.
    if has_table_privilege(operation.relation::oid, 'SELECT') is null then
        raise exception 'the table % of operation % is gone', operation.relation_name, operation.operation_id
            using errcode = 'undefined_table',
                hint = format('CALL pgops.operation_cancel(%s) removes what was made for it.', operation.operation_id);
    end if;
end
$$;

comment on function pgops.check_operation_table(pgops.operation) is
    'Raises when the table of an operation was dropped meanwhile. Errors: 42P01.';

revoke all on function pgops.check_operation_table(pgops.operation) from public;
grant execute on function pgops.check_operation_table(pgops.operation) to pgops_operator;
