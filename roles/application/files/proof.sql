-- What a working server shows; a row a claim.
with archiver as materialized (
    -- The first deploy has not filled a segment yet: finish one, so that the archive can be seen to take it.
    select a.*, case when a.archived_count = 0 and current_setting('archive_mode') <> 'off' then pg_switch_wal() end
    from pg_stat_archiver a
)
select
    format('%s may %s app.%s', e.role_name, e.privilege, t.name) as claim,
    coalesce(has_table_privilege(e.role_name, to_regclass('app.' || t.name), e.privilege), false) as holds,
    case when to_regclass('app.' || t.name) is null then 'there is no such table' else 'the privilege is not there' end as seen
from unnest(array['users', 'data_entries', 'events', 'metrics']) as t (name)
cross join (values ('app_user', 'INSERT'), ('readonly_user', 'SELECT')) as e (role_name, privilege)
union all
select
    format('this month''s partition of app.%s', t.name),
    to_regclass(format('app.%s_%s', t.name, to_char(now() at time zone 'UTC', 'YYYY_MM'))) is not null,
    'there is no such table'
from unnest(array['events', 'metrics']) as t (name)
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
