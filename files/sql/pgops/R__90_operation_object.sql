create or replace function pgops.operation_object(relation regclass, operation_id bigint, part text) returns text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select format('%s.%I', c.relnamespace::regnamespace, concat_ws('_', 'pgops_operation', operation_id, part))
    from pg_class as c where c.oid = relation;
end;

comment on function pgops.operation_object(regclass, bigint, text) is
    'Name, with schema, of something that is made for an operation and gone after it: log (keys of changed rows, and the '
    'trigger function that writes them), old_log (one that was replaced), route (a partitioned table that sends rows to the new tables), new_1, old_1.';

revoke all on function pgops.operation_object(regclass, bigint, text) from public;
grant execute on function pgops.operation_object(regclass, bigint, text) to pgops_operator;
