-- Write-ahead log: how much there is, what keeps it, and where it goes.
-- scope: cluster
-- column what: what is looked at
-- column value: its value
-- column unit: its unit
-- column remark: what belongs to it
-- good: pg_wal near max_wal_size; nothing waits for the archive; checkpoints come by time.
-- bad: pg_wal far above max_wal_size: a slot or the archive keeps it; failures of the archive newer than successes; "checkpoints are occurring
--     too frequently" in the log.
-- do: report slots; runbook out-of-disk-in-pg-wal; raise max_wal_size when checkpoints come by it rather than by checkpoint_timeout.
with directory as (
    select count(*) as files, sum(size) as bytes from pg_ls_waldir() where name ~ '^[0-9A-F]{24}$'
)

select 'pg_wal' as what, round(bytes / 1048576, 0) as value, 'MB' as unit, format('%s segments', files) as remark from directory
union all
select 'max_wal_size', setting::numeric, 'MB', 'a checkpoint is asked for when so much was written since the last' from pg_settings
where name = 'max_wal_size'
union all
select
    'written',
    round(wal_bytes / 1048576, 0),
    'MB',
    format('since %s UTC, %s %% of the records are whole pages', to_char(stats_reset at time zone 'UTC', 'YYYY-MM-DD HH24:MI'),
        round(100.0 * wal_fpi / nullif(wal_records, 0), 1))
from pg_stat_wal
union all
select
    'written a second',
    round(wal_bytes / 1048576 / nullif(extract(epoch from clock_timestamp() - stats_reset), 0), 3),
    'MB/s',
    'on average since then'
from pg_stat_wal
union all
select
    'written since the last checkpoint',
    round((pg_current_wal_insert_lsn() - redo_lsn) / 1048576, 0),
    'MB',
    format('it began at %s UTC', to_char(checkpoint_time at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'))
from pg_control_checkpoint()
where not pg_is_in_recovery()
union all
select 'archive_mode', null, '', setting from pg_settings where name = 'archive_mode'
union all
select 'segments archived', archived_count, '', case when archived_count > 0 then format('the last, %s, at %s UTC', last_archived_wal,
    to_char(last_archived_time at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS')) end
from pg_stat_archiver
union all
select 'failures of the archive', failed_count, '', case when failed_count > 0 then format('the last, of %s, at %s UTC', last_failed_wal,
    to_char(last_failed_time at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS')) end
from pg_stat_archiver
union all
select 'segments that wait for the archive', count(*), '', min(name) from pg_ls_archive_statusdir() where name like '%.ready'
union all
select
    'kept for slots',
    round(coalesce(max(case when pg_is_in_recovery() then 0 else pg_current_wal_lsn() - restart_lsn end), 0) / 1048576, 0),
    'MB',
    format('%s slots, %s of them not in use', count(*), count(*) filter (where not active))
from pg_replication_slots
