create or replace function pgops.table_dependents(
    source regclass
) returns table (classid oid, objid oid, by_row_type boolean, description text)
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select
        w.classid,
        w.objid,
        bool_or(d.refclassid = 'pg_type'::regclass),
        pg_describe_object(w.classid, w.objid, 0)
    from pg_class as c
    left join pg_type as y on y.oid = c.reltype
    join pg_depend as d
        on d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid
            or d.refclassid = 'pg_type'::regclass and d.refobjid in (y.oid, y.typarray)
    left join pg_rewrite as r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
    left join pg_attrdef as f on d.classid = 'pg_attrdef'::regclass and f.oid = d.objid
    left join pg_policy as p on d.classid = 'pg_policy'::regclass and p.oid = d.objid
    -- A rule is part of its view or table, a default of its table.
    cross join lateral (
        select
            case when coalesce(r.ev_class, f.adrelid) is null then d.classid else 'pg_class'::regclass end as classid,
            coalesce(r.ev_class, f.adrelid, d.objid) as objid
    ) as w
    left join pg_class as o on w.classid = 'pg_class'::regclass and o.oid = w.objid
    where c.oid = source
        -- What is the table's own goes with it or is carried.
        and w.objid <> source
        and not (w.classid = 'pg_class'::regclass and o.relkind in ('i', 'I', 'S', 't'))
        and not (w.classid = 'pg_class'::regclass and d.deptype in ('i', 'a') and o.relkind in ('r', 'p', 'f'))
        and not (w.classid = 'pg_type'::regclass and w.objid in (y.oid, y.typarray))
        and w.classid not in (
            'pg_constraint'::regclass, 'pg_trigger'::regclass, 'pg_statistic_ext'::regclass,
            'pg_publication_rel'::regclass, 'pg_extension'::regclass
        )
        and p.polrelid is distinct from source
    group by w.classid, w.objid;
end;

comment on function pgops.table_dependents(regclass) is
    'Objects that speak of a table or of its row type and are not part of it: views, functions with SQL bodies, arguments '
    'and columns of its row type, policies of other tables. Foreign keys are left out. classid, objid: as in pg_depend; '
    'by_row_type: by its row type; description: in words.';

revoke all on function pgops.table_dependents(regclass) from public;
grant execute on function pgops.table_dependents(regclass) to pgops_operator;
