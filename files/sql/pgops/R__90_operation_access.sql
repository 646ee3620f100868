drop policy if exists monitor_reads on pgops.operation;
create policy monitor_reads on pgops.operation for select to pgops_monitor using (true);

-- What a row says is run as owner of its table: it is written by who may become that owner, and by nobody else.
drop policy if exists operator_adds on pgops.operation;
create policy operator_adds on pgops.operation for insert to pgops_operator
with check (pgops.can_act_on(relation) and pgops.is_same_table(relation, relation_number, relation_owner));

drop policy if exists operator_changes on pgops.operation;
create policy operator_changes on pgops.operation for update to pgops_operator
using (pgops.may_become(relation_owner)) with check (pgops.may_become(relation_owner));
