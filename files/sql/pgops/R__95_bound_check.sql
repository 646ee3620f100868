create or replace function pgops.bound_check(root regclass, new_table regclass, route regclass) returns text
language sql
stable
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO, YMD'
set timezone = 'UTC'
begin atomic
    select pgops.renamed_hash(pg_get_partition_constraintdef(new_table), route, root);
end;

comment on function pgops.bound_check(regclass, regclass, regclass) is
    'The bound of a partition of route as a condition, as it would be as a partition of root, which is partitioned alike.';

revoke all on function pgops.bound_check(regclass, regclass, regclass) from public;
grant execute on function pgops.bound_check(regclass, regclass, regclass) to pgops_operator;
