create or replace function pgops.report_default_rows(parent regclass) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set row_security = off -- an error rather than rows unseen
set lock_timeout = '5s' -- whoever waits to read holds up no one
set datestyle = 'ISO, YMD'
set timezone = 'UTC'
as $$
declare
    source record;
    previous_role text;
    found_rows record;
begin
    for source in select d.* from pgops.default_partitions(parent) as d loop
        previous_role := pgops.become_owner(source.parent);
        execute format('select count(*) as number, %1$s as first, %2$s as last from %3$s',
            format(case when source.ordered then 'min(%I)::text' else 'min(%I::text)' end, source.column_name),
            format(case when source.ordered then 'max(%I)::text' else 'max(%I::text)' end, source.column_name),
            source.partition) into found_rows;
        perform set_config('role', previous_role, true);
        if found_rows.number > 0 then
            perform pgops.log_partition_event('warning', parent,
                format('%s rows lie in the default partition %s, from %s to %s', found_rows.number, source.partition,
                    coalesce(found_rows.first, 'null'), coalesce(found_rows.last, 'null')),
                jsonb_build_object('rows', found_rows.number, 'first', found_rows.first, 'last', found_rows.last,
                    'partition', source.partition));
        end if;
    end loop;
end
$$;

comment on function pgops.report_default_rows(regclass) is
    'Logs a warning when rows lie in the default partition, or in one of a nested table, with their number and range. '
    'Reads them as owner. '
    'Errors: 55P03 not readable within 5 s, 42501 may not act for the owner, or row-level security would hide rows. '
    'Locks: ACCESS SHARE on the default partitions.';

revoke all on function pgops.report_default_rows(regclass) from public;
grant execute on function pgops.report_default_rows(regclass) to pgops_operator;
