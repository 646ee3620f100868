create or replace procedure pgops.run_partition_step(
    parent regclass,
    policy jsonb,
    step pgops.partition_step,
    inout problem text,
    inout locks_missed boolean
)
language plpgsql
as $$
begin
    if step.operation operator(pg_catalog.=) 'archive' then
        locks_missed := false;
        call pgops.archive_partition(parent, policy, step, problem);
        return;
    end if;
    for try in 1 .. pgops.configuration_value('lock_tries') loop
        -- A snapshot older than the locks would not see rows that arrived before them.
        commit;
        set transaction isolation level read committed;
        select t.problem, t.locks_missed into problem, locks_missed
        from pgops.try_partition_step(parent, policy, step) as t;
        commit;
        exit when not locks_missed;
        perform pg_catalog.pg_sleep(pgops.retry_delay_seconds());
    end loop;
end
$$;

comment on routine pgops.run_partition_step(regclass, jsonb, pgops.partition_step, text, boolean) is
    'Does one step of a plan in a transaction of its own, again and again while its locks are not obtained, with pauses '
    'in which it holds none; archiving is an operation of its own. problem: null for success; locks_missed: it was given '
    'up for want of locks. Errors: 2D000 called within a transaction. No search_path is set, because a procedure with settings may not commit.';

revoke all on procedure pgops.run_partition_step(regclass, jsonb, pgops.partition_step, text, boolean) from public;
grant execute on procedure pgops.run_partition_step(regclass, jsonb, pgops.partition_step, text, boolean) to pgops_operator;
