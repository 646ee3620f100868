create or replace function pgops.perform_renew_log(operation pgops.operation, deadline timestamptz) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    root regclass := operation.relation;
    log_name text := pgops.operation_object(root, operation.operation_id, 'log');
begin
    if pgops.old_key_log(operation) is not null then
        return;
    end if;
    -- Whoever waits here finds the new table by its name; what he who came before has written is all in the old one.
    perform pgops.run_within(root, format('lock table %s in access exclusive mode', log_name), deadline);
    perform pgops.run_within(root, format('alter table %s rename to %I', log_name,
        format('pgops_operation_%s_old_log', operation.operation_id)), deadline);
    perform pgops.make_log_table(operation);
end
$$;

comment on function pgops.perform_renew_log(pgops.operation, timestamptz) is
    'Phase renew_log: puts an empty log of changed keys in the place of a large one, most of which is carried along and dead; '
    'the next pgops.perform_catch_up() reads and drops the old one. Errors: 55P03 locks not obtained in time. '
    'Locks: ACCESS EXCLUSIVE on the log, for which writers of the sources wait.';

revoke all on function pgops.perform_renew_log(pgops.operation, timestamptz) from public;
grant execute on function pgops.perform_renew_log(pgops.operation, timestamptz) to pgops_operator;
