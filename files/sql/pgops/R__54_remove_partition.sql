create or replace function pgops.remove_partition(
    parent regclass,
    policy jsonb,
    step pgops.partition_step
) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    partition regclass := pgops.find_relation(step.partition_name);
    relations regclass[] := array_remove(array[parent, partition, pgops.default_partition(parent)], null);
    lock_modes text[] := array_fill('access exclusive'::text, array[cardinality(relations)]);
begin
    -- The hook may work for long on the rows of the partition: nobody is to wait for that, and it is not to be in vain.
    perform pgops.probe_locks(parent, relations, lock_modes);
    perform pgops.call_hook(parent, policy, 'detaching', partition);
    perform pgops.lock_relations(parent, relations, lock_modes);
    perform pgops.run_as_owner(parent, format('alter table %s detach partition %s', parent, partition));
    if step.operation = 'drop' then
        perform pgops.run_as_owner(parent, format('drop %s %s',
            (select case c.relkind when 'f' then 'foreign table' else 'table' end from pg_class as c where c.oid = partition),
            partition));
    end if;
end
$$;

comment on function pgops.remove_partition(regclass, jsonb, pgops.partition_step) is
    'Calls the hook "detaching", then detaches the partition of a step, or detaches and drops it. '
    'Errors: 55P03 locks not obtained in time, 23503 a foreign key refers to its rows. '
    'Locks: ACCESS EXCLUSIVE on the parent (without its partitions), the partition and the default partition.';

revoke all on function pgops.remove_partition(regclass, jsonb, pgops.partition_step) from public;
grant execute on function pgops.remove_partition(regclass, jsonb, pgops.partition_step) to pgops_operator;
