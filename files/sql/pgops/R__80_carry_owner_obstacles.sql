create or replace function pgops.carry_owner_obstacles(source regclass) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select format('%s, the owner of %s, has taken %s from himself, which it is read, locked and watched by: GRANT %s ON %s TO %s',
        c.relowner::regrole, source, p.privileges, p.privileges, source, c.relowner::regrole)
    from pg_class as c
    cross join lateral (
        select string_agg(n.privilege, ', ' order by n.number) as privileges
        from unnest(array['SELECT', 'UPDATE', 'TRIGGER']) with ordinality as n (privilege, number)
        where not has_table_privilege(c.relowner, c.oid, n.privilege)
    ) as p
    where c.oid = source and p.privileges is not null;
end;

comment on function pgops.carry_owner_obstacles(regclass) is
    'What the owner of a table has taken from himself and the engine, which acts as he, cannot do without: SELECT to copy rows, '
    'UPDATE to lock table and rows, TRIGGER to note what changes.';

revoke all on function pgops.carry_owner_obstacles(regclass) from public;
grant execute on function pgops.carry_owner_obstacles(regclass) to pgops_operator;
