create or replace function pgops.converted_key_commands(relation regclass, new_table regclass, phase text) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    -- The server adds no key to a partitioned table without looking at all rows (before PostgreSQL 18), but to partitions,
    -- and takes those for its own that are valid.
    select x.command
    from pg_constraint as k
    join pg_class as t on t.oid = new_table
    left join pg_constraint as p on p.oid = k.conparentid
    cross join lateral (
        select regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '') as definition,
            pg_get_constraintdef(k.oid) ~ ' NOT ENFORCED$' as is_idle
    ) as d
    cross join lateral (
        select 'switch', l.number, format('alter table %s add constraint %I %s%s', l.leaf, k.conname, d.definition,
            case when not d.is_idle then ' not valid' end)
        from pgops.table_leaves(new_table) with ordinality as l (leaf, number)
        union all
        select 'after', l.number, format('alter table %s validate constraint %I', l.leaf, k.conname)
        from pgops.table_leaves(new_table) with ordinality as l (leaf, number)
        where k.convalidated
        union all
        select 'after', 1000000, format('alter table %s add constraint %I %s', new_table, k.conname, d.definition)
        where k.convalidated and not d.is_idle and t.relkind = 'p'
        union all
        select 'after', 1000001, format('comment on constraint %I on %s is %L', k.conname, new_table,
            obj_description(k.oid, 'pg_constraint'))
        where (k.convalidated or t.relkind <> 'p') and obj_description(k.oid, 'pg_constraint') is not null
    ) as x (phase, number, command)
    where k.conrelid = relation
        and k.contype = 'f'
        and p.conrelid is distinct from k.conrelid
        and x.phase = converted_key_commands.phase
    order by k.conname, x.number;
end;

comment on function pgops.converted_key_commands(regclass, regclass, text) is
    'Commands that give a partitioned table the foreign keys of another table: its partitions first, not valid, in the phase '
    'switch; then, in the phase after, they are validated and become those of the table. One that is not valid stays with '
    'the partitions. Locks: SHARE ROW EXCLUSIVE on the referenced tables for a moment, in the phase after ACCESS EXCLUSIVE, and SHARE '
    'ROW EXCLUSIVE on the table and its partitions.';

revoke all on function pgops.converted_key_commands(regclass, regclass, text) from public;
grant execute on function pgops.converted_key_commands(regclass, regclass, text) to pgops_operator;
