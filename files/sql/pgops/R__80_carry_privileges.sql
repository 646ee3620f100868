create or replace function pgops.carry_privileges(source regclass, target regclass) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    -- Default privileges may have given the new table what the other does not give.
    select r.command from pgops.revoke_from_others(target) as r (command)
    union all
    -- What others have granted on, the owner grants himself: nobody else can be named as grantor.
    select format('grant %s%s on table %s to %s%s', g.privilege_type, ' (' || quote_ident(g.column_name) || ')', target,
        case g.grantee when 0 then 'public' else g.grantee::regrole::text end,
        case when g.is_grantable then ' with grant option' end)
    from (
        select a.grantee, a.privilege_type, null::name as column_name, bool_or(a.is_grantable) as is_grantable
        from pg_class as c
        cross join aclexplode(c.relacl) as a
        where c.oid = source and a.grantee <> c.relowner
        group by a.grantee, a.privilege_type
        union all
        select a.grantee, a.privilege_type, t.attname, bool_or(a.is_grantable)
        from pg_class as c
        join pg_attribute as t on t.attrelid = c.oid and not t.attisdropped
        cross join aclexplode(t.attacl) as a
        where c.oid = source
        group by a.grantee, a.privilege_type, t.attname
    ) as g;
end;

comment on function pgops.carry_privileges(regclass, regclass) is
    'Commands that give a new table the privileges of another, on the table and on columns, with their grant options, and '
    'no others. The owner is grantor of all of them; his own privileges are left to pgops.carry_owner_privileges().';

revoke all on function pgops.carry_privileges(regclass, regclass) from public;
grant execute on function pgops.carry_privileges(regclass, regclass) to pgops_operator;
