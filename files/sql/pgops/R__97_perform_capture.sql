create or replace function pgops.perform_capture(operation pgops.operation, deadline timestamptz) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    root regclass := operation.relation;
    trigger_name text := quote_ident('pgops_operation_' || operation.operation_id);
    truncate_name text := quote_ident('pgops_operation_' || operation.operation_id || '_truncate');
    log_function text := pgops.operation_object(root, operation.operation_id, 'log');
    source regclass;
    left_over integer;
begin
    select s.source, count(*) over () into source, left_over
    from unnest(pgops.operation_sources(operation)) as s (source)
    where not exists (
        select from pg_trigger as t where t.tgrelid = s.source and t.tgname = 'pgops_operation_' || operation.operation_id
    )
    limit 1;
    if not found then
        return true;
    end if;
    perform pgops.run_within(root, format('create trigger %s after insert or update or delete on %s for each row execute '
        'function %s()', trigger_name, source, log_function), deadline);
    perform pgops.run_within(root, format('create trigger %s after truncate on %s for each statement execute function %s()',
        truncate_name, source, log_function), deadline);
    -- Rows that replication applies count, too.
    perform pgops.run_within(root, format('alter table %s enable always trigger %s', source, trigger_name), deadline);
    perform pgops.run_within(root, format('alter table %s enable always trigger %s', source, truncate_name), deadline);
    return left_over = 1;
end
$$;

comment on function pgops.perform_capture(pgops.operation, timestamptz) is
    'Phase capture: puts the triggers that log keys on one more source; returns true when none is without. All writers '
    'that came before have ended then. Errors: 55P03 locks not obtained in time. '
    'Locks: SHARE ROW EXCLUSIVE on the source.';

revoke all on function pgops.perform_capture(pgops.operation, timestamptz) from public;
grant execute on function pgops.perform_capture(pgops.operation, timestamptz) to pgops_operator;
