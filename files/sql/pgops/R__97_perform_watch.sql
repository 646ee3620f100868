create or replace function pgops.perform_watch(operation pgops.operation, deadline timestamptz) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    source regclass;
begin
    if not operation.progress ? 'watching' then
        if pgops.operation_key_commands(operation) = '{}' then
            return true;
        end if;
        perform pgops.make_log_function(operation, true);
        update pgops.operation as o set progress = o.progress || '{"watching": true}'
        where o.operation_id = operation.operation_id;
        return false;
    end if;
    -- Whoever has changed rows by the old function has ended once nobody writes for a moment.
    foreach source in array pgops.operation_sources(operation) loop
        perform pgops.run_within(operation.relation, format('lock table only %s in share mode', source), deadline);
    end loop;
    return true;
end
$$;

comment on function pgops.perform_watch(pgops.operation, timestamptz) is
    'Phase watch: from now on copies of rows that are changed or deleted are deleted in the same transaction, as the new '
    'tables are about to have foreign keys. Returns true when all writers do so, or no key is to come. '
    'Errors: 55P03 locks not obtained in time. Locks: SHARE on the sources, for a moment.';

revoke all on function pgops.perform_watch(pgops.operation, timestamptz) from public;
grant execute on function pgops.perform_watch(pgops.operation, timestamptz) to pgops_operator;
