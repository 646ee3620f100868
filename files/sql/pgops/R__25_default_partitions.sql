create or replace function pgops.default_partitions(
    root regclass
) returns table (partition regclass, parent regclass, column_name name, ordered boolean)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    -- First, and as an array: the planner takes the tree for a large one, and would read the whole catalogue for it.
    partitioned oid[] := array(select t.relid::oid from pg_partition_tree(root) as t where not t.isleaf order by t.level);
begin
    return query
    select p.partdefid::regclass, p.partrelid::regclass, a.attname, p.partstrat = 'r'
    from pg_partitioned_table as p
    join pg_attribute as a on a.attrelid = p.partrelid and a.attnum = p.partattrs[0]
    where p.partrelid = any (partitioned) and p.partdefid <> 0
    order by array_position(partitioned, p.partrelid), p.partdefid::regclass::text;
end
$$;

comment on function pgops.default_partitions(regclass) is
    'The default partitions of a table and of the tables nested in it, each with its parent and the column of that one''s '
    'key; ordered: whether that is by RANGE. Reads the catalogue only.';

revoke all on function pgops.default_partitions(regclass) from public;
grant execute on function pgops.default_partitions(regclass) to pgops_monitor;
