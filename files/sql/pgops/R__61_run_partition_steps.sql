create or replace procedure pgops.run_partition_steps(
    parent regclass,
    policy jsonb,
    steps pgops.partition_step[],
    inout problems text[]
)
language plpgsql
as $$
declare
    step pgops.partition_step;
    problem text;
    locks_missed boolean := false;
    archive_failed boolean := problems operator(pg_catalog.<>) '{}';
begin
    foreach step in array steps loop
        if step.operation operator(pg_catalog.=) 'blocked' then
            perform pgops.log_partition_event('warning', parent, step.description);
            continue;
        end if;
        -- One at a time: the next would be refused for the one that is not finished.
        continue when archive_failed and step.operation operator(pg_catalog.=) 'archive';
        call pgops.run_partition_step(parent, policy, step, problem, locks_missed);
        if problem is not null then
            problems := pg_catalog.array_append(problems, problem);
        end if;
        -- Who held these locks holds those of the next step too: the next run will find them free.
        exit when locks_missed;
    end loop;
    perform pgops.finish_partition_run(parent, problems);
    commit;
end
$$;

comment on routine pgops.run_partition_steps(regclass, jsonb, pgops.partition_step[], text[]) is
    'Does the steps of a plan one after the other, records what came of them, and adds to problems what failed; nothing is archived '
    'where they say already that it failed. One '
    'failing does not keep the next from being tried, unless its locks could not be obtained. '
    'Errors: 2D000 called within a transaction. No search_path is set, because a procedure with settings may not commit.';

revoke all on procedure pgops.run_partition_steps(regclass, jsonb, pgops.partition_step[], text[]) from public;
grant execute on procedure pgops.run_partition_steps(regclass, jsonb, pgops.partition_step[], text[]) to pgops_operator;
