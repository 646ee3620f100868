create or replace function pgops.is_same_table(relation regclass, relation_number oid, relation_owner name) returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select exists(
        select from pg_class as c
        where c.oid = relation
            and c.oid = relation_number
            and pg_get_userbyid(c.relowner) = relation_owner
            -- Anybody may own one of these.
            and c.relpersistence <> 't'
    );
end;

comment on function pgops.is_same_table(regclass, oid, name) is
    'Whether the table of an operation is there, is the one of which the operation was begun, and belongs to whom it belonged then. '
    'The arguments are columns of pgops.operation.';

revoke all on function pgops.is_same_table(regclass, oid, name) from public;
grant execute on function pgops.is_same_table(regclass, oid, name) to pgops_operator;
