create or replace function pgops.purge_events() returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    purged bigint;
begin
    delete from pgops.event
    where occurred_at < now() - make_interval(days => pgops.configuration_value('event_keep')::integer);
    get diagnostics purged = row_count;
    return purged;
end
$$;

comment on function pgops.purge_events() is
    'Deletes events older than the setting event_keep; returns their number. Security definer, because operators may '
    'not delete events otherwise; the age is not theirs to choose. Locks: ROW EXCLUSIVE on pgops.event.';

revoke all on function pgops.purge_events() from public;
grant execute on function pgops.purge_events() to pgops_operator;
