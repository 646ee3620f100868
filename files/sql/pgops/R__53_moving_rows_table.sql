create or replace function pgops.moving_rows_table(parent regclass) returns text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select format('%s.%I', c.relnamespace::regnamespace, 'pgops_moving_rows_of_' || c.oid)
    from pg_class as c where c.oid = parent;
end;

comment on function pgops.moving_rows_table(regclass) is
    'Name, with schema, of the table that holds rows between two partitions within one transaction.';

revoke all on function pgops.moving_rows_table(regclass) from public;
grant execute on function pgops.moving_rows_table(regclass) to pgops_operator;
