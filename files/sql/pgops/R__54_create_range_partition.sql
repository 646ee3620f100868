create or replace function pgops.create_range_partition(
    parent regclass,
    policy jsonb,
    step pgops.partition_step
) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    key record := pgops.range_key(parent);
    source regclass := pgops.default_partition(parent);
    condition text := format('%1$I >= %2$L and %1$I < %3$L', key.column_name, step.lower_bound, step.upper_bound);
    holder text;
    partition regclass;
    rows_taken bigint := 0;
    source_has_rows boolean;
begin
    partition := pgops.make_table_like(parent, policy, step.partition_name);
    perform pgops.lock_relations(parent, array[parent], 'share update exclusive');
    if source is not null then
        source_has_rows := pgops.has_rows(parent, source, condition);
        if source_has_rows then
            -- Readers of the default partition go on while rows are taken, which is not to be in vain.
            perform pgops.probe_locks(parent, array[source], 'access exclusive');
            perform pgops.lock_relations(parent, array[source], 'share row exclusive');
        else
            perform pgops.lock_relations(parent, array[source], 'access exclusive');
            source_has_rows := pgops.has_rows(parent, source, condition);
        end if;
        if source_has_rows then
            holder := pgops.moving_rows_table(parent);
            rows_taken := pgops.take_rows(parent, source, holder, condition);
            perform pgops.lock_relations(parent, array[source], 'access exclusive');
        end if;
    end if;
    perform pgops.run_as_owner(parent, format('alter table %s attach partition %s for values from (%L) to (%L)',
        parent, partition, step.lower_bound, step.upper_bound));
    perform pgops.copy_replica_identity(parent, partition);
    perform pgops.call_hook(parent, policy, 'attached', partition);
    if holder is not null then
        perform pgops.put_rows(parent, partition, holder, rows_taken);
        perform pgops.call_hook(parent, policy, 'moved', source, partition);
    end if;
    return rows_taken;
end
$$;

comment on function pgops.create_range_partition(regclass, jsonb, pgops.partition_step) is
    'Makes the partition of a step, calls the hook "attached", moves its rows out of the default partition and calls the '
    'hook "moved"; returns the number of rows moved. The rows are deleted before and inserted after ATTACH PARTITION, so '
    'that a publication through the root sends both. Errors: 55P03 locks not obtained in time, 42P17 bounds overlap, '
    '42P07 the name is taken, and those of pgops.take_rows(). '
    'Locks: SHARE UPDATE EXCLUSIVE on the parent; on the default partition SHARE ROW EXCLUSIVE while rows are deleted, '
    'then ACCESS EXCLUSIVE while they are inserted and the server looks through what is left in it.';

revoke all on function pgops.create_range_partition(regclass, jsonb, pgops.partition_step) from public;
grant execute on function pgops.create_range_partition(regclass, jsonb, pgops.partition_step) to pgops_operator;
