create or replace function pgops.nested_shape(partition regclass) returns table (path text[], nested regclass, partition_key text)
language sql
stable
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO, YMD'
set timezone = 'UTC'
begin atomic
    with recursive nested as (
        select '{}'::text[] collate "C" as path, partition as nested
        union all
        select n.path || pg_get_expr(c.relpartbound, c.oid), c.oid::regclass
        from nested as n
        join pg_inherits as i on i.inhparent = n.nested
        join pg_class as c on c.oid = i.inhrelid
    )

    select n.path, n.nested, pg_get_partkeydef(n.nested) from nested as n;
end;

comment on function pgops.nested_shape(regclass) is
    'A partition and its own partitions at all levels. path: the bounds that lead there; partition_key: how it is partitioned '
    'itself, null where it is not.';

revoke all on function pgops.nested_shape(regclass) from public;
grant execute on function pgops.nested_shape(regclass) to pgops_operator;
