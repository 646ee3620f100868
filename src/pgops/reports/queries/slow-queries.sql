-- Statements, those first that have taken most time in all.
-- scope: cluster
-- needs: pg_stat_statements
-- column database: where it ran
-- column role: who ran it
-- column calls: how often, since the counters were reset
-- column total_s: seconds that all calls took
-- column share_percent: of the time of all statements
-- column mean_ms: milliseconds of one call
-- column max_ms: milliseconds of the longest call
-- column rows_per_call: rows that a call returned or changed
-- column read_mb_per_call: megabytes that were not in shared_buffers
-- column temp_mb_per_call: megabytes that did not fit into work_mem
-- column query: its text, constants replaced by parameters
-- good: those at the top are what the application is for, and one call of them is fast.
-- bad: a share of half and more for one statement, mean_ms above what its user waits for, temp_mb_per_call above 0.
-- do: EXPLAIN (ANALYZE, BUFFERS) the statement with real values; add the index that it lacks, or change it. SELECT pg_stat_statements_reset()
--     begins anew.
select
    d.datname as database,
    r.rolname as role,
    s.calls,
    round((s.total_exec_time / 1000)::numeric, 2) as total_s,
    round((100 * s.total_exec_time / nullif(sum(s.total_exec_time) over (), 0))::numeric, 1) as share_percent,
    round(s.mean_exec_time::numeric, 2) as mean_ms,
    round(s.max_exec_time::numeric, 2) as max_ms,
    round(s.rows::numeric / greatest(s.calls, 1), 1) as rows_per_call,
    round(s.shared_blks_read * current_setting('block_size')::numeric / 1048576 / greatest(s.calls, 1), 2) as read_mb_per_call,
    round(s.temp_blks_written * current_setting('block_size')::numeric / 1048576 / greatest(s.calls, 1), 2) as temp_mb_per_call,
    left(regexp_replace(s.query, '\s+', ' ', 'g'), 300) as query
from pg_stat_statements as s
left join pg_database as d on d.oid = s.dbid
left join pg_roles as r on r.oid = s.userid
where s.calls > 0
order by s.total_exec_time desc
limit 30
