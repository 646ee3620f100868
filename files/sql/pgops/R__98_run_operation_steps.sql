create or replace procedure pgops.run_operation_steps(operation_id bigint, inout problem text)
language plpgsql
as $$
declare
    phase text := pgops.operation_phase(operation_id);
    outcome pgops.operation_outcome;
    misses integer := 0;
    one_snapshot boolean;
    released_at timestamptz;
begin
    while phase operator(pg_catalog.<>) all (array['done', 'cancelled', 'undone', 'kept']) loop
        one_snapshot := phase operator(pg_catalog.=) any (array[
            'settle', 'settle_keys', 'wait', 'compare', 'catch_up', 'keep_up', 'copy_back', 'return_catch_up', 'return_compare', 'end_catch_up',
            'end_compare'
        ]) and not pgops.operation_holds_rows(operation_id, phase);
        -- Nothing may come between the commit and the level: even the first look at a condition takes a snapshot.
        if one_snapshot then
            commit;
            set transaction isolation level repeatable read;
        else
            commit;
            set transaction isolation level read committed;
        end if;
        outcome := pgops.try_operation_step(operation_id, phase);
        released_at := pg_catalog.clock_timestamp();
        commit;
        -- The server removes the files of dropped tables after it has given their locks back.
        if phase operator(pg_catalog.<>) all (array['clean', 'return_clean', 'end_clean', 'undo']) then
            released_at := pg_catalog.clock_timestamp();
        end if;
        perform pgops.note_operation_step(operation_id, outcome, released_at);
        commit;
        if outcome.locks_missed then
            misses := misses operator(pg_catalog.+) 1;
            outcome.pause_seconds := pgops.retry_delay_seconds();
        end if;
        exit when outcome.problem is not null
            and (not outcome.locks_missed or misses operator(pg_catalog.>=) pgops.configuration_value('lock_tries'));
        phase := outcome.next_phase;
        if outcome.pause_seconds is not null then
            perform pg_catalog.pg_sleep(outcome.pause_seconds);
        end if;
    end loop;
    problem := outcome.problem;
end
$$;

comment on routine pgops.run_operation_steps(bigint, text) is
    'Does the steps of an operation that this session has claimed, each in a transaction of its own, until it is done or '
    'fails: problem says what happened then, null for success. Errors: 2D000 called within a transaction. '
    'No search_path is set, because a procedure with settings may not commit.';

revoke all on procedure pgops.run_operation_steps(bigint, text) from public;
grant execute on procedure pgops.run_operation_steps(bigint, text) to pgops_operator;
