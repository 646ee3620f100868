-- What a working server shows; a row a claim.
with archiver as materialized (
    -- The first deploy has not filled a segment yet: finish one, so that the archive can be seen to take it.
    select a.*, case when a.archived_count = 0 and current_setting('archive_mode') <> 'off' then pg_switch_wal() end
    from pg_stat_archiver a
)
select
    'table app.' || t.name as claim,
    coalesce(has_table_privilege('partition_lab_app', to_regclass('app.' || t.name), 'INSERT'), false) as holds,
    case
        when to_regclass('app.' || t.name) is null then 'there is no such table'
        else 'partition_lab_app may not insert'
    end as seen
from unnest(array['event_logs', 'users_distributed', 'orders_by_region', 'sales_data']) as t (name)
union all
select 'job ' || e.name, j.active is true, coalesce('active: ' || j.active, 'there is no such job')
from (values ('partition-maintenance'), ('cron-history-purge')) as e (name)
left join cron.job as j on j.jobname = e.name
union all
select
    'the archive takes segments',
    current_setting('archive_mode') = 'off'
    or last_archived_time > coalesce(last_failed_time, '-infinity'),
    format('archived %s (last %s at %s), failed %s (last %s at %s)', archived_count, last_archived_wal, last_archived_time,
        failed_count, last_failed_wal, last_failed_time)
from archiver
