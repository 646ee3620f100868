create or replace procedure pgops.maintain_table(parent regclass, inout failed text[])
language plpgsql
as $$
declare
    policy jsonb;
    steps pgops.partition_step[];
    problems text[] := '{}';
begin
    call pgops.finish_archives(parent, problems);
    begin
        perform pgops.refuse_during_operation(parent);
        policy := pgops.partition_policy_of(parent);
        steps := pgops.plan_steps(parent, pg_catalog.now());
    exception
        when others then
            problems := pg_catalog.array_append(problems, pg_catalog.format('no plan: %s (SQLSTATE %s)', sqlerrm, sqlstate));
            perform pgops.log_partition_event('error', parent, problems[pg_catalog.cardinality(problems)]);
            perform pgops.finish_partition_run(parent, problems);
    end;
    commit;
    if steps is not null then
        call pgops.run_partition_steps(parent, policy, steps, problems);
    end if;
    failed := pgops.with_failure(failed, parent, problems);
end
$$;

comment on routine pgops.maintain_table(regclass, text[]) is
    'Applies the policy of one table as pgops.partition_apply() does, but adds what failed to a list of failed tables '
    'instead of raising it. Errors: 2D000 called within a transaction. '
    'No search_path is set, because a procedure with settings may not commit.';

revoke all on procedure pgops.maintain_table(regclass, text[]) from public;
grant execute on procedure pgops.maintain_table(regclass, text[]) to pgops_operator;
