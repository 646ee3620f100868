-- What was found in shared_buffers, by database and by table of this one.
-- scope: database
-- column level: database or table
-- column name: which
-- column hits: blocks that were in shared_buffers
-- column reads: blocks that were not: from the kernel's cache or from the disk
-- column hit_percent: hits of both
-- column read_mb: megabytes of the reads
-- column size_mb: megabytes that it has
-- good: 99 % and more where an application waits for few rows; less for reports over much data.
-- bad: a low hit_percent for a table that should fit into memory.
-- do: first look at what reads so much (reports slow-queries, sequential-scans); then raise shared_buffers, up to a quarter or 40 % of the memory.
(
    select
        'database' as level,
        d.datname as name,
        blks_hit as hits,
        blks_read as reads,
        round(100.0 * blks_hit / nullif(blks_hit + blks_read, 0), 2) as hit_percent,
        round(blks_read * current_setting('block_size')::numeric / 1048576, 1) as read_mb,
        case
            when has_database_privilege(d.oid, 'CONNECT') or pg_has_role('pg_read_all_stats', 'USAGE')
            then round(pg_database_size(d.oid) / 1048576.0, 1)
        end as size_mb
    from pg_stat_database as s
    join pg_database as d on d.oid = s.datid
    where d.datallowconn
    order by s.blks_read desc, d.datname asc
)
union all
(
    select
        'table',
        format('%I.%I', schemaname, relname),
        heap_blks_hit + coalesce(idx_blks_hit, 0) + coalesce(toast_blks_hit, 0),
        heap_blks_read + coalesce(idx_blks_read, 0) + coalesce(toast_blks_read, 0),
        round(
            100.0 * (heap_blks_hit + coalesce(idx_blks_hit, 0) + coalesce(toast_blks_hit, 0)) / nullif(
                heap_blks_hit + coalesce(idx_blks_hit, 0) + coalesce(toast_blks_hit, 0)
                + heap_blks_read + coalesce(idx_blks_read, 0) + coalesce(toast_blks_read, 0), 0
            ), 2
        ),
        round(
            (heap_blks_read + coalesce(idx_blks_read, 0) + coalesce(toast_blks_read, 0))
            * current_setting('block_size')::numeric / 1048576, 1
        ),
        round(pg_total_relation_size(relid) / 1048576.0, 1)
    from pg_statio_user_tables
    where heap_blks_hit + heap_blks_read > 0
    order by heap_blks_read + coalesce(idx_blks_read, 0) desc, relid asc
    limit 30
)
