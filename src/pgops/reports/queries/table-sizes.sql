-- Tables, the largest first; a partitioned table is one, with all of its partitions.
-- scope: database
-- column schema: schema
-- column name: table
-- column partitions: number of its partitions, empty when it has none
-- column rows: as the last ANALYZE estimated them; empty when it never ran
-- column table_mb: megabytes of rows
-- column indexes_mb: megabytes of indexes
-- column toast_mb: megabytes of long values, stored apart
-- column total_mb: megabytes of all that
-- column share_percent: of all tables listed here
-- good: sizes follow what the application stores.
-- bad: a table that nobody expected at the top; indexes_mb well above table_mb; rows empty.
-- do: see the reports index-usage and bloat; give a table that only grows a partition policy with a retention. rows empty: ANALYZE.
with leaves as (
    select
        coalesce(pg_partition_root(c.oid)::oid, c.oid) as root,
        c.relispartition,
        c.reltuples,
        pg_relation_size(c.oid) as main,
        pg_indexes_size(c.oid) as indexes,
        pg_total_relation_size(c.oid) as total
    from pg_class as c
    where c.relkind in ('r', 'm') and c.relpersistence <> 't'
        and c.relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
),

tables as (
    select
        root,
        count(*) filter (where relispartition) as partitions,
        case when bool_and(reltuples >= 0) then sum(reltuples) end as tuples,
        sum(main) as main,
        sum(indexes) as indexes,
        sum(total) as total
    from leaves
    group by root
)

select
    c.relnamespace::regnamespace::text as schema,
    c.relname as name,
    nullif(t.partitions, 0) as partitions,
    t.tuples::bigint as rows,
    round(t.main / 1048576, 1) as table_mb,
    round(t.indexes / 1048576, 1) as indexes_mb,
    round((t.total - t.main - t.indexes) / 1048576, 1) as toast_mb,
    round(t.total / 1048576, 1) as total_mb,
    round(100 * t.total / nullif(sum(t.total) over (), 0), 1) as share_percent
from tables as t
join pg_class as c on c.oid = t.root
order by t.total desc, c.relname asc
limit 50
