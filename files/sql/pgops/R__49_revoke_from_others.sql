create or replace function pgops.revoke_from_others(relation regclass) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select format('revoke all on table %s from %s cascade', relation,
        case a.grantee when 0 then 'public' else a.grantee::regrole::text end)
    from pg_class as c
    cross join aclexplode(c.relacl) as a
    where c.oid = relation and a.grantee <> c.relowner
    group by a.grantee;
end;

comment on function pgops.revoke_from_others(regclass) is
    'Commands that take from everybody but the owner what they may do with a table: of a new one, what default privileges '
    'have given.';

revoke all on function pgops.revoke_from_others(regclass) from public;
grant execute on function pgops.revoke_from_others(regclass) to pgops_operator;
