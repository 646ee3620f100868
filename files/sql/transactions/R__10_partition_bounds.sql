create or replace function app.partition_bounds(
    partition regclass,
    out lower_bound timestamptz,
    out upper_bound timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
-- How pg_get_expr() writes a timestamptz hangs on these.
set datestyle = 'ISO, YMD'
set timezone = 'UTC'
begin atomic
    select
        case
            when c.relpartbound is null or b.expression = 'DEFAULT' then null
            else coalesce(substring(b.expression from $re$FROM \('([^']*)'\)$re$)::timestamptz, '-infinity')
        end,
        case
            when c.relpartbound is null or b.expression = 'DEFAULT' then null
            else coalesce(substring(b.expression from $re$TO \('([^']*)'\)$re$)::timestamptz, 'infinity')
        end
    from pg_class as c
    cross join lateral (select pg_get_expr(c.relpartbound, c.oid) as expression) as b
    where c.oid = partition_bounds.partition;
end;

comment on function app.partition_bounds(regclass) is
    'Bounds of a partition of app.t1, lower inclusive, upper exclusive; MINVALUE and MAXVALUE as infinity; null for the '
    'default partition and for what is no partition. Reads the catalogue only.';

revoke all on function app.partition_bounds(regclass) from public;
