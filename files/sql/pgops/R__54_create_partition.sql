create or replace function pgops.create_partition(
    parent regclass,
    policy jsonb,
    step pgops.partition_step,
    partition regclass,
    default_partition regclass
) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    condition text := pgops.piece_condition(pgops.policy_column(policy), pgops.read_bound(step.bound));
    holder text := pgops.moving_rows_table(parent);
    rows_taken bigint := 0;
begin
    if default_partition is not null and pgops.has_rows(parent, default_partition, condition) then
        rows_taken := pgops.take_rows(parent, default_partition, holder, condition);
    end if;
    perform pgops.attach_partition(parent, partition, step.bound, step.subpartitions);
    perform pgops.call_hook(parent, policy, 'attached', partition);
    if rows_taken > 0 then
        perform pgops.put_rows(parent, partition, holder, rows_taken);
        perform pgops.call_hook(parent, policy, 'moved', default_partition, partition);
    end if;
    return rows_taken;
end
$$;

comment on function pgops.create_partition(regclass, jsonb, pgops.partition_step, regclass, regclass) is
    'Attaches a new table, with its subpartitions, as the partition of a step, calls the hook "attached", moves its rows out '
    'of the default partition (null for none) and calls the hook "moved"; returns the number of rows moved. The rows are '
    'deleted before and inserted after ATTACH PARTITION, so that a publication through the root sends both. '
    'Errors: 42P17 bounds overlap, and those of pgops.take_rows(). '
    'Locks: held already, pgops.step_locks(). ATTACH alone would let writers through, and refuse the row of one that had '
    'chosen the default partition before.';

revoke all on function pgops.create_partition(regclass, jsonb, pgops.partition_step, regclass, regclass) from public;
grant execute on function pgops.create_partition(regclass, jsonb, pgops.partition_step, regclass, regclass) to pgops_operator;
