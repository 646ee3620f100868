create or replace function pgops.table_leaves(relation regclass) returns setof regclass
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select t.relid
    from pg_partition_tree(relation) as t
    where t.isleaf and t.relid <> relation
    union all
    select c.oid from pg_class as c where c.oid = relation and c.relkind <> 'p';
end;

comment on function pgops.table_leaves(regclass) is
    'The tables that hold the rows of a table: itself, or its partitions at the lowest level.';

revoke all on function pgops.table_leaves(regclass) from public;
grant execute on function pgops.table_leaves(regclass) to pgops_operator;
