create or replace function pgops.carry_dependent_obstacles(source regclass) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select format('%s depends on %s%s and would not follow its rows: drop it, or make it depend on %s', d.description,
        case when d.by_row_type then 'the row type of ' end, source, coalesce(pg_partition_root(source), source))
    from pgops.table_dependents(source) as d
    union all
    select format('rule "%s" of %s speaks of the table itself, beyond NEW and OLD: drop it', r.rulename, source)
    from pg_rewrite as r
    cross join lateral (select pg_get_ruledef(r.oid) as whole) as d
    where r.ev_class = source
        and position(source::text in substr(d.whole, position(format(' TO %s', source) in d.whole)
            + length(format(' TO %s', source)))) > 0
    union all
    select format('policy "%s" of %s speaks of the table itself: drop it, or make it speak of %s', p.polname, source,
        coalesce(pg_partition_root(source), source))
    from pg_policy as p
    where p.polrelid = source
        and position(source::text in concat(pg_get_expr(p.polqual, source), pg_get_expr(p.polwithcheck, source))) > 0;
end;

comment on function pgops.carry_dependent_obstacles(regclass) is
    'Views, functions, rules and policies that speak of a table by name and so would go on speaking of it when others have '
    'taken its place.';

revoke all on function pgops.carry_dependent_obstacles(regclass) from public;
grant execute on function pgops.carry_dependent_obstacles(regclass) to pgops_operator;
