create or replace function pgops.operation_obstacles(relation regclass, sources regclass[], operation text) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    -- Without sources, an empty partition is added: its table follows the partitioned one and is never filled beside it.
    select o.obstacle from pgops.carry_obstacles(relation, sources, operation) as o (obstacle)
    union all
    select format('%s is a temporary table', c.oid::regclass) from pg_class as c where c.oid = relation and c.relpersistence = 't'
    union all
    select format('%s has partitions of its own: archive those', c.oid::regclass) from pg_class as c
    where c.oid = any(sources) and c.relkind = 'p' and operation = 'archive';
end;

comment on function pgops.operation_obstacles(regclass, regclass[], text) is
    'What stands in the way of an operation, each with what to do. Reads the catalogue only.';

revoke all on function pgops.operation_obstacles(regclass, regclass[], text) from public;
grant execute on function pgops.operation_obstacles(regclass, regclass[], text) to pgops_operator;
