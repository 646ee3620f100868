create or replace function pgops.perform_convert_clean(operation pgops.operation, deadline timestamptz) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    relation regclass := operation.relation;
begin
    perform pgops.run_as_owner(relation, format('drop function if exists %s()',
        pgops.operation_object(relation, operation.operation_id, 'log')));
    perform pgops.run_as_owner(relation, format('drop table if exists %s',
        pgops.operation_object(relation, operation.operation_id, 'log')));
    perform pgops.log_event('info', 'operations', operation.targets #>> '{0,name}', format('operation %s: %s of the conversion done',
        operation.operation_id, operation.progress ->> 'end'), operation.arguments);
    update pgops.operation as o set finished_at = clock_timestamp(), error = null
    where o.operation_id = operation.operation_id;
    if operation.progress -> 'drop_old' = 'true' then
        perform pgops.run_within(relation, format('drop table %s', relation), deadline);
    end if;
end
$$;

comment on function pgops.perform_convert_clean(pgops.operation, timestamptz) is
    'Phases return_clean and end_clean of a conversion: drops the log of changed keys, and the old table where that was asked '
    'for, whose rows have been compared with those of the new one. Errors: 55P03 locks not obtained in time.';

revoke all on function pgops.perform_convert_clean(pgops.operation, timestamptz) from public;
grant execute on function pgops.perform_convert_clean(pgops.operation, timestamptz) to pgops_operator;
