create or replace function pgops.perform_phase(
    operation pgops.operation,
    phase text,
    prepared text[],
    asked_at timestamptz,
    out next_phase text,
    out pause_seconds double precision,
    out obtained_at timestamptz
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    deadline timestamptz := asked_at + (operation.options ->> 'lock_budget_ms')::integer * interval '1 ms';
    keys bigint := 0;
    is_done boolean := true;
begin
    if operation.method in ('convert', 'follow')
        and phase not in ('redesign', 'capture', 'copy', 'settle', 'index', 'wait', 'compare', 'catch_up', 'renew_log', 'undo')
    then
        select c.next_phase, coalesce(c.keys, 0), c.obtained_at into next_phase, keys, obtained_at
        from pgops.perform_convert_phase(operation, phase, prepared, deadline) as c;
        phase := 'conversion';
    end if;
    case phase
        when 'conversion' then
            null;
        when 'create', 'restart' then
            perform pgops.perform_create(operation);
            next_phase := (pgops.operation_phases(operation.method))[2];
        when 'redesign' then
            perform pgops.redesign_operation(operation.operation_id);
            next_phase := 'create';
        when 'capture' then
            is_done := pgops.perform_capture(operation, deadline);
        when 'copy' then
            is_done := pgops.perform_copy(operation);
        when 'settle' then
            keys := pgops.replay_keys(operation, pgops.replay_statements(operation, false), false);
        when 'index' then
            is_done := pgops.perform_index(operation, deadline);
        when 'watch' then
            is_done := pgops.perform_watch(operation, deadline);
        when 'settle_keys' then
            keys := pgops.replay_keys(operation, pgops.replay_statements(operation, false));
            -- Some at a time, while rows are held for it.
            is_done := not operation.progress ? 'watching' or keys <= 4 * (operation.options ->> 'max_replay_keys')::bigint;
        when 'keys' then
            is_done := pgops.perform_keys(operation, deadline);
        when 'guard' then
            is_done := pgops.perform_guard(operation, deadline);
        when 'wait' then
            if operation.method in ('swap', 'convert') then
                keys := pgops.replay_keys(operation, pgops.replay_statements(operation, false));
            end if;
            if not pgops.operation_may_switch(operation) then
                is_done := false;
                pause_seconds := pgops.retry_delay_seconds();
            end if;
        when 'compare' then
            perform pgops.perform_compare(operation);
        when 'catch_up' then
            select c.next_phase, c.keys into next_phase, keys from pgops.perform_catch_up(operation) as c;
        when 'renew_log' then
            perform pgops.perform_renew_log(operation, deadline);
            next_phase := 'catch_up';
        when 'switch' then
            obtained_at := pgops.perform_switch(operation, prepared, deadline);
        when 'uncheck' then
            is_done := pgops.perform_uncheck(operation, deadline);
        when 'follow_up' then
            is_done := pgops.perform_follow_up(operation, deadline);
        when 'archive' then
            is_done := pgops.perform_archive(operation, deadline);
        when 'clean' then
            perform pgops.perform_clean(operation, deadline);
        when 'undo' then
            perform pgops.perform_undo(operation, deadline);
            next_phase := 'cancelled';
    end case;
    next_phase := coalesce(next_phase, case when is_done then pgops.phase_after(operation, phase) else phase end);
    update pgops.operation as o
    set replayed_keys = o.replayed_keys + keys
    where o.operation_id = operation.operation_id and keys > 0;
end
$$;

comment on function pgops.perform_phase(pgops.operation, text, text[], timestamptz) is
    'Does one step of a phase of an operation. prepared: by pgops.prepare_switch(). asked_at: from when on the time for locks counts. '
    'Returns the phase that follows, how long to pause before it, and when the locks of a switch were obtained. '
    'Errors: those of the phases.';

revoke all on function pgops.perform_phase(pgops.operation, text, text[], timestamptz) from public;
grant execute on function pgops.perform_phase(pgops.operation, text, text[], timestamptz) to pgops_operator;
