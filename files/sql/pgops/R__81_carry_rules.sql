create or replace function pgops.carry_rules(source regclass, target regclass) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select x.command
    from pg_rewrite as r
    cross join lateral (
        select pg_get_ruledef(r.oid) as whole, format(' TO %s', source) as place
    ) as d
    cross join lateral (values
        (1, split_part(d.whole, d.place, 1) || format(' TO %s', target)
            || substr(d.whole, length(split_part(d.whole, d.place, 1)) + length(d.place) + 1)),
        (2, case when r.ev_enabled <> 'O' then format('alter table %s %s rule %I', target,
            case r.ev_enabled when 'D' then 'disable' when 'R' then 'enable replica' else 'enable always' end,
            r.rulename) end),
        (3, format('comment on rule %I on %s is ', r.rulename, target) || quote_literal(obj_description(r.oid, 'pg_rewrite')))
    ) as x (place, command)
    where r.ev_class = source and x.command is not null
    order by r.rulename, x.place;
end;

comment on function pgops.carry_rules(regclass, regclass) is
    'Commands that give a table the rules of another, enabled as they are there, with their comments. Rules that speak of '
    'the table beyond NEW and OLD are an obstacle: pgops.carry_dependent_obstacles().';

revoke all on function pgops.carry_rules(regclass, regclass) from public;
grant execute on function pgops.carry_rules(regclass, regclass) to pgops_operator;
