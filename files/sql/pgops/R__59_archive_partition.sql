create or replace procedure pgops.archive_partition(
    parent regclass,
    policy jsonb,
    step pgops.partition_step,
    inout problem text
)
language plpgsql
as $$
declare
    operation_id bigint;
begin
    problem := null;
    begin
        operation_id := pgops.start_archive(policy, step);
    exception
        when others then
            problem := pg_catalog.format('archive %s: %s (SQLSTATE %s)', step.partition_name, sqlerrm, sqlstate);
    end;
    commit;
    if operation_id is null then
        return;
    end if;
    call pgops.run_operation_steps(operation_id, problem);
    if problem is null then
        perform pgops.log_partition_event('info', parent, pg_catalog.format('archive %s', step.partition_name),
            pg_catalog.jsonb_build_object('bound', step.bound, 'operation_id', operation_id));
        commit;
    end if;
end
$$;

comment on routine pgops.archive_partition(regclass, jsonb, pgops.partition_step, text) is
    'Has the operation archive take the rows of a partition past its retention into the table that the policy names. '
    'Killed anywhere, the next run goes on with it. problem: null for success. '
    'Errors: 2D000 called within a transaction. No search_path is set, because a procedure with settings may not commit.';

revoke all on procedure pgops.archive_partition(regclass, jsonb, pgops.partition_step, text) from public;
grant execute on procedure pgops.archive_partition(regclass, jsonb, pgops.partition_step, text) to pgops_operator;
