create or replace function app.t1_before_truncate() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_relid = 'app.t1'::regclass then
        truncate app.t1_guid, app.t1_month_total;
        return null;
    end if;
    -- TRUNCATE of app.t1 fires its own trigger first and then those of its partitions: nothing is left to take out.
    -- A partition that has partitions itself holds no rows but theirs.
    if (select c.relkind from pg_class as c where c.oid = tg_relid) = 'p' then
        return null;
    end if;
    if exists (select from app.t1_guid) or exists (select from app.t1_month_total) then
        perform app.exclude_partition(tg_relid::regclass);
        if exists (
            select from pg_publication as p
            join pg_publication_rel as r on r.prpubid = p.oid
            where r.prrelid = 'app.t1'::regclass and p.pubviaroot
        ) then
            raise warning 'TRUNCATE of the partition % is not replicated', tg_relid::regclass
                using hint = 'Truncate it on the subscribers too, or use DELETE.';
        end if;
    end if;
    return null;
end
$$;

comment on function app.t1_before_truncate() is
    'Trigger of app.t1 and of each partition: takes all rows, or those of the partition, out of guids and totals. Warns '
    'when a subscriber will not see it. Security definer: who truncates needs rights on app.t1 only.';

revoke all on function app.t1_before_truncate() from public;
