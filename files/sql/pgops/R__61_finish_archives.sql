create or replace procedure pgops.finish_archives(parent regclass, inout problems text[])
language plpgsql
as $$
declare
    operation_id bigint;
    problem text;
begin
    foreach operation_id in array pgops.unfinished_archives(parent) loop
        problem := null;
        begin
            perform pgops.claim_operation(operation_id);
        exception
            when others then
                problem := sqlerrm;
        end;
        commit;
        if problem is null then
            call pgops.run_operation_steps(operation_id, problem);
        end if;
        if problem is not null then
            problem := pg_catalog.format('archive, operation %s: %s', operation_id, problem);
            perform pgops.log_partition_event('error', parent, problem);
            problems := pg_catalog.array_append(problems, problem);
        end if;
    end loop;
end
$$;

comment on routine pgops.finish_archives(regclass, text[]) is
    'Goes on with operations by which the policy of a table archives partitions and that were killed, before it is applied again. '
    'Adds to problems what failed. Errors: 2D000 called within a transaction. No search_path is set, because a procedure with '
    'settings may not commit.';

revoke all on procedure pgops.finish_archives(regclass, text[]) from public;
grant execute on procedure pgops.finish_archives(regclass, text[]) to pgops_operator;
