create or replace function pgops.partitions(
    parent regclass
) returns table (partition regclass, lower_bound timestamp, upper_bound timestamp, is_default boolean, detach_pending boolean)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO, YMD'
set timezone = 'UTC'
as $$
declare
    key_type regtype := (pgops.range_key(parent)).key_type;
begin
    return query
    select
        b.partition,
        case key_type
            when 'timestamptz'::regtype then b.lower_bound::timestamptz at time zone 'UTC'
            else b.lower_bound::timestamp
        end,
        case key_type
            when 'timestamptz'::regtype then b.upper_bound::timestamptz at time zone 'UTC'
            else b.upper_bound::timestamp
        end,
        b.is_default,
        b.detach_pending
    from pgops.existing_partitions(parent) as b
    order by 4, 2 nulls first;
end
$$;

comment on function pgops.partitions(regclass) is
    'The partitions of a table partitioned by RANGE on time, by bound, the default partition last. Bounds of a '
    'timestamptz key as UTC; null is MINVALUE or MAXVALUE (both, for the default partition). '
    'Errors: as pgops.range_key(), 55P03 a partition not readable within 5 s. Locks: ACCESS SHARE on the partitions.';

revoke all on function pgops.partitions(regclass) from public;
grant execute on function pgops.partitions(regclass) to pgops_monitor;
