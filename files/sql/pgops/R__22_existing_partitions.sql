create or replace function pgops.existing_partitions(
    parent regclass
) returns table (
    partition regclass,
    bound text,
    lower_bound text,
    upper_bound text,
    list_values text[],
    modulus integer,
    remainder integer,
    is_default boolean,
    detach_pending boolean
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO, YMD'
set intervalstyle = 'postgres'
set timezone = 'UTC'
set standard_conforming_strings = on
set lock_timeout = '5s' -- pg_get_expr() locks the partition; whoever waits to read holds up no one
as $$
begin
    return query
    select
        b.oid::regclass, b.expression, r.lower_bound, r.upper_bound, r.list_values, r.modulus, r.remainder,
        b.expression = 'DEFAULT', b.inhdetachpending
    from (
        select c.oid, i.inhdetachpending, pg_get_expr(c.relpartbound, c.oid) as expression
        from pg_inherits as i join pg_class as c on c.oid = i.inhrelid
        where i.inhparent = parent
    ) as b
    cross join lateral pgops.read_bound(b.expression) as r;
end
$$;

comment on function pgops.existing_partitions(regclass) is
    'The partitions of a table with their bounds, read from the catalogue once: bound as ATTACH PARTITION takes it, and '
    'its parts as in type pgops.partition_piece, as text that means the same in every session (ISO 8601, timestamptz in '
    'UTC). Errors: 0A000 a RANGE of several columns, 55P03 a partition not readable within 5 s. '
    'Locks: ACCESS SHARE on the partitions.';

revoke all on function pgops.existing_partitions(regclass) from public;
grant execute on function pgops.existing_partitions(regclass) to pgops_monitor;
