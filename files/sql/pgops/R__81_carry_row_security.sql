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
    from pgops.carry_row_policies(source, target) as p
    where not exists (select from pg_policy as e where e.polrelid = target and e.polname = p.policy_name);
end;

comment on function pgops.carry_row_security(regclass, regclass) is
    'Commands that give a new table the flags and the policies of row-level security of another.';

revoke all on function pgops.carry_row_security(regclass, regclass) from public;
grant execute on function pgops.carry_row_security(regclass, regclass) to pgops_operator;
