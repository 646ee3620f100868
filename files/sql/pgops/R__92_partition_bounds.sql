create or replace function pgops.partition_bounds(
    relation regclass
) returns table (partition regclass, partition_name text, bound jsonb)
language plpgsql
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO, YMD'
set timezone = 'UTC'
set lock_timeout = '5s' -- pg_get_expr() locks the partition; whoever waits to read holds up no one
as $$
begin
    return query
    select
        c.oid::regclass,
        format('%s.%I', c.relnamespace::regnamespace, c.relname),
        pgops.parsed_bound(relation, pg_get_expr(c.relpartbound, c.oid))
    from pg_inherits as i
    join pg_class as c on c.oid = i.inhrelid
    where i.inhparent = relation and not i.inhdetachpending
    order by c.oid;
end
$$;

comment on function pgops.partition_bounds(regclass) is
    'The direct partitions of a table of any strategy, with their quoted names and bounds in the form of '
    'pgops.parsed_bound(). Errors: 55P03 a partition not readable within 5 s. Locks: ACCESS SHARE on the partitions.';

revoke all on function pgops.partition_bounds(regclass) from public;
grant execute on function pgops.partition_bounds(regclass) to pgops_operator;
