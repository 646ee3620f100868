create or replace function pgops.report_default_rows(parent regclass) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set row_security = off -- an error rather than rows unseen
set lock_timeout = '5s' -- whoever waits to read holds up no one
set datestyle = 'ISO, YMD'
set timezone = 'UTC'
as $$
declare
    source regclass := pgops.default_partition(parent);
    column_name name := (pgops.range_key(parent)).column_name;
    previous_role text;
    found_rows record;
begin
    if source is null then
        return;
    end if;
    previous_role := pgops.become_owner(parent);
    execute format('select count(*) as number, min(%1$I)::text as first, max(%1$I)::text as last from %2$s',
        column_name, source) into found_rows;
    perform set_config('role', previous_role, true);
    if found_rows.number > 0 then
        perform pgops.log_partition_event('warning', parent,
            format('%s rows lie in the default partition %s, from %s to %s', found_rows.number, source,
                coalesce(found_rows.first, 'null'), coalesce(found_rows.last, 'null')),
            jsonb_build_object('rows', found_rows.number, 'first', found_rows.first, 'last', found_rows.last));
    end if;
end
$$;

comment on function pgops.report_default_rows(regclass) is
    'Logs a warning when rows lie in the default partition, with their number and range. Reads it as its owner. '
    'Errors: 55P03 not readable within 5 s, 42501 may not act for the owner, or row-level security would hide rows. '
    'Locks: ACCESS SHARE on the default partition.';

revoke all on function pgops.report_default_rows(regclass) from public;
grant execute on function pgops.report_default_rows(regclass) to pgops_operator;
