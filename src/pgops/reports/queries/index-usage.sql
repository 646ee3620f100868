-- Indexes: those first that are invalid, double, or never used.
-- scope: database
-- column table: table, with its schema
-- column index: index
-- column verdict: invalid; double, with the index of the same columns; unused; or used
-- column scans: how often queries have used it since the counters were reset
-- column last_scan: when they did last (UTC)
-- column rows_read: entries that these scans have read
-- column size_mb: megabytes
-- column unique: whether it also keeps values unique, or is a constraint's
-- column definition: what makes it
-- good: every index is used, or keeps values unique.
-- bad: invalid (a CREATE INDEX CONCURRENTLY that failed: written to, never read); double; unused and large, on a table much written to.
-- do: invalid: REINDEX INDEX CONCURRENTLY. Double or unused for a month, on standbys too (they count for themselves): DROP INDEX CONCURRENTLY.
with indexes as (
    select
        i.*,
        s.schemaname,
        s.relname,
        s.indexrelname,
        s.idx_scan,
        s.last_idx_scan,
        s.idx_tup_read,
        i.indisunique or i.indisexclusion as constrains,
        -- Of two that do the same the one stays that a constraint has, then the one that is unique, then the older one.
        2 * (select count(*) from pg_constraint as k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
        + i.indisunique::int as weight
    from pg_index as i
    join pg_stat_user_indexes as s on s.indexrelid = i.indexrelid
),

judged as (
    select
        i.*,
        (
            select min(d.indexrelid::regclass::text)
            from indexes as d
            where d.indrelid = i.indrelid and d.indisvalid
                and d.indkey = i.indkey and d.indclass = i.indclass and d.indcollation = i.indcollation and d.indoption = i.indoption
                and d.indexprs::text is not distinct from i.indexprs::text and d.indpred::text is not distinct from i.indpred::text
                and (d.weight, -d.indexrelid::bigint) > (i.weight, -i.indexrelid::bigint)
        ) as twin
    from indexes as i
),

told as (
    select
        *,
        case
            when not indisvalid then 'invalid'
            when twin is not null then 'double: ' || twin
            when idx_scan = 0 and not constrains then 'unused'
            else 'used'
        end as verdict
    from judged
)

select
    format('%I.%I', schemaname, relname) as table,
    indexrelname as index,
    verdict,
    idx_scan as scans,
    to_char(last_idx_scan at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as last_scan,
    idx_tup_read as rows_read,
    round(pg_relation_size(indexrelid) / 1048576.0, 1) as size_mb,
    constrains as unique,
    pg_get_indexdef(indexrelid) as definition
from told
order by
    array_position(array['invalid', 'double', 'unused', 'used'], split_part(verdict, ':', 1)) asc,
    pg_relation_size(indexrelid) desc,
    indexrelid asc
limit 100
