create or replace function pgops.partition_policy_written() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    new.policy := pgops.complete_policy(new.policy);
    perform pgops.check_policy(new.parent, new.policy);
    new.strategy := pgops.policy_strategy(new.policy);
    new.changed_at := now();
    new.changed_by := current_user;
    return new;
end
$$;

comment on function pgops.partition_policy_written() is
    'Trigger of pgops.partition_policy: completes and checks a policy, whoever writes it and how. '
    'Errors: as pgops.complete_policy() and pgops.check_policy().';

revoke all on function pgops.partition_policy_written() from public;

create or replace trigger partition_policy_written
before insert or update of parent, policy on pgops.partition_policy
for each row execute function pgops.partition_policy_written();

drop policy if exists monitor_reads on pgops.partition_policy;
create policy monitor_reads on pgops.partition_policy for select to pgops_monitor using (true);

drop policy if exists operator_adds on pgops.partition_policy;
create policy operator_adds on pgops.partition_policy for insert to pgops_operator
with check (pgops.can_act_on(parent));

drop policy if exists operator_changes on pgops.partition_policy;
create policy operator_changes on pgops.partition_policy for update to pgops_operator
using (pgops.can_act_on(parent)) with check (pgops.can_act_on(parent));

drop policy if exists operator_removes on pgops.partition_policy;
create policy operator_removes on pgops.partition_policy for delete to pgops_operator
using (pgops.can_act_on(parent) or not exists (select from pg_class as c where c.oid = parent));
