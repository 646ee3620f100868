create or replace function pgops.step_relations(
    parent regclass,
    operation text,
    partition regclass,
    out relations regclass[],
    out lock_modes text[]
)
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select array_agg(t.relation order by l.number, t.level, t.relation), array_agg(l.lock_mode order by l.number, t.level, t.relation)
    from pgops.step_locks(parent, operation, partition, pgops.default_partition(parent) is not null)
        with ordinality as l (locked, lock_mode, with_partitions, number)
    cross join lateral (
        select l.locked as relation, 0 as level
        union all
        select p.relid, p.level from pg_partition_tree(l.locked) as p where l.with_partitions and p.level > 0
    ) as t
    join pg_class as c on c.oid = t.relation
    join pg_class as root on root.oid = parent
    -- LOCK TABLE is refused for others; the command that needs these locks asks for no such right.
    where c.relkind in ('r', 'p')
        and has_schema_privilege(root.relowner, c.relnamespace, 'usage')
        and has_table_privilege(root.relowner, c.oid, 'update, delete, truncate');
end;

comment on function pgops.step_relations(regclass, text, regclass) is
    'Relations to be locked one by one for a step of a plan, and the mode of each: pgops.step_locks() with the partitions that '
    'it means, but for foreign tables and for tables which the owner of the parent may not lock.';

revoke all on function pgops.step_relations(regclass, text, regclass) from public;
grant execute on function pgops.step_relations(regclass, text, regclass) to pgops_operator;
