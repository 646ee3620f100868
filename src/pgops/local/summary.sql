-- Asked of every local host by `pgops local status`: one JSON object a line, so
-- that what is not there yet (a table, an extension) is left out of the answer.
-- psql runs this; it is no part of the database.
set search_path = pg_catalog;
set timezone = 'UTC';

select to_regclass('app.t1') is not null as has_table,
       to_regclass('app.t1_totals') is not null as has_totals,
       to_regprocedure('app.totals_drift()') is not null as has_audit,
       to_regclass('app.operations') is not null as has_operations,
       coalesce(to_regclass('app.users_distributed'), to_regclass('app.data_entries')) is not null as has_several_tables,
       to_regclass('app.refresh_status') is not null as has_view,
       -- A standby has its primary's list of jobs, and archives nothing.
       to_regclass('cron.job') is not null and not pg_is_in_recovery() as has_jobs,
       not pg_is_in_recovery() as is_primary \gset

select json_build_object('section', 'server',
    'version', current_setting('server_version'),
    'port', current_setting('port')::int,
    'started_at', pg_postmaster_start_time(),
    'tls', current_setting('ssl')::boolean,
    'in_recovery', pg_is_in_recovery(),
    'size_bytes', pg_database_size(current_database()));

\if :is_primary
select json_build_object('section', 'archive',
    'mode', current_setting('archive_mode'),
    'archived', archived_count, 'last_archived_seconds_ago', extract(epoch from now() - last_archived_time),
    'failed', failed_count, 'last_failed_seconds_ago', extract(epoch from now() - last_failed_time),
    'last_failed', last_failed_wal)
from pg_stat_archiver;

select json_build_object('section', 'receiver', 'name', r.application_name, 'state', r.state, 'sync_state', r.sync_state,
    'lag_bytes', pg_wal_lsn_diff(pg_current_wal_lsn(), r.replay_lsn),
    'lag_seconds', coalesce(extract(epoch from r.replay_lag), 0))
from pg_stat_replication r
where not exists (select from pg_replication_slots s where s.active_pid = r.pid and s.slot_type = 'logical')
order by r.application_name;
\else
select json_build_object('section', 'upstream', 'status', w.status, 'host', w.sender_host, 'port', w.sender_port,
    'timeline', w.received_tli,
    'replay_lag_bytes', pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()),
    'last_commit_seconds_ago', extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()))
from (select) as always
left join pg_stat_wal_receiver w on true;
\endif

select json_build_object('section', 'slot', 'name', s.slot_name, 'active', s.active,
    'lag_bytes', pg_wal_lsn_diff(pg_current_wal_lsn(), s.confirmed_flush_lsn),
    'lag_seconds', coalesce(extract(epoch from r.replay_lag), 0))
from pg_replication_slots s
left join pg_stat_replication r on r.pid = s.active_pid
where s.slot_type = 'logical' and not s.temporary and not pg_is_in_recovery();

select json_build_object('section', 'subscription', 'name', s.subname, 'enabled', s.subenabled,
    'applying', a.pid is not null,
    'last_message_seconds_ago', extract(epoch from now() - a.last_msg_receipt_time),
    'tables_not_ready', (select count(*) from pg_subscription_rel r where r.srsubid = s.oid and r.srsubstate <> 'r'))
from pg_subscription s
left join pg_stat_subscription a on a.subid = s.oid and a.relid is null and a.pid is not null
where s.subdbid = (select oid from pg_database where datname = current_database());

\if :has_table
select json_build_object('section', 'month', 'month', to_char(date_trunc('month', date), 'YYYY-MM'),
    'rows', count(*), 'processed', count(*) filter (where state = 1))
from app.t1 group by date_trunc('month', date) order by date_trunc('month', date);
\endif

\if :has_operations
select json_build_object('section', 'month', 'month', to_char(date_trunc('month', operation_date), 'YYYY-MM'),
    'rows', count(*), 'processed', count(*) filter (where status = 1))
from app.operations group by date_trunc('month', operation_date) order by date_trunc('month', operation_date);
\endif

\if :has_several_tables
select json_build_object('section', 'partitioned', 'name', c.oid::regclass::text,
    'key', case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end,
    'partitions', (select count(*) from pg_partition_tree(c.oid) t where t.isleaf and t.level > 0),
    'estimated_rows', s.rows, 'size_bytes', s.bytes)
from pg_class c
cross join lateral (
    select sum(greatest(pg_stat_get_live_tuples(l.relid), 0)) as rows, sum(pg_total_relation_size(l.relid)) as bytes
    from (select c.oid as relid where c.relkind = 'r'
          union all select t.relid from pg_partition_tree(c.oid) t where c.relkind = 'p' and t.isleaf) l
) s
where c.relnamespace = 'app'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
order by c.relname;
\endif

\if :has_view
select json_build_object('section', 'view', 'name', s.view_name, 'groups', v.groups, 'amount', v.amount,
    'age_seconds', s.age_seconds, 'last_duration_seconds', s.last_duration_seconds,
    'refreshes', s.refreshes, 'skipped', s.skipped,
    'wrong_groups', (select count(*) from app.client_type_sum_drift()))
from app.refresh_status s,
    (select count(*) as groups, coalesce(sum(amount), 0)::text as amount from app.client_type_sum_mv) v;
\endif

\if :has_totals
select json_build_object('section', 'totals', 'groups', count(*), 'amount', coalesce(sum(amount), 0)::text,
    'transactions', coalesce(sum(transactions), 0))
from app.t1_totals;
select json_build_object('section', 'total', 'client_id', client_id, 'operation_type', operation_type,
    'amount', amount::text, 'transactions', transactions)
from app.t1_totals order by amount desc, client_id, operation_type limit 5;
\endif

\if :has_audit
select json_build_object('section', 'drift', 'groups', count(*)) from app.totals_drift();
\endif

\if :has_jobs
select json_build_object('section', 'job', 'name', coalesce(j.jobname, j.jobid::text), 'schedule', j.schedule,
    'user', j.username, 'active', j.active, 'last_status', d.status, 'last_message', d.return_message,
    'last_run_seconds_ago', extract(epoch from now() - d.start_time),
    'last_duration_ms', extract(epoch from d.end_time - d.start_time) * 1000,
    'failed_last_hour', (select count(*) from cron.job_run_details f
                         where f.jobid = j.jobid and f.status = 'failed' and f.start_time > now() - interval '1 hour'))
from cron.job j
left join lateral (select r.status, r.return_message, r.start_time, r.end_time from cron.job_run_details r
                   where r.jobid = j.jobid and r.end_time is not null order by r.runid desc limit 1) d on true
order by j.jobname;
\endif
