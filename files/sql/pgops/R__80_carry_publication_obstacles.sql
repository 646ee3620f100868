create or replace function pgops.carry_publication_obstacles(source regclass) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select format('publication "%s" is FOR ALL TABLES and would send the new tables while they are filled: publish the tables '
        'by their names', p.pubname)
    from pg_publication as p
    where p.puballtables
    union all
    select format('publication "%s" is FOR TABLES IN SCHEMA %s and would send the new tables while they are filled: publish '
        'the tables by their names', p.pubname, n.pnnspid::regnamespace)
    from pg_publication_namespace as n
    join pg_publication as p on p.oid = n.pnpubid
    join pg_class as c on c.relnamespace = n.pnnspid
    where c.oid = source
    union all
    select format('publication "%s" names %s and belongs to %s, so that %s, the owner of the table, cannot name another in its '
        'place: publish %s instead (publish_via_partition_root), or ALTER PUBLICATION %I OWNER TO %s', p.pubname, source,
        p.pubowner::regrole, c.relowner::regrole, coalesce(pg_partition_root(source), source), p.pubname, c.relowner::regrole)
    from pg_publication_rel as r
    join pg_publication as p on p.oid = r.prpubid
    join pg_class as c on c.oid = r.prrelid
    where r.prrelid = source and not pg_has_role(c.relowner, p.pubowner, 'USAGE');
end;

comment on function pgops.carry_publication_obstacles(regclass) is
    'Why publications stand in the way of replacing a table: they would send what is only being filled, or cannot be changed '
    'by its owner.';

revoke all on function pgops.carry_publication_obstacles(regclass) from public;
grant execute on function pgops.carry_publication_obstacles(regclass) to pgops_operator;
