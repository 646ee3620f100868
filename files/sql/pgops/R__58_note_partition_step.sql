create or replace function pgops.note_partition_step(
    parent regclass,
    step pgops.partition_step,
    event_id bigint,
    problem text,
    started_at timestamptz,
    longest_wait interval,
    tries integer
) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    cost jsonb := jsonb_strip_nulls(jsonb_build_object(
        'duration_ms', round(extract(epoch from clock_timestamp() - started_at) * 1000, 1),
        'longest_wait_ms', round(extract(epoch from longest_wait) * 1000, 1),
        'tries', tries
    ));
begin
    if problem is not null then
        perform pgops.log_partition_event('error', parent, problem, pgops.step_details(step) || cost);
    elsif event_id is not null then
        perform pgops.complete_event(event_id, cost);
    end if;
end
$$;

comment on function pgops.note_partition_step(regclass, pgops.partition_step, bigint, text, timestamptz, interval, integer) is
    'Records what a step has cost, in a transaction after it: with the event of the step, or with one of severity error when '
    'it failed; nothing for one that was not due. event_id, problem: as pgops.try_partition_step() returns them.';

revoke all on function pgops.note_partition_step(regclass, pgops.partition_step, bigint, text, timestamptz, interval, integer) from public;
grant execute on function pgops.note_partition_step(regclass, pgops.partition_step, bigint, text, timestamptz, interval, integer)
to pgops_operator;
