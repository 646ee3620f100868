create or replace function pgops.replace_obstacles(relation regclass) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select format('trigger "%s" of %s fires for each row and has transition tables, which partitioned tables cannot have: make it '
        'fire for each statement', t.tgname, relation)
    from pg_trigger as t
    where t.tgrelid = relation
        and not t.tgisinternal
        and t.tgtype & 1 = 1
        and coalesce(t.tgoldtable, t.tgnewtable) is not null
    union all
    select format('foreign key "%s" of %s refers to the table itself: drop it, and add it again afterwards', k.conname, relation)
    from pg_constraint as k
    where k.conrelid = relation and k.confrelid = relation and k.contype = 'f' and k.conparentid = 0
    union all
    -- Only the tables of subqueries stand in a policy's tree by their number.
    select format('policy "%s" of %s asks the table itself, and would go on asking what has made way for the new table: drop it, and '
        'make it again afterwards', p.polname, relation)
    from pg_policy as p
    where p.polrelid = relation
        and concat(p.polqual, ' ', p.polwithcheck) ~ format(':relid %s ', relation::oid)
    union all
    select format('publication "%s" would send the partitions of %s under their own names: ALTER PUBLICATION %I SET '
        '(publish_via_partition_root = true)', p.pubname, relation, p.pubname)
    from pg_publication_rel as r
    join pg_publication as p on p.oid = r.prpubid
    where r.prrelid = relation and not p.pubviaroot
    union all
    select format('rule "%s" of %s speaks of %s, and would go on reading or writing what has made way for the new table: drop it, and '
        'make it again afterwards', r.rulename, r.ev_class::regclass, relation)
    from pg_rewrite as r
    where r.rulename <> '_RETURN'
        and r.ev_class <> relation
        and exists (
            select from pg_depend as d
            where d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass and d.refobjid = relation
        )
    union all
    select format('%s depends on %s%s and cannot be made to depend on the new table: drop it, and make it again afterwards',
        d.description, case when d.by_row_type then 'the row type of ' end, relation)
    from pgops.table_dependents(relation) as d
    left join pg_class as v on d.classid = 'pg_class'::regclass and v.oid = d.objid
    left join pg_proc as f on d.classid = 'pg_proc'::regclass and f.oid = d.objid
    where d.by_row_type
        or (v.relkind = 'v') is not true and (f.prosqlbody is not null) is not true
        -- CREATE OR REPLACE keeps the columns that it has; one of the row type would have to change.
        or exists (
            select from pg_attribute as a
            join pg_class as c on c.oid = relation
            where a.attrelid = v.oid and a.atttypid = c.reltype
        )
    union all
    select format('%s belongs to %s, so that %s, the owner of %s, cannot make it depend on the new table: drop it, or GRANT %s '
        'TO %s', d.description, o.owner::regrole, c.relowner::regrole, relation, o.owner::regrole, c.relowner::regrole)
    from pgops.table_dependents(relation) as d
    join pg_class as c on c.oid = relation
    left join pg_class as v on d.classid = 'pg_class'::regclass and v.oid = d.objid
    left join pg_proc as f on d.classid = 'pg_proc'::regclass and f.oid = d.objid
    cross join lateral (select coalesce(v.relowner, f.proowner) as owner) as o
    where not pg_has_role(c.relowner, o.owner, 'USAGE');
end;

comment on function pgops.replace_obstacles(regclass) is
    'What would not follow when a partitioned table takes the name and the place of a table.';

revoke all on function pgops.replace_obstacles(regclass) from public;
grant execute on function pgops.replace_obstacles(regclass) to pgops_operator;
