create or replace function pgops.try_operation_step(operation_id bigint, phase text) returns pgops.operation_outcome
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    operation pgops.operation;
    outcome pgops.operation_outcome;
    prepared text[];
begin
    outcome.next_phase := phase;
    outcome.locks_missed := false;
    outcome.wal_position := pg_current_wal_insert_lsn();
    begin
        operation := pgops.operation_for_step(operation_id, phase);
        if operation.phase is null then
            select o.phase into outcome.next_phase from pgops.operation as o where o.operation_id = try_operation_step.operation_id;
            return outcome;
        end if;
        perform set_config('pgops.operation', operation.operation_id::text, true);
        -- Not where rows leave the table, which concerns whoever counts them.
        perform set_config('pgops.moving_rows', case when operation.method in ('swap', 'attach', 'convert', 'follow') then 'on' else '' end, true);
        if phase = 'switch' then
            prepared := case operation.method when 'convert' then pgops.prepare_convert_switch(operation, phase)
                else pgops.prepare_switch(operation) end;
        elsif phase in ('return_switch', 'end_switch') then
            prepared := pgops.prepare_convert_switch(operation, phase);
        end if;
        if phase in ('capture', 'watch', 'keys', 'guard', 'renew_log', 'switch', 'uncheck', 'clean', 'undo', 'after', 'return_switch', 'return_after', 'end_switch', 'end_clean') then
            -- Its locks need not be held until a disk or a standby has the commit: no later one is kept without it, and
            -- pgops.note_operation_step() waits for both.
            perform set_config('synchronous_commit', 'off', true);
            outcome.asked_at := clock_timestamp();
        else
            perform pgops.leave_room_for_writers();
        end if;
        select p.next_phase, p.pause_seconds, p.obtained_at
        into outcome.next_phase, outcome.pause_seconds, outcome.obtained_at
        from pgops.perform_phase(operation, phase, prepared, coalesce(outcome.asked_at, clock_timestamp())) as p;
        update pgops.operation as o
        set phase = outcome.next_phase, state = pgops.phase_state(outcome.next_phase), heartbeat_at = clock_timestamp(), error = null
        where o.operation_id = try_operation_step.operation_id;
        return outcome;
    exception
        when sqlstate 'PG003' then
            outcome.next_phase := 'restart';
        when sqlstate 'PG004' then
            outcome.next_phase := 'redesign';
        when lock_not_available or deadlock_detected or serialization_failure then
            outcome.locks_missed := true;
            outcome.problem := sqlerrm;
            if sqlstate <> '40001' then
                outcome.next_phase := case when phase = 'switch' and operation.method in ('swap', 'convert') or phase = 'renew_log' then 'catch_up'
                    when phase in ('return_switch', 'end_switch') then replace(phase, 'switch', 'catch_up') else phase end;
            end if;
        when others then
            outcome.problem := case
                when operation.relation is not null and has_table_privilege(operation.relation::oid, 'SELECT') is null
                    then format('the table %s is gone', operation.relation_name)
                else format('%s (SQLSTATE %s)', sqlerrm, sqlstate) end;
    end;
    -- In a transaction of its own, as the failure has undone this one but for its snapshot: pgops.note_operation_step().
    return outcome;
end
$$;

comment on function pgops.try_operation_step(bigint, text) is
    'Tries one step of an operation; a failure undoes it and is returned: see the type pgops.operation_outcome. '
    'Locks: those of the step.';

revoke all on function pgops.try_operation_step(bigint, text) from public;
grant execute on function pgops.try_operation_step(bigint, text) to pgops_operator;
