drop policy if exists monitor_reads on pgops.operation;
create policy monitor_reads on pgops.operation for select to pgops_monitor using (true);

drop policy if exists operator_adds on pgops.operation;
create policy operator_adds on pgops.operation for insert to pgops_operator
with check (pgops.can_act_on(relation));

drop policy if exists operator_changes on pgops.operation;
create policy operator_changes on pgops.operation for update to pgops_operator
using (pgops.can_act_on(relation)) with check (pgops.can_act_on(relation));
