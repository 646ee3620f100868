create or replace function pgops.keep_to_owner(root regclass, relation regclass) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    command text;
begin
    for command in
        select format('revoke all on table %s from %s cascade', relation,
            case a.grantee when 0 then 'public' else a.grantee::regrole::text end)
        from pg_class as c
        cross join aclexplode(c.relacl) as a
        where c.oid = relation and a.grantee <> c.relowner
        group by a.grantee
    loop
        perform pgops.run_as_owner(root, command);
    end loop;
end
$$;

comment on function pgops.keep_to_owner(regclass, regclass) is
    'Takes from everybody but the owner what default privileges have given of a table that was made for an operation: it holds '
    'rows or keys of a table (root) of which they may have no rights.';

revoke all on function pgops.keep_to_owner(regclass, regclass) from public;
grant execute on function pgops.keep_to_owner(regclass, regclass) to pgops_operator;
