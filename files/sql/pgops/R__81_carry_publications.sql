create or replace function pgops.carry_publications(source regclass, target regclass) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select x.command
    from pg_publication_rel as r
    join pg_publication as p on p.oid = r.prpubid
    cross join lateral (values
        (1, format('alter publication %I add table %s%s%s', p.pubname, target,
            (
                select format(' (%s)', string_agg(quote_ident(a.attname), ', ' order by a.attnum))
                from pg_attribute as a where a.attrelid = source and a.attnum = any(r.prattrs::int2[])
                having count(*) > 0
            ),
            ' where (' || pg_get_expr(r.prqual, r.prrelid) || ')')),
        (2, format('alter publication %I drop table %s', p.pubname, source))
    ) as x (place, command)
    where r.prrelid = source
    order by p.pubname, x.place;
end;

comment on function pgops.carry_publications(regclass, regclass) is
    'Commands that publish a table in place of another, where that one is published by its own name, with the same columns '
    'and row filter. A subscriber, who knows the table by its name, goes on without being told.';

revoke all on function pgops.carry_publications(regclass, regclass) from public;
grant execute on function pgops.carry_publications(regclass, regclass) to pgops_operator;
