create or replace function app.repair_totals() returns table (part text, repaired bigint)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'app.repair_totals() needs isolation level read committed, not %',
            current_setting('transaction_isolation')
            using errcode = 'feature_not_supported',
                hint = 'An older snapshot would not see what others have written before their locks were given up.';
    end if;
    perform app.list_partitions();
    return query select 'guids', app.repair_guids();
    return query select 'totals by month', app.recount_months('-infinity', 'infinity');
    return query select 'view app.t1_totals', app.repair_totals_view();
end
$$;

comment on function app.repair_totals() is
    'Mends registry, totals and incremental view, and returns how much of each was wrong. Safe while others write: they '
    'wait only for the parts that are mended, at most until the transaction ends. Needs to be called by a superuser or '
    'as owner of app.t1. Errors: 23505 as app.repair_guids(), 55000 as app.repair_totals_view(), 0A000 isolation level. '
    'Locks: as these and app.recount_months().';

revoke all on function app.repair_totals() from public;
