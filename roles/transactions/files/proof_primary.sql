-- What a working primary shows; a row a claim.
with archiver as materialized (
    -- The first deploy has not filled a segment yet: finish one, so that the archive can be seen to take it.
    select a.*, case when a.archived_count = 0 and current_setting('archive_mode') <> 'off' then pg_switch_wal() end
    from pg_stat_archiver a
)
select
    'job ' || j.jobname as claim,
    coalesce(
        r.status = 'succeeded'
        and r.start_time > clock_timestamp() - interval '10 seconds' - 2 * j.schedule::interval,
        false
    ) as holds,
    coalesce(
        format('last finished run %s: %s %s', r.start_time, r.status, r.return_message),
        'it has not run yet'
    ) as seen
-- Jobs that the inventory pauses, takes away or gives a time of the day claim nothing.
from cron.job as j
left join lateral (
    select d.start_time, d.status, d.return_message
    from cron.job_run_details as d
    where d.jobid = j.jobid and d.status in ('succeeded', 'failed')
    order by d.runid desc
    limit 1
) as r on true
where j.jobname in ('t1-insert', 't1-advance') and j.active and j.schedule like '%second%'
union all
select 'totals equal a recount', count(*) = 0, format('%s groups differ: %s', count(*), coalesce(json_agg(d)::text, '[]'))
from (select * from app.totals_drift() limit 5) as d
union all
select
    'the archive takes segments',
    current_setting('archive_mode') = 'off'
    or last_archived_time > coalesce(last_failed_time, '-infinity'),
    format('archived %s (last %s at %s), failed %s (last %s at %s)', archived_count, last_archived_wal, last_archived_time,
        failed_count, last_failed_wal, last_failed_time)
from archiver
