create or replace function pgops.carry_owner_privileges(source regclass, target regclass) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select format('revoke %s on table %s from %s', d.privilege_type, target, c.relowner::regrole)
    from pg_class as c
    cross join aclexplode(acldefault('r', c.relowner)) as d
    where c.oid = source
        and c.relacl is not null
        and not exists (
            select from aclexplode(c.relacl) as a
            where a.grantee = c.relowner and a.privilege_type = d.privilege_type
        );
end;

comment on function pgops.carry_owner_privileges(regclass, regclass) is
    'Commands that take from the owner of a new table what the owner of another has taken from himself; for the time when '
    'no more rows are to be copied.';

revoke all on function pgops.carry_owner_privileges(regclass, regclass) from public;
grant execute on function pgops.carry_owner_privileges(regclass, regclass) to pgops_operator;
