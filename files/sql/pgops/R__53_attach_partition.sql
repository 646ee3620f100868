create or replace function pgops.attach_partition(
    parent regclass,
    partition regclass,
    bound text,
    subpartitions jsonb
) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
declare
    subpartition jsonb;
begin
    perform pgops.run_as_owner(parent, format('alter table %s attach partition %s %s', parent, partition, bound));
    perform pgops.copy_replica_identity(parent, partition);
    -- From the top: ATTACH gives an identity column to the partition, but not to partitions that it already has, and
    -- DETACH then fails for want of it (PostgreSQL 17 and 18).
    for subpartition in select s.value from jsonb_array_elements(subpartitions) as s loop
        perform pgops.attach_partition(partition, pgops.find_relation(subpartition ->> 'partition_name'),
            subpartition ->> 'bound', subpartition -> 'subpartitions');
    end loop;
end
$$;

comment on function pgops.attach_partition(regclass, regclass, text, jsonb) is
    'Attaches what pgops.make_partition() has made: the partition, then its own, each with the replica identity of the one '
    'above. bound: as pgops.write_bound() gives it. Errors: 42P17 bounds overlap. '
    'Locks: SHARE UPDATE EXCLUSIVE on the parent, ACCESS EXCLUSIVE on its default partition and the partitions.';

revoke all on function pgops.attach_partition(regclass, regclass, text, jsonb) from public;
grant execute on function pgops.attach_partition(regclass, regclass, text, jsonb) to pgops_operator;
