create or replace function pgops.carry_all_commands(
    parent regclass,
    sources regclass[],
    targets text[],
    phase text
) returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    -- New tables are made after the first source; what is left behind is left behind by each of them.
    select coalesce(array_agg(c.command order by c.first_place), '{}')
    from (
        select a.command, min(a.place) as first_place
        from (
            select k.command, row_number() over (order by t.number, s.number, k.number) as place
            from unnest(sources) with ordinality as s (source, number)
            cross join unnest(targets) with ordinality as t (target, number)
            cross join pgops.carry_commands(s.source, t.target, parent, phase) with ordinality as k (command, number)
            where phase in ('release', 'switch', 'after_switch') or s.number = 1
        ) as a
        group by a.command
    ) as c;
end;

comment on function pgops.carry_all_commands(regclass, regclass[], text[], text) is
    'What pgops.carry_commands() says for a phase of replacing some tables by others, each command once, as an array: to be '
    'kept while the catalogue changes. Where sources differ, new tables follow the first. Errors: as there.';

revoke all on function pgops.carry_all_commands(regclass, regclass[], text[], text) from public;
grant execute on function pgops.carry_all_commands(regclass, regclass[], text[], text) to pgops_operator;
