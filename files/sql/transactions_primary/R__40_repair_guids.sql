create or replace function app.repair_guids() returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    duplicate record;
    removed_guids bigint;
    added_guids bigint;
begin
    if not exists (select from app.guid_drift()) then
        return 0;
    end if;
    -- A registry that is wrong cannot be mended under writers: a guid that is about to be added could go meanwhile.
    lock table app.t1 in share row exclusive mode;
    select t1.transaction_guid, array_agg(format('(id %s, date %s)', t1.id, t1.date) order by t1.id, t1.date) as stands_in
    into duplicate
    from app.t1 group by t1.transaction_guid having count(*) > 1 limit 1;
    if found then
        raise exception 'transaction_guid % stands in % rows of app.t1: %',
            duplicate.transaction_guid, cardinality(duplicate.stands_in), array_to_string(duplicate.stands_in, ', ')
            using errcode = 'unique_violation',
                hint = 'app.guid_drift() lists all such rows. Delete or change the wrong ones with '
                    'session_replication_role = replica, and repair again.';
    end if;
    delete from app.t1_guid as g using app.guid_drift() as d
    where g.transaction_guid = d.transaction_guid and d.problem <> 'not registered';
    get diagnostics removed_guids = row_count;
    insert into app.t1_guid (transaction_guid, date, id)
    select t1.transaction_guid, t1.date, t1.id from app.t1
    where not exists (select from app.t1_guid as g where g.transaction_guid = t1.transaction_guid);
    get diagnostics added_guids = row_count;
    return greatest(removed_guids, added_guids);
end
$$;

comment on function app.repair_guids() is
    'Makes the registry app.t1_guid equal to app.t1 and returns how many guids were wrong. '
    'Errors: 23505 a guid stands in two rows of app.t1, named. Locks: only when something is wrong, SHARE ROW EXCLUSIVE '
    'on app.t1 until the transaction ends.';

revoke all on function app.repair_guids() from public;
