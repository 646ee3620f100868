create or replace function pgops.operation_source(relation regclass, partition regclass, afterwards text) returns jsonb
language sql
set search_path = pg_catalog, pg_temp
begin atomic
    select jsonb_build_object('oid', b.partition::oid::bigint, 'name', b.partition_name, 'bound', b.bound, 'then', afterwards)
    from pgops.partition_bounds(relation) as b
    where b.partition = operation_source.partition;
end;

comment on function pgops.operation_source(regclass, regclass, text) is
    'An element of pgops.operation.sources: a partition that leaves the table, and what becomes of it (drop, keep).';

revoke all on function pgops.operation_source(regclass, regclass, text) from public;
grant execute on function pgops.operation_source(regclass, regclass, text) to pgops_operator;
