-- Who did what, to which table and when, stands once it is written.
revoke insert, update on pgops.operation from pgops_operator;
grant insert (
    operation_id, relation, relation_name, operation, arguments, options, phase, method, sources, targets, key_columns, row_count, runner_pid,
    heartbeat_at
) on pgops.operation to pgops_operator;
grant update (
    options, state, phase, method, sources, targets, key_columns, progress, finished_at, runner_pid, heartbeat_at, switch_requested, row_count,
    copied_rows, replayed_keys, checksum, longest_wait_ms, lock_held_ms, tries, wal_bytes, error
) on pgops.operation to pgops_operator;
