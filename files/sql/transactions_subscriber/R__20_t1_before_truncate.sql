create or replace function app.t1_before_truncate() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_relid = 'app.t1'::regclass then
        truncate app.t1_month_total, app.t1_total_change;
        return null;
    end if;
    -- TRUNCATE of app.t1 fires its own trigger first and then those of its partitions: nothing is left to take out.
    -- A partition that has partitions itself holds no rows but theirs.
    if (select c.relkind from pg_class as c where c.oid = tg_relid) = 'r'
        and exists (select from app.t1_recorded_total)
    then
        perform app.exclude_partition(tg_relid::regclass);
    end if;
    return null;
end
$$;

comment on function app.t1_before_truncate() is
    'Trigger of app.t1 and of each partition: takes all rows, or those of the partition, out of the totals. Security '
    'definer: who truncates needs rights on app.t1 only.';

revoke all on function app.t1_before_truncate() from public;
