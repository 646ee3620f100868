create or replace function pgops.perform_switch(
    operation pgops.operation,
    prepared text[],
    deadline timestamptz
) returns timestamptz
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    root regclass := operation.relation;
    sources regclass[] := pgops.operation_old_tables(operation);
    wanted record;
    obtained_at timestamptz;
begin
    for wanted in select l.* from pgops.switch_locks(operation.method, root, sources) as l loop
        -- Half of the time is for waiting, half for the work that follows.
        perform pgops.run_within(root, format('lock table %s %s in %s mode', case when wanted.is_root then 'only' else '' end,
            wanted.locked, wanted.lock_mode), deadline - (operation.options ->> 'lock_budget_ms')::integer * interval '0.5 ms');
        obtained_at := coalesce(obtained_at, clock_timestamp());
    end loop;
    perform pgops.check_catalogue(operation, prepared[1]);
    perform pgops.check_before_switch(operation);
    if operation.method = 'swap' then
        perform pgops.replay_keys(operation, prepared[2 : 5], true, 20 * (operation.options ->> 'max_replay_keys')::bigint);
    end if;
    perform pgops.run_all_within(root, prepared[6 :], deadline);
    if clock_timestamp() > deadline then
        raise exception 'the exchange took longer than the option lock_budget_ms (% ms) allows and was undone',
            operation.options ->> 'lock_budget_ms' using errcode = 'lock_not_available';
    end if;
    return obtained_at;
end
$$;

comment on function pgops.perform_switch(pgops.operation, text[], timestamptz) is
    'Phase switch: locks, carries the last changed rows along, and runs the commands that pgops.prepare_switch() has made; '
    'returns when the first lock was obtained. Errors: 55P03 not done by the deadline, 55000 the table is no longer as it was '
    'when the operation began, PG004 the default partition has rows of a partition that was to be added empty. '
    'Locks: as pgops.switch_locks().';

revoke all on function pgops.perform_switch(pgops.operation, text[], timestamptz) from public;
grant execute on function pgops.perform_switch(pgops.operation, text[], timestamptz) to pgops_operator;
