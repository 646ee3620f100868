create or replace procedure pgops.run_partition_step(
    parent regclass,
    policy jsonb,
    step pgops.partition_step,
    inout problem text,
    inout locks_missed boolean
)
language plpgsql
as $$
declare
    started_at timestamptz := pg_catalog.clock_timestamp();
    known_details jsonb;
    tried record;
    tries integer := 0;
    longest_wait interval;
begin
    if step.operation operator(pg_catalog.=) 'archive' then
        locks_missed := false;
        call pgops.archive_partition(parent, policy, step, problem);
        perform pgops.note_partition_step(parent, step, null, problem, started_at, null, null);
        commit;
        return;
    end if;
    known_details := pgops.leaving_rows(step);
    for try in 1 .. pgops.configuration_value('lock_tries') loop
        -- A snapshot older than the locks would not see rows that arrived before them.
        commit;
        set transaction isolation level read committed;
        select t.* into tried from pgops.try_partition_step(parent, policy, step, known_details) as t;
        commit;
        tries := try;
        longest_wait := greatest(longest_wait, tried.probed, pg_catalog.clock_timestamp() operator(pg_catalog.-) tried.asked_at);
        exit when not tried.locks_missed;
        perform pg_catalog.pg_sleep(pgops.retry_delay_seconds());
    end loop;
    problem := tried.problem;
    locks_missed := tried.locks_missed;
    perform pgops.note_partition_step(parent, step, tried.event_id, problem, started_at, longest_wait, tries);
    commit;
end
$$;

comment on routine pgops.run_partition_step(regclass, jsonb, pgops.partition_step, text, boolean) is
    'Does one step of a plan in a transaction of its own, again and again while its locks are not obtained, with pauses '
    'in which it holds none, and records what came of it; archiving is an operation of its own. problem: null for success; '
    'locks_missed: it was given up for want of locks. Errors: 2D000 called within a transaction. '
    'No search_path is set, because a procedure with settings may not commit.';

revoke all on procedure pgops.run_partition_step(regclass, jsonb, pgops.partition_step, text, boolean) from public;
grant execute on procedure pgops.run_partition_step(regclass, jsonb, pgops.partition_step, text, boolean) to pgops_operator;
