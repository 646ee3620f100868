create or replace function pgops.carry_row_security(source regclass, target regclass) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select format('alter table %s %s row level security', target, f.flag)
    from pg_class as c
    cross join lateral (values
        (case when c.relrowsecurity then 'enable' end),
        (case when c.relforcerowsecurity then 'force' end)
    ) as f (flag)
    where c.oid = source and f.flag is not null
    union all
    select p.command
    from (
        select x.command
        from pg_policy as p
        cross join lateral (values
            (1, format('create policy %I on %s as %s for %s to %s%s%s', p.polname, target,
                case when p.polpermissive then 'permissive' else 'restrictive' end,
                case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete'
                    else 'all' end,
                (
                    select string_agg(case r.role when 0 then 'public' else r.role::regrole::text end, ', ')
                    from unnest(p.polroles) as r (role)
                ),
                ' using (' || pgops.renamed_expression(pg_get_expr(p.polqual, p.polrelid), source, target) || ')',
                ' with check (' || pgops.renamed_expression(pg_get_expr(p.polwithcheck, p.polrelid), source, target) || ')')),
            (2, format('comment on policy %I on %s is %L', p.polname, target, obj_description(p.oid, 'pg_policy')))
        ) as x (place, command)
        where p.polrelid = source
            and (x.place = 1 or obj_description(p.oid, 'pg_policy') is not null)
            and not exists (select from pg_policy as e where e.polrelid = target and e.polname = p.polname)
        order by p.polname, x.place
    ) as p;
end;

comment on function pgops.carry_row_security(regclass, regclass) is
    'Commands that give a new table the flags and the policies of row-level security of another.';

revoke all on function pgops.carry_row_security(regclass, regclass) from public;
grant execute on function pgops.carry_row_security(regclass, regclass) to pgops_operator;
