create or replace procedure pgops.partition_apply(parent regclass, as_of timestamptz default pg_catalog.now())
language plpgsql
as $$
declare
    problems text[] := '{}';
begin
    call pgops.check_can_commit('pgops.partition_apply');
    call pgops.finish_archives(parent, problems);
    perform pgops.refuse_during_operation(parent);
    call pgops.run_partition_steps(
        parent, pgops.partition_policy_of(parent), pgops.plan_steps(parent, as_of), problems
    );
    perform pgops.refuse_problems(parent, problems);
end
$$;

comment on routine pgops.partition_apply(regclass, timestamptz) is $$Does what pgops.partition_plan() says for a table:
each step in its own transaction, as owner of the table, with the setting lock_timeout and retries, so that it can be
killed anywhere and run again, and no writer waits behind it longer than lock_timeout. Two at once do each step once.
Logs each step as event, blocked steps and rows left in the default partition as warnings, failures as errors.
Needs pgops_operator and the right to SET ROLE to the table's owner.
Errors: P0001 when steps failed, with their messages, after all others were done; 55006 an operation of the table is not
finished; 2D000 called inside a transaction block or from a function, and those of pgops.partition_plan(). Locks: column lock_level of the plan.$$;

revoke all on procedure pgops.partition_apply(regclass, timestamptz) from public;
grant execute on procedure pgops.partition_apply(regclass, timestamptz) to pgops_operator;
