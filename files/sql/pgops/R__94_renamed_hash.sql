create or replace function pgops.renamed_hash(condition text, present regclass, wanted regclass) returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
return replace(condition, format('satisfies_hash_partition(''%s''::oid', present::oid),
    format('satisfies_hash_partition(''%s''::oid', wanted::oid));

comment on function pgops.renamed_hash(text, regclass, regclass) is
    'The condition of a partition of a HASH table as it is for another table that is partitioned alike: the server names the '
    'partitioned table in it by its OID.';

revoke all on function pgops.renamed_hash(text, regclass, regclass) from public;
grant execute on function pgops.renamed_hash(text, regclass, regclass) to pgops_operator;
