create or replace procedure pgops.operation_apply(
    relation regclass,
    operation text,
    arguments jsonb default '{}',
    options jsonb default '{}'
)
language plpgsql
as $$
begin
    call pgops.check_can_commit('pgops.operation_apply');
    call pgops.run_operation(pgops.start_operation(relation, operation, arguments, options));
end
$$;

comment on routine pgops.operation_apply(regclass, text, jsonb, jsonb) is $$Changes the partitions of a table that is
written to meanwhile, as pgops.operation_plan() says; commits between its steps. Killed anywhere, the same call goes on, and
when the operation is done and its outcome stands, a NOTICE says so.
relation: the table whose direct partitions are concerned. operation and its arguments (a piece is an object with "name" and
"from" (included) and "to" (excluded), or "values", or "modulus" and "remainder"; dates and times without a zone
are those of the time zone of the table's policy, UTC without one):
add: a piece. A new partition; rows of the default partition that belong to it move along.
split: "partition", and "into" (list of pieces) or "every" ("week", "7 days", a number) with "name" (a pattern).
merge: "partitions" (list of names), "into" (a name): ranges side by side, lists, or remainders that make up one.
drain: "partitions" (list of pieces), or nothing: those that the policy makes. Rows leave the default partition.
detach: "partition". It stays as a table.
archive: "partition", "into" (schema.table), "reason": its rows move into a table with archived_at and archive_reason.
drop: "partition", "rows": "discard" when it has rows.
convert: a whole policy, with "old_name" (default <name>_old) of the old table, "wider_keys": true where unique constraints may
  be made wider by the partition key, or "new_name" of a second table. The two tables are kept in step until
undo: no arguments. The table is what it was before, with all rows written since, or
finish: "drop_old": true where the old table is to go. undo: "discard_changes": true where the definition of the table was
changed since it was converted, and that may be lost.
options: lock_budget_ms (default: setting operation_lock_budget), batch_blocks, max_replay_keys (likewise); switch: "now"
(default) or "wait" (until pgops.operation_switch()); switch_after: a time before which it does not switch.
Needs pgops_operator and the right to SET ROLE to the table's owner.
Errors: P0001 a step failed: what was done stays, the message says how to go on; 55006 another session runs it, or another
operation of the table is not finished; 2D000 inside a transaction block; and those of pgops.operation_plan().
Locks: column lock_level of the plan.$$;

revoke all on procedure pgops.operation_apply(regclass, text, jsonb, jsonb) from public;
grant execute on procedure pgops.operation_apply(regclass, text, jsonb, jsonb) to pgops_operator;
