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
    if operation.relation_number <> operation.relation then
        raise exception 'operation % of % was begun in another database, and does not know the tables of this one', operation.operation_id,
            operation.relation_name using errcode = 'object_not_in_prerequisite_state',
            hint = format('CALL pgops.operation_cancel(%s) removes what was made for it, but no table that may hold the only rows.',
                operation.operation_id);
    elsif not pgops.is_same_table(operation.relation, operation.relation_number, operation.relation_owner) then
        raise exception 'the table % belonged to "%" when operation % was begun, and belongs to "%" now', operation.relation,
            operation.relation_owner, operation.operation_id,
            (select pg_get_userbyid(c.relowner) from pg_class as c where c.oid = operation.relation)
            using errcode = 'object_not_in_prerequisite_state',
                hint = format('ALTER TABLE %s OWNER TO %I lets it go on; CALL pgops.operation_cancel(%s) ends it.', operation.relation,
                    operation.relation_owner, operation.operation_id);
    end if;
end
$$;

comment on function pgops.check_operation_table(pgops.operation) is
    'Raises when the table of an operation was dropped meanwhile, or is not the one of which it was begun (pgops.is_same_table()). '
    'Errors: 42P01 dropped, 55000 begun in another database, or the table has another owner.';

revoke all on function pgops.check_operation_table(pgops.operation) from public;
grant execute on function pgops.check_operation_table(pgops.operation) to pgops_operator;
