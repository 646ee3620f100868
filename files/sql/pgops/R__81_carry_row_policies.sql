create or replace function pgops.carry_row_policies(
    source regclass,
    target regclass
) returns table (policy_name name, command text)
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select p.polname, x.command
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
    where p.polrelid = source and (x.place = 1 or obj_description(p.oid, 'pg_policy') is not null)
    order by p.polname, x.place;
end;

comment on function pgops.carry_row_policies(regclass, regclass) is
    'Commands that give a table the policies of row-level security of another, with their comments, whatever it has already.';

revoke all on function pgops.carry_row_policies(regclass, regclass) from public;
grant execute on function pgops.carry_row_policies(regclass, regclass) to pgops_operator;
