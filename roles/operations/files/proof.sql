-- What a working primary shows; a row a claim.
with archiver as materialized (
    -- The first deploy has not filled a segment yet: finish one, so that the archive can be seen to take it.
    select a.*, case when a.archived_count = 0 and current_setting('archive_mode') <> 'off' then pg_switch_wal() end
    from pg_stat_archiver a
),
view as materialized (
    select
        s.*,
        (select count(*) from app.client_type_sum_drift()) as wrong_groups
    from app.refresh_status as s
    where s.view_name = 'app.client_type_sum_mv'
)
select
    'job ' || e.name as claim,
    coalesce(r.status = 'succeeded' and r.start_time > clock_timestamp() - e.within, false) as holds,
    coalesce(
        format('last finished run %s: %s %s', r.start_time, r.status, r.return_message),
        case when j.jobid is null then 'there is no such job' else 'it has not run yet' end
    ) as seen
from (
    -- A run takes as long as the refresh in it.
    select 'operation-insert' as name, interval '20 seconds' as within
    union all
    select 'status-change', interval '20 seconds' + 3 * coalesce(view.last_duration_seconds, 0) * interval '1 second'
    from view
) as e
left join cron.job as j on j.jobname = e.name
left join lateral (
    select d.start_time, d.status, d.return_message
    from cron.job_run_details as d
    where d.jobid = j.jobid and d.status in ('succeeded', 'failed')
    order by d.runid desc
    limit 1
) as r on true
union all
select 'job ' || e.name, j.active is true, coalesce('active: ' || j.active, 'there is no such job')
from (values ('partition-maintenance'), ('cron-history-purge')) as e (name)
left join cron.job as j on j.jobname = e.name
union all
-- Rows that are changed all the time differ from the view until the next refresh: that it is recent must do then.
select
    case
        when wrong_groups = 0 then 'the view equals a recount'
        else format('the view is %s s old, in which %s groups have changed', round(age_seconds, 1), wrong_groups)
    end,
    wrong_groups = 0 or coalesce(age_seconds < 10 + 3 * last_duration_seconds, false),
    format('%s groups differ from a recount; %s refreshes, the last began %s s ago and took %s s; %s skipped, last for: %s',
        wrong_groups, refreshes, round(age_seconds, 1), round(last_duration_seconds, 3), skipped, last_skip_reason)
from view
union all
select
    'the archive takes segments',
    current_setting('archive_mode') = 'off'
    or last_archived_time > coalesce(last_failed_time, '-infinity'),
    format('archived %s (last %s at %s), failed %s (last %s at %s)', archived_count, last_archived_wal, last_archived_time,
        failed_count, last_failed_wal, last_failed_time)
from archiver
