create or replace function pgops.perform_partition_step(
    parent regclass,
    policy jsonb,
    step pgops.partition_step
) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    -- The table of the policy, or one nested in it.
    step_parent regclass := pgops.find_relation(step.parent_name);
    step_policy jsonb;
    rows_moved bigint;
begin
    perform set_config('lock_timeout', pgops.configuration_value('lock_timeout') || 'ms', true);
    perform pg_advisory_xact_lock(hashtextextended('pgops.partition', parent::oid::bigint));
    if step_parent is null or not pgops.partition_step_is_due(step_parent, step) then
        return;
    end if;
    step_policy := pgops.policy_at(policy, parent, step_parent);
    -- Deferred triggers would be pending when triggers are enabled again, which the server refuses.
    set constraints all immediate;
    case
        when step.operation = 'create_default' then
            perform pgops.create_default_partition(step_parent, step_policy, step.partition_name);
        when step.operation in ('create', 'create_from_default') then
            rows_moved := pgops.create_partition(step_parent, step_policy, step);
        when step.operation in ('detach', 'drop') then
            perform pgops.remove_partition(step_parent, step_policy, step);
        when step.operation = 'finalize_detach' then
            perform pgops.finalize_detach(step_parent, step);
    end case;
    perform pgops.log_partition_event('info', parent, format('%s %s', step.operation, step.partition_name),
        jsonb_strip_nulls(jsonb_build_object('lower_bound', step.lower_bound, 'upper_bound', step.upper_bound,
            'bound', step.bound, 'rows_moved', rows_moved)));
end
$$;

comment on function pgops.perform_partition_step(regclass, jsonb, pgops.partition_step) is
    'Does one step of a plan within the transaction of the caller and logs it; nothing when it is no longer due. '
    'Errors: 55P03 locks not obtained in time, and those of the operation. '
    'Locks: an advisory lock that one applier a table holds at a time, and those of the step''s lock_level.';

revoke all on function pgops.perform_partition_step(regclass, jsonb, pgops.partition_step) from public;
grant execute on function pgops.perform_partition_step(regclass, jsonb, pgops.partition_step) to pgops_operator;
