create or replace function pgops.make_log_table(operation pgops.operation) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    root regclass := operation.relation;
    log_name text := pgops.operation_object(root, operation.operation_id, 'log');
begin
    -- Logged in the WAL: after a crash it must hold what the sources hold.
    perform pgops.run_as_owner(root, format('create table %s (%s, truncated boolean)', log_name, (
        select string_agg(format('k%s %s', k.number, k.key ->> 'type'), ', ' order by k.number)
        from jsonb_array_elements(operation.key_columns) with ordinality as k (key, number)
    )));
    perform pgops.keep_to_owner(root, pgops.find_relation(log_name));
end
$$;

comment on function pgops.make_log_table(pgops.operation) is
    'Makes the table that holds the keys of rows which change while they are copied.';

revoke all on function pgops.make_log_table(pgops.operation) from public;
grant execute on function pgops.make_log_table(pgops.operation) to pgops_operator;
