create or replace function pgops.try_operation_step(operation_id bigint, phase text) returns pgops.operation_outcome
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    operation pgops.operation;
    outcome pgops.operation_outcome;
    prepared text[];
    -- Of which the commands of a switch are made.
    catalogue text;
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
        if operation.method in ('swap', 'convert', 'follow')
            and phase not in ('undo', 'redesign')
            and not pgops.operation_has_switched(operation)
            and exists (
                select from unnest(pgops.operation_old_tables(operation)) as o (old_table)
                where not exists (select from pg_class as c where c.oid = o.old_table)
            )
        then
            raise exception 'a partition of % was dropped', operation.relation using errcode = 'PG004';
        end if;
        perform set_config('pgops.operation', operation.operation_id::text, true);
        -- Not where rows leave the table, which concerns whoever counts them.
        perform set_config('pgops.moving_rows', case when operation.method in ('swap', 'attach', 'convert', 'follow') then 'on' else '' end, true);
        if phase in ('switch', 'return_switch', 'end_switch') then
            catalogue := pgops.catalogue_state(pgops.switched_tables(operation));
            prepared := catalogue || case when operation.method in ('convert', 'follow')
                then pgops.prepare_convert_switch(operation, phase) else pgops.prepare_switch(operation) end;
        end if;
        if phase in ('capture', 'watch', 'keys', 'guard', 'renew_log', 'switch', 'uncheck', 'clean', 'undo', 'after', 'return_switch', 'return_after', 'end_switch', 'end_clean') then
            -- Its locks need not be held until a disk or a standby has the commit: no later one is kept without it, and
            -- pgops.note_operation_step() waits for both.
            perform set_config('synchronous_commit', 'off', true);
            outcome.asked_at := clock_timestamp();
        else
            perform pgops.leave_room_for_writers();
            -- What is dropped to be made anew may be in the way of writers whose trigger waits for it.
            if phase in ('restart', 'redesign') then
                perform set_config('lock_timeout', (operation.options ->> 'lock_budget_ms') || 'ms', true);
            end if;
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
        when sqlstate 'PG006' then
            outcome.next_phase := case phase when 'return_switch' then 'return_compare' when 'end_switch' then 'end_compare' else 'compare' end;
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
