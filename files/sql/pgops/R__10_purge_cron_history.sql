create or replace function pgops.purge_cron_history(keep interval default '7 days') returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    purged bigint;
begin
    if keep is null or keep < interval '0' then
        raise exception 'purge_cron_history: keep is %; accepted: an interval of zero or more, such as ''7 days''',
            coalesce(keep::text, 'null') using errcode = 'invalid_parameter_value';
    end if;
    -- A table of that name made by whoever may make a schema would have his code run here.
    if not exists (
        select from pg_extension as x
        join pg_depend as d on d.refclassid = 'pg_extension'::regclass and d.refobjid = x.oid and d.deptype = 'e'
        join pg_class as c on d.classid = 'pg_class'::regclass and c.oid = d.objid
        where x.extname = 'pg_cron' and c.relname = 'job_run_details' and c.relnamespace = to_regnamespace('cron')
    ) then
        raise exception 'database "%" has no table cron.job_run_details: pg_cron is not installed in it', current_database()
            using errcode = 'undefined_table',
                hint = 'Call it in the database that cron.database_name names, after CREATE EXTENSION pg_cron.';
    end if;
    delete from cron.job_run_details
    where status not in ('starting', 'connecting', 'sending', 'running')
        and coalesce(end_time, start_time) < now() - keep;
    get diagnostics purged = row_count;
    return purged;
end
$$;

comment on function pgops.purge_cron_history(interval) is
    'Deletes finished runs of pg_cron jobs that ended longer ago than keep; returns their number. pg_cron itself never '
    'does. Security definer, because row-level security shows a caller only his own runs. '
    'Errors: 22023 keep null or negative, 42P01 no pg_cron in this database. '
    'Locks: ROW EXCLUSIVE on cron.job_run_details.';

revoke all on function pgops.purge_cron_history(interval) from public;
grant execute on function pgops.purge_cron_history(interval) to pgops_operator;
