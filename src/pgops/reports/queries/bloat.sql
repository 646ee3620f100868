-- Space that holds no rows any more, measured in the 30 largest tables and 20 largest B-tree indexes.
-- scope: database
-- needs: pgstattuple
-- column kind: table or index
-- column name: which, with its schema
-- column size_mb: megabytes
-- column dead_percent: of rows that VACUUM has still to remove
-- column free_percent: of space that is free; in an index, of its leaf pages
-- column free_mb: megabytes of that
-- column estimated: whether pages known to be all visible were skipped, so that free space of them is taken from the map
-- good: up to a fifth free; more in a table whose rows are updated much, which uses it again.
-- bad: more than half free in something large; dead_percent above a fifth.
-- do: runbook bloat: find what kept VACUUM from it (reports vacuum, idle-in-transaction, slots); REINDEX INDEX CONCURRENTLY an index; a table
--     with pg_repack, or VACUUM FULL in a pause. Reads each index whole: not at the busiest hour.
with largest as (
    (
        select c.oid, c.relkind, c.relpersistence
        from pg_class as c
        where c.relkind in ('r', 'm') and c.relpersistence <> 't'
            and c.relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
        order by pg_relation_size(c.oid) desc, c.oid
        limit 30
    )
    union all
    (
        select c.oid, c.relkind, c.relpersistence
        from pg_class as c
        join pg_am as a on a.oid = c.relam
        join pg_index as i on i.indexrelid = c.oid
        where c.relkind = 'i' and a.amname = 'btree' and i.indisvalid and c.relpersistence <> 't'
            and c.relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)
        order by pg_relation_size(c.oid) desc, c.oid
        limit 20
    )
)

select * from (
    select
        'table' as kind,
        l.oid::regclass::text as name,
        round(b.table_len / 1048576.0, 1) as size_mb,
        round(b.dead_tuple_percent::numeric, 1) as dead_percent,
        round(b.approx_free_percent::numeric, 1) as free_percent,
        round(b.approx_free_space::numeric / 1048576, 1) as free_mb,
        b.scanned_percent < 100 as estimated
    from largest as l, lateral pgstattuple_approx(l.oid::regclass) as b
    where l.relkind <> 'i'
    union all
    select
        'index',
        l.oid::regclass::text,
        round(b.index_size / 1048576.0, 1),
        null,
        round((100 - nullif(b.avg_leaf_density, 'NaN'))::numeric, 1),
        round(((100 - nullif(b.avg_leaf_density, 'NaN')) / 100 * b.index_size)::numeric / 1048576, 1),
        false
    from largest as l, lateral pgstatindex(l.oid::regclass) as b
    where l.relkind = 'i'
) as measured
order by free_mb desc nulls last, size_mb desc, name asc
