create or replace function pgops.relation_blocks(relation regclass) returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select sum(pg_relation_size(t.relid)) / current_setting('block_size')::integer
    from (
        select relation as relid
        union
        select p.relid from pg_partition_tree(relation) as p
    ) as t;
end;

comment on function pgops.relation_blocks(regclass) is 'Blocks of a table, with all partitions that it has.';

revoke all on function pgops.relation_blocks(regclass) from public;
grant execute on function pgops.relation_blocks(regclass) to pgops_operator;
