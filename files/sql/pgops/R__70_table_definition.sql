create or replace function pgops.table_definition(relation regclass) returns text
language sql
stable
strict
set search_path = pg_catalog, pg_temp
begin atomic
    select md5(string_agg(f.fact, E'\n' order by f.fact collate "C"))
    from (
        select format('table %s', row(c.relowner, c.relacl, c.relrowsecurity, c.relforcerowsecurity, c.reloptions, c.relreplident,
            c.relpersistence, c.reltablespace, c.relam, obj_description(c.oid, 'pg_class'))) as fact
        from pg_class as c where c.oid = relation
        union all
        select format('column %s', row(a.attname, a.atttypid, a.atttypmod, a.attcollation, a.attnotnull, a.attidentity, a.attgenerated,
            a.attstattarget, a.attstorage, a.attcompression, a.attoptions, a.attacl, pg_get_expr(d.adbin, d.adrelid),
            col_description(a.attrelid, a.attnum)))
        from pg_attribute as a
        left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = relation and a.attnum > 0 and not a.attisdropped
        union all
        select format('constraint %s', row(k.conname, k.convalidated, pg_get_constraintdef(k.oid), obj_description(k.oid, 'pg_constraint')))
        from pg_constraint as k where k.conrelid = relation and k.contype in ('c', 'p', 'u', 'x')
        union all
        select format('index %s', row(pg_get_indexdef(i.indexrelid), i.indisreplident, i.indisclustered))
        from pg_index as i where i.indrelid = relation
        union all
        select format('policy %s', row(p.polname, p.polcmd, p.polpermissive, p.polroles, pg_get_expr(p.polqual, p.polrelid),
            pg_get_expr(p.polwithcheck, p.polrelid)))
        from pg_policy as p where p.polrelid = relation
        union all
        select format('statistics %s', pg_get_statisticsobjdef(s.oid))
        from pg_statistic_ext as s where s.stxrelid = relation
    ) as f;
end;

comment on function pgops.table_definition(regclass) is
    'A hash of what is declared of a table and would not be seen to follow it: columns, defaults, constraints, indexes, privileges, '
    'row-level security, policies, options, extended statistics, comments. Not its triggers, rules, foreign keys and publications, which follow in the '
    'moment in which another takes its place.';

revoke all on function pgops.table_definition(regclass) from public;
grant execute on function pgops.table_definition(regclass) to pgops_operator;
