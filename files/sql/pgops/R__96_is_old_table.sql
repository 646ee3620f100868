create or replace function pgops.is_old_table(operation pgops.operation, relation regclass) returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select exists(
        select from jsonb_array_elements(operation.sources) with ordinality as s (source, number)
        join pg_class as c on c.oid = (s.source ->> 'oid')::oid
        where c.oid = is_old_table.relation
            and c.relname = format('pgops_operation_%s_old_%s', operation.operation_id, s.number)
    );
end;

comment on function pgops.is_old_table(pgops.operation, regclass) is
    'Whether a relation is one that an operation has taken out of its table to drop it: by its OID and by the name that it got then.';

revoke all on function pgops.is_old_table(pgops.operation, regclass) from public;
grant execute on function pgops.is_old_table(pgops.operation, regclass) to pgops_operator;
