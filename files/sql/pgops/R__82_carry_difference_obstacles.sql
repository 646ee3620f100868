create or replace function pgops.carry_difference_obstacles(relation regclass, sources regclass[]) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    -- What each would give to one and the same table.
    with given as materialized (
        select s.source, s.number, k.kind, k.fact
        from unnest(sources) with ordinality as s (source, number)
        cross join lateral (
            select r.kind, r.fact from pgops.carried_rights(s.source, relation) as r
            union all
            -- The default partition stays, with all that it has: only rows of it go into the new table.
            select p.kind, p.fact
            from (
                select c.kind, c.fact from pgops.carried_columns(s.source, relation) as c
                union all
                select o.kind, o.fact from pgops.carried_objects(s.source, relation) as o
                union all
                select t.kind, t.fact from pgops.carried_storage(s.source) as t
            ) as p
            where s.source is distinct from pgops.default_partition(relation)
        ) as k
        where s.source <> relation
    )

    select distinct on (g.kind) format('%s and %s, which are to become one table, differ in their %s (%s): make them equal',
        g.source, o.source, g.kind, g.fact)
    from given as g
    join unnest(sources) with ordinality as o (source, number)
        on o.number <> g.number
            and o.source <> relation
            and (
                g.kind in ('privilege', 'row-level security', 'trigger', 'rule', 'publication')
                or o.source is distinct from pgops.default_partition(relation)
            )
    where not exists (
        select from given as e where e.number = o.number and e.kind = g.kind and e.fact = g.fact
    )
    order by g.kind, g.number, o.number, g.fact;
end;

comment on function pgops.carry_difference_obstacles(regclass, regclass[]) is
    'In what tables that are to become one differ, where following one of them would give somebody more or less than he had, '
    'or lose what the other has.';

revoke all on function pgops.carry_difference_obstacles(regclass, regclass[]) from public;
grant execute on function pgops.carry_difference_obstacles(regclass, regclass[]) to pgops_operator;
