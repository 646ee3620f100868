create or replace function app.repair_totals() returns table (part text, repaired bigint)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform app.list_partitions();
    return query select 'totals by month', app.recount_months('-infinity', 'infinity');
end
$$;

comment on function app.repair_totals() is
    'Mends the totals, and returns how many totals by month were wrong. Safe while the apply worker writes: adds the '
    'difference between a recount and what is recorded, both read in one snapshot. Needs to be called by a superuser or '
    'as owner of app.t1. Locks: ROW EXCLUSIVE on app.t1_total_change.';

revoke all on function app.repair_totals() from public;
