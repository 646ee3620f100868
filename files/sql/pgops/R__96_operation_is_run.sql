create or replace function pgops.operation_is_run(operation pgops.operation) returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    -- Of sessions of other roles only the existence is seen; between two steps a runner pauses no longer than between tries.
    select exists(
        select from pg_stat_activity as a
        where a.pid = operation.runner_pid and coalesce(a.state, 'active') = 'active'
            and operation.heartbeat_at > clock_timestamp()
                - make_interval(secs => 5 + pgops.configuration_value('retry_delay_maximum') / 1000.0)
    );
end;

comment on function pgops.operation_is_run(pgops.operation) is
    'Whether the session that last ran an operation seems to run it still, between two of its steps.';

revoke all on function pgops.operation_is_run(pgops.operation) from public;
grant execute on function pgops.operation_is_run(pgops.operation) to pgops_operator;
