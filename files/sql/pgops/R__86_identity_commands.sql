create or replace function pgops.identity_commands(source regclass, target regclass) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select c.command
    from pg_attribute as a
    cross join lateral (
        select pgops.identity_sequence(source, a.attname) as old_name, pgops.identity_sequence(target, a.attname) as new_name
    ) as q
    cross join lateral (
        select 1 as step, format('select setval(%L::regclass, s.last_value, s.is_called) from %s as s', q.new_name, q.old_name) as command
        union all
        select 2, format('grant %s on sequence %s to %s%s', g.privilege_type, q.new_name,
            case g.grantee when 0 then 'public' else g.grantee::regrole::text end, case when g.is_grantable then ' with grant option' end)
        from pg_class as s
        cross join aclexplode(s.relacl) as g
        where s.oid = q.old_name and g.grantee <> s.relowner
        union all
        select 3, format('comment on sequence %s is %L', q.new_name, obj_description(q.old_name, 'pg_class'))
        where obj_description(q.old_name, 'pg_class') is not null
    ) as c
    where a.attrelid = source
        and a.attidentity <> ''
        and not a.attisdropped
        and q.new_name is not null
    order by a.attnum, c.step, c.command;
end;

comment on function pgops.identity_commands(regclass, regclass) is
    'Commands that let the identity columns of a table go on where those of another have come to, with the privileges and comments of '
    'their sequences.';

revoke all on function pgops.identity_commands(regclass, regclass) from public;
grant execute on function pgops.identity_commands(regclass, regclass) to pgops_operator;
