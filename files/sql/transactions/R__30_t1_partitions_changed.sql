create or replace function app.t1_partitions_changed() returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- The engine exchanges filled partitions for others with the same rows: nothing comes or goes.
    is_exchange boolean := coalesce(current_setting('pgops.moving_rows', true), '') = 'on';
    gone record;
    arrived regclass;
begin
    for gone in
        delete from app.t1_partition as p
        where not exists (
            select from pg_inherits as i
            where i.inhrelid = p.partition and i.inhparent = 'app.t1'::regclass and not i.inhdetachpending
        )
        returning
            p.partition, p.lower_bound, p.upper_bound,
            exists (select from pg_class as c where c.oid = p.partition) as still_a_table
    loop
        if is_exchange then
            continue;
        elsif gone.still_a_table then
            perform app.exclude_partition(gone.partition);
        else
            perform app.exclude_range(coalesce(gone.lower_bound, '-infinity'), coalesce(gone.upper_bound, 'infinity'));
        end if;
    end loop;
    for arrived in
        select i.inhrelid
        from pg_inherits as i
        where
            i.inhparent = 'app.t1'::regclass and not i.inhdetachpending
            and not exists (select from app.t1_partition as p where p.partition = i.inhrelid)
    loop
        -- Listed first: DDL of what follows makes the event trigger call here again.
        insert into app.t1_partition (partition, lower_bound, upper_bound)
        select arrived, b.lower_bound, b.upper_bound from app.partition_bounds(arrived) as b;
        if not is_exchange then
            perform app.include_partition(arrived);
        end if;
    end loop;
end
$$;

comment on function app.t1_partitions_changed() is
    'Accounts for partitions of app.t1 that were attached, detached or dropped: takes the rows of those that went out '
    'of totals and guids, and puts the rows of those that came in. Called by an event trigger in the transaction of the '
    'change; does nothing when nothing changed, and only notes which partitions there are when the engine exchanges some for '
    'others with the same rows (pgops.moving_rows). Errors: 23505 a partition that came holds a transaction_guid that is '
    'already there. Locks: ACCESS SHARE on those partitions, and as app.add_to_totals().';

revoke all on function app.t1_partitions_changed() from public;
