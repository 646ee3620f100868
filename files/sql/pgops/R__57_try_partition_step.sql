create or replace function pgops.try_partition_step(
    parent regclass,
    policy jsonb,
    step pgops.partition_step,
    out problem text,
    out locks_missed boolean
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    locks_missed := false;
    perform pgops.perform_partition_step(parent, policy, step);
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

comment on function pgops.try_partition_step(regclass, jsonb, pgops.partition_step) is
    'Tries one step of a plan; a failure undoes it and is returned: problem says what happened (null for success), '
    'locks_missed whether another try may succeed. Locks: as pgops.perform_partition_step().';

revoke all on function pgops.try_partition_step(regclass, jsonb, pgops.partition_step) from public;
grant execute on function pgops.try_partition_step(regclass, jsonb, pgops.partition_step) to pgops_operator;
