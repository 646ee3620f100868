create or replace function pgops.create_partition(
    parent regclass,
    policy jsonb,
    step pgops.partition_step
) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    source regclass := pgops.default_partition(parent);
    condition text := pgops.piece_condition(pgops.policy_column(policy), pgops.read_bound(step.bound));
    holder text := pgops.moving_rows_table(parent);
    partition regclass;
    rows_taken bigint := 0;
begin
    partition := pgops.make_partition(parent, policy, step.partition_name, step.subpartitions);
    if source is null then
        perform pgops.lock_relations(parent, array[parent], array['share update exclusive']);
    else
        -- ATTACH alone would let writers through, and refuse the row of one that had chosen the default partition before.
        perform pgops.lock_relations(parent, array[parent, source], array['share row exclusive', 'access exclusive']);
        if pgops.has_rows(parent, source, condition) then
            rows_taken := pgops.take_rows(parent, source, holder, condition);
        end if;
    end if;
    perform pgops.attach_partition(parent, partition, step.bound, step.subpartitions);
    perform pgops.call_hook(parent, policy, 'attached', partition);
    if rows_taken > 0 then
        perform pgops.put_rows(parent, partition, holder, rows_taken);
        perform pgops.call_hook(parent, policy, 'moved', source, partition);
    end if;
    return rows_taken;
end
$$;

comment on function pgops.create_partition(regclass, jsonb, pgops.partition_step) is
    'Makes the partition of a step with its subpartitions, calls the hook "attached", moves its rows out of the default '
    'partition and calls the hook "moved"; returns the number of rows moved. The rows are deleted before and inserted after '
    'ATTACH PARTITION, so that a publication through the root sends both. Errors: 55P03 locks not obtained in time, 42P17 '
    'bounds overlap, 42P07 the name is taken, and those of pgops.take_rows(). '
    'Locks: without a default partition SHARE UPDATE EXCLUSIVE on the parent; else SHARE ROW EXCLUSIVE on the parent '
    '(without its partitions) and ACCESS EXCLUSIVE on the default partition, which the server looks through.';

revoke all on function pgops.create_partition(regclass, jsonb, pgops.partition_step) from public;
grant execute on function pgops.create_partition(regclass, jsonb, pgops.partition_step) to pgops_operator;
