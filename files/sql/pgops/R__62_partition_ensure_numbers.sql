create or replace procedure pgops.partition_ensure_numbers(parent regclass, from_number numeric, upto numeric)
language plpgsql
as $$
declare
    problems text[] := '{}';
begin
    call pgops.check_can_commit('pgops.partition_ensure_numbers');
    perform pgops.refuse_during_operation(parent);
    call pgops.run_partition_steps(
        parent, pgops.partition_policy_of(parent), pgops.plan_number_steps(parent, from_number, upto), problems
    );
    perform pgops.refuse_problems(parent, problems);
end
$$;

comment on routine pgops.partition_ensure_numbers(regclass, numeric, numeric) is
    'Makes the partitions that the keys from from_number (included) up to upto (excluded) need, as the stored policy by '
    'number names and bounds them. The counterpart of pgops.partition_ensure(); works, needs and fails as it does. '
    'Locks: as there.';

revoke all on procedure pgops.partition_ensure_numbers(regclass, numeric, numeric) from public;
grant execute on procedure pgops.partition_ensure_numbers(regclass, numeric, numeric) to pgops_operator;
