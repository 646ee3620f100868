create or replace function pgops.note_operation_step(
    operation_id bigint,
    outcome pgops.operation_outcome,
    released_at timestamptz
) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    failed boolean := outcome.problem is not null and not outcome.locks_missed;
begin
    update pgops.operation as o
    set
        longest_wait_ms = greatest(o.longest_wait_ms, round(extract(epoch from released_at - outcome.asked_at) * 1000, 1)),
        lock_held_ms = coalesce(round(extract(epoch from released_at - outcome.obtained_at) * 1000, 1), o.lock_held_ms),
        tries = o.tries + case when outcome.locks_missed then 1 else 0 end,
        wal_bytes = o.wal_bytes + greatest(pg_current_wal_insert_lsn() - outcome.wal_position, 0),
        heartbeat_at = clock_timestamp(),
        error = outcome.problem,
        phase = case when failed or o.finished_at is not null then o.phase else outcome.next_phase end,
        state = case when failed then 'failed' else pgops.phase_state(outcome.next_phase) end
    where o.operation_id = note_operation_step.operation_id and o.runner_pid = pg_backend_pid();
end
$$;

comment on function pgops.note_operation_step(bigint, pgops.operation_outcome, timestamptz) is
    'Records what came of a step and what it cost, in a transaction after it. released_at: when its locks were given back.';

revoke all on function pgops.note_operation_step(bigint, pgops.operation_outcome, timestamptz) from public;
grant execute on function pgops.note_operation_step(bigint, pgops.operation_outcome, timestamptz) to pgops_operator;
