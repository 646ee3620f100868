create or replace function pgops.partitions(
    parent regclass
) returns table (partition regclass, lower_bound timestamp, upper_bound timestamp, is_default boolean, detach_pending boolean)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO, YMD'
set lock_timeout = '5s' -- pg_get_expr() locks the partition; whoever waits to read holds up no one
as $$
declare
    key_type regtype := (pgops.range_key(parent)).key_type;
begin
    -- MINVALUE and MAXVALUE stand without quotes, match nothing, and become null.
    return query
    select
        c.oid::regclass,
        pgops.bound_value(substring(b.expression from $re$FROM \('([^']*)'\)$re$), key_type),
        pgops.bound_value(substring(b.expression from $re$TO \('([^']*)'\)$re$), key_type),
        b.expression = 'DEFAULT',
        i.inhdetachpending
    from pg_inherits as i
    join pg_class as c on c.oid = i.inhrelid
    cross join lateral (select pg_get_expr(c.relpartbound, c.oid) as expression) as b
    where i.inhparent = partitions.parent
    order by 4, 2 nulls first;
end
$$;

comment on function pgops.partitions(regclass) is
    'The partitions of a table partitioned by RANGE on time, by bound, the default partition last. Bounds of a '
    'timestamptz key as UTC; null is MINVALUE or MAXVALUE (both, for the default partition). '
    'Errors: as pgops.range_key(), 55P03 a partition not readable within 5 s. Locks: ACCESS SHARE on the partitions.';

revoke all on function pgops.partitions(regclass) from public;
grant execute on function pgops.partitions(regclass) to pgops_monitor;
