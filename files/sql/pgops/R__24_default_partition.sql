create or replace function pgops.default_partition(parent regclass) returns regclass
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select p.partdefid::regclass from pg_partitioned_table as p where p.partrelid = parent and p.partdefid <> 0;
end;

comment on function pgops.default_partition(regclass) is
    'The default partition of a table, whatever its name; null where there is none.';

revoke all on function pgops.default_partition(regclass) from public;
grant execute on function pgops.default_partition(regclass) to pgops_monitor;
