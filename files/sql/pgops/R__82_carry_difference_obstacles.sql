create or replace function pgops.carry_difference_obstacles(relation regclass, sources regclass[]) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    -- What each would give to one and the same table.
    with given as (
        select s.source, s.number, k.kind, k.command
        from unnest(sources) with ordinality as s (source, number)
        cross join lateral (
            select 'privilege', c.command from pgops.carry_privileges(s.source, relation) as c (command)
            union all
            select 'row-level security', c.command from pgops.carry_row_security(s.source, relation) as c (command)
            union all
            select 'trigger', c.command from pgops.carry_triggers(s.source, relation) as c (command)
            union all
            select 'rule', c.command from pgops.carry_rules(s.source, relation) as c (command)
            union all
            select 'publication', c.command from pgops.carry_publications(s.source, relation) as c (command)
            where c.command ~ ' add table '
        ) as k (kind, command)
        where s.source <> relation
    )

    select distinct on (g.kind) format('%s and %s, which are to become one table, differ in their %s (%s): make them equal',
        g.source, o.source, g.kind, g.command)
    from given as g
    join unnest(sources) with ordinality as o (source, number) on o.number <> g.number and o.source <> relation
    where not exists (
        select from given as e where e.number = o.number and e.kind = g.kind and e.command = g.command
    )
    order by g.kind, g.number, o.number, g.command;
end;

comment on function pgops.carry_difference_obstacles(regclass, regclass[]) is
    'In what tables that are to become one differ, where following one of them would give somebody more or less than he had.';

revoke all on function pgops.carry_difference_obstacles(regclass, regclass[]) from public;
grant execute on function pgops.carry_difference_obstacles(regclass, regclass[]) to pgops_operator;
