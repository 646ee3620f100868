-- Tables that are read from end to end, those first of which most rows were read so.
-- scope: database
-- column table: table, with its schema
-- column scans: sequential scans since the counters were reset
-- column rows_read: rows that they have read
-- column rows_per_scan: rows that one of them has read
-- column index_scans: how often an index was used instead
-- column last_scan: when the last one was (UTC)
-- column size_mb: megabytes of the table
-- good: small tables, and tables that reports read as a whole.
-- bad: a large table with a high rows_per_scan, whose queries want few rows.
-- do: find the query (report slow-queries), look at its plan, add the index that its condition needs.
select
    format('%I.%I', schemaname, relname) as table,
    seq_scan as scans,
    seq_tup_read as rows_read,
    round(seq_tup_read::numeric / seq_scan, 0) as rows_per_scan,
    coalesce(idx_scan, 0) as index_scans,
    to_char(last_seq_scan at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as last_scan,
    round(pg_relation_size(relid) / 1048576.0, 1) as size_mb
from pg_stat_user_tables
where seq_scan > 0
order by seq_tup_read desc, schemaname asc, relname asc
limit 50
