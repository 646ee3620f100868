create or replace function pgops.drop_key_log(operation pgops.operation) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    root regclass := operation.relation;
    log_name text := pgops.operation_object(root, operation.operation_id, 'log');
begin
    if pgops.find_relation(log_name) is not null then
        perform pgops.run_as_owner(root, format('drop function if exists %s()', log_name));
        perform pgops.run_as_owner(root, format('drop table %s', log_name));
    end if;
    perform pgops.drop_old_key_log(operation);
end
$$;

comment on function pgops.drop_key_log(pgops.operation) is
    'Drops the logs of changed keys and the trigger function that writes it; no trigger may be left.';

revoke all on function pgops.drop_key_log(pgops.operation) from public;
grant execute on function pgops.drop_key_log(pgops.operation) to pgops_operator;
