create or replace function pgops.make_key_log(operation pgops.operation) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    root regclass := operation.relation;
    log_name text := pgops.operation_object(root, operation.operation_id, 'log');
begin
    if pgops.find_relation(log_name) is null then
        perform pgops.make_log_table(operation);
    else
        -- What it holds of an earlier attempt is in the sources that will be copied.
        perform pgops.run_as_owner(root, format('delete from %s', log_name));
    end if;
    perform pgops.drop_old_key_log(operation);
    perform pgops.make_log_function(operation, false);
end
$$;

comment on function pgops.make_key_log(pgops.operation) is
    'Makes the table that holds the keys of rows which change while they are copied, empty, and the trigger function that writes '
    'them.';

revoke all on function pgops.make_key_log(pgops.operation) from public;
grant execute on function pgops.make_key_log(pgops.operation) to pgops_operator;
