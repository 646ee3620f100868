create or replace function pgops.copy_privileges(parent regclass, partition regclass) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    command text;
begin
    for command in
        -- Default privileges may have given the new table what the parent does not give.
        select format('revoke all on table %s from %s', partition, g.grantee)
        from (
            select distinct case a.grantee when 0 then 'public' else a.grantee::regrole::text end as grantee
            from pg_class as c cross join aclexplode(c.relacl) as a
            where c.oid = partition and a.grantee <> c.relowner
        ) as g
        union all
        select format('grant %s on table %s to %s%s', a.privilege_type, partition,
            case a.grantee when 0 then 'public' else a.grantee::regrole::text end,
            case when a.is_grantable then ' with grant option' else '' end)
        from pg_class as c cross join aclexplode(c.relacl) as a
        where c.oid = parent and a.grantee <> c.relowner
        union all
        select format('grant %s (%I) on table %s to %s%s', a.privilege_type, t.attname, partition,
            case a.grantee when 0 then 'public' else a.grantee::regrole::text end,
            case when a.is_grantable then ' with grant option' else '' end)
        from pg_attribute as t cross join aclexplode(t.attacl) as a
        where t.attrelid = parent and not t.attisdropped
    loop
        perform pgops.run_as_owner(parent, command);
    end loop;
end
$$;

comment on function pgops.copy_privileges(regclass, regclass) is
    'Gives a new partition the privileges of the parent, on the table and on columns, and no others: access through the '
    'parent needs none on the partition, access straight to it does.';

revoke all on function pgops.copy_privileges(regclass, regclass) from public;
grant execute on function pgops.copy_privileges(regclass, regclass) to pgops_operator;
