create or replace function pgops.make_partition(
    parent regclass,
    policy jsonb,
    partition_name text,
    subpartitions jsonb
) returns regclass
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    partition regclass;
    subpartition jsonb;
begin
    if subpartitions is null then
        return pgops.make_table_like(parent, policy, partition_name);
    end if;
    partition := pgops.make_partitioned_table_like(parent, policy, partition_name);
    for subpartition in select s.value from jsonb_array_elements(subpartitions) as s loop
        perform pgops.make_partition(partition, pgops.nested_policy(policy), subpartition ->> 'partition_name',
            subpartition -> 'subpartitions');
    end loop;
    return partition;
end
$$;

comment on function pgops.make_partition(regclass, jsonb, text, jsonb) is
    'Makes a table that can be attached to the parent, and tables for the partitions of its own that '
    'pgops.plan_subpartitions() gives; null for none. pgops.attach_partition() makes one of them. '
    'partition_name: quoted and with schema. Nobody sees any of it before the transaction ends. '
    'Errors: as pgops.make_table_like(). Locks: ACCESS SHARE on the parent.';

revoke all on function pgops.make_partition(regclass, jsonb, text, jsonb) from public;
grant execute on function pgops.make_partition(regclass, jsonb, text, jsonb) to pgops_operator;
