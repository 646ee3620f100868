create or replace function pgops.try_partition_step(
    parent regclass,
    policy jsonb,
    step pgops.partition_step,
    known_details jsonb,
    out problem text,
    out locks_missed boolean,
    out asked_at timestamptz,
    out probed interval,
    out event_id bigint
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    -- The table of the policy, or one nested in it.
    step_parent regclass;
    step_policy jsonb;
    partition regclass;
    rows_moved bigint;
begin
    locks_missed := false;
    perform set_config('lock_timeout', pgops.configuration_value('lock_timeout') || 'ms', true);
    perform pg_advisory_xact_lock(hashtextextended('pgops.partition', parent::oid::bigint));
    step_parent := pgops.find_relation(step.parent_name);
    if step_parent is null or not pgops.partition_step_is_due(step_parent, step) then
        return;
    end if;
    step_policy := pgops.policy_at(policy, parent, step_parent);
    if step.operation in ('detach', 'drop') then
        -- The hook may work for long on the rows of the partition: nobody is to wait for that, and it is not to be in vain.
        asked_at := clock_timestamp();
        perform pgops.probe_step_locks(step_parent, step.operation, pgops.find_relation(step.partition_name));
        probed := clock_timestamp() - asked_at;
        asked_at := null;
    end if;
    partition := pgops.prepare_partition_step(step_parent, step_policy, step);
    -- Deferred triggers would be pending when triggers are enabled again, which the server refuses.
    set constraints all immediate;
    asked_at := clock_timestamp();
    rows_moved := pgops.perform_partition_step(step_parent, step_policy, step, partition);
    event_id := pgops.begin_event('info', 'partitions', parent::text, format('%s %s', step.operation, step.partition_name),
        pgops.step_details(step) || jsonb_strip_nulls(jsonb_build_object('row_count', rows_moved)) || known_details);
exception
    when lock_not_available or deadlock_detected then
        locks_missed := true;
        problem := format('%s %s: %s; locks held by %s', step.operation, step.partition_name, sqlerrm,
            coalesce(pgops.lock_holders(parent), 'nobody any more'));
    when invalid_object_definition then
        -- Somebody has made a partition of another name there since the plan, which the server calls an overlap.
        if step.operation in ('create', 'create_from_default') and pgops.bound_is_taken(step) then
            return;
        end if;
        problem := format('%s %s: %s (SQLSTATE %s)', step.operation, step.partition_name, sqlerrm, sqlstate);
    when others then
        problem := format('%s %s: %s (SQLSTATE %s)', step.operation, step.partition_name, sqlerrm, sqlstate);
end
$$;

comment on function pgops.try_partition_step(regclass, jsonb, pgops.partition_step, jsonb) is
    'Tries one step of a plan within the transaction of the caller and logs it; nothing when it is no longer due. A failure '
    'undoes it and is returned: problem says what happened (null for success), locks_missed whether another try may succeed. '
    'known_details: for the event, beyond pgops.step_details(). asked_at: when the locks were asked for that are given back '
    'at the end of the transaction, null for never; probed: how long it took to obtain them before, to see whether that is '
    'possible; event_id: of the event, to be completed by pgops.complete_event(). Locks: an advisory lock that one applier a table '
    'holds at a time, and those of the step''s lock_level.';

revoke all on function pgops.try_partition_step(regclass, jsonb, pgops.partition_step, jsonb) from public;
grant execute on function pgops.try_partition_step(regclass, jsonb, pgops.partition_step, jsonb) to pgops_operator;
