create or replace function pgops.referencing_keys(relation regclass) returns setof oid
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    -- Those of partitions, on either side, follow the key that they were made for.
    select k.oid
    from pg_constraint as k
    where k.contype = 'f'
        and k.conparentid = 0
        and (k.confrelid = relation or k.confrelid in (select a.relid from pg_partition_ancestors(relation) as a))
    order by k.conrelid::regclass::text, k.conname;
end;

comment on function pgops.referencing_keys(regclass) is
    'The foreign keys, as OIDs in pg_constraint, that refer to a table or to one of the partitioned tables above it.';

revoke all on function pgops.referencing_keys(regclass) from public;
grant execute on function pgops.referencing_keys(regclass) to pgops_operator;
