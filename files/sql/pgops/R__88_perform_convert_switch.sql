create or replace function pgops.perform_convert_switch(
    operation pgops.operation,
    phase text,
    prepared text[],
    deadline timestamptz
) returns timestamptz
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    relation regclass := operation.relation;
    waiting_until timestamptz := deadline - (operation.options ->> 'lock_budget_ms')::integer * interval '0.5 ms';
    wanted record;
    obtained_at timestamptz;
begin
    for wanted in select l.* from pgops.convert_locks(operation, phase) as l loop
        perform pgops.run_within(relation, format('lock table %s %s in access exclusive mode',
            case when wanted.is_root then 'only' end, wanted.locked), waiting_until);
        obtained_at := coalesce(obtained_at, clock_timestamp());
    end loop;
    perform pgops.check_catalogue(operation, prepared[1]);
    perform pgops.check_log_triggers(operation);
    perform pgops.replay_keys(operation, prepared[2 : 5], true, 20 * (operation.options ->> 'max_replay_keys')::bigint);
    perform pgops.run_all_within(relation, prepared[7 :], deadline);
    update pgops.operation as o set progress = prepared[6]::jsonb where o.operation_id = operation.operation_id;
    if clock_timestamp() > deadline then
        raise exception 'the exchange took longer than the option lock_budget_ms (% ms) allows and was undone',
            operation.options ->> 'lock_budget_ms' using errcode = 'lock_not_available';
    end if;
    return obtained_at;
end
$$;

comment on function pgops.perform_convert_switch(pgops.operation, text, text[], timestamptz) is
    'Phases switch, return_switch and end_switch of a conversion: locks, carries the last changed rows along, and runs what '
    'pgops.prepare_convert_switch() has made; returns when the first lock was obtained. Errors: 55P03 not done by the deadline, '
    '55000 a trigger that notes changes is not there. Locks: as pgops.convert_locks().';

revoke all on function pgops.perform_convert_switch(pgops.operation, text, text[], timestamptz) from public;
grant execute on function pgops.perform_convert_switch(pgops.operation, text, text[], timestamptz) to pgops_operator;
