create or replace function pgops.carry_table_obstacles(relation regclass, source regclass) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select o.obstacle
    from pg_class as c
    join pg_class as r on r.oid = relation
    join pg_roles as w on w.oid = c.relowner
    cross join lateral (values
        (
            c.relkind not in ('r', 'p'),
            format('%s is no table with rows of its own (relkind "%s"): only tables can be replaced', source, c.relkind)
        ),
        (c.relpersistence = 't', format('%s is a temporary table: make it a permanent one', source)),
        (
            c.relowner <> r.relowner,
            format('%s belongs to %s, and %s to %s: ALTER TABLE %s OWNER TO %s', source, c.relowner::regrole, relation,
                r.relowner::regrole, source, r.relowner::regrole)
        ),
        (
            c.reloftype <> 0,
            format('%s is a table OF type %s: ALTER TABLE %s NOT OF', source, c.reloftype::regtype, source)
        ),
        (
            c.relrowsecurity and c.relforcerowsecurity and not (w.rolbypassrls or w.rolsuper),
            format('row-level security is forced on %s, the owner of %s, and hides rows: ALTER TABLE %s NO FORCE ROW LEVEL '
                'SECURITY, or give the owner BYPASSRLS', c.relowner::regrole, source, source)
        )
    ) as o (holds, obstacle)
    where c.oid = source and o.holds
    union all
    select format('%s belongs to extension "%s": ALTER EXTENSION %I DROP TABLE %s', source, e.extname, e.extname, source)
    from pg_depend as d
    join pg_extension as e on e.oid = d.refobjid
    where d.classid = 'pg_class'::regclass
        and d.objid = source
        and d.objsubid = 0
        and d.refclassid = 'pg_extension'::regclass
        and d.deptype = 'e'
    union all
    select format('table %s inherits from %s: ALTER TABLE %s NO INHERIT %s', i.inhrelid::regclass, i.inhparent::regclass,
        i.inhrelid::regclass, i.inhparent::regclass)
    from pg_inherits as i
    join pg_class as p on p.oid = i.inhparent
    where p.relkind <> 'p' and source in (i.inhrelid, i.inhparent);
end;

comment on function pgops.carry_table_obstacles(regclass, regclass) is
    'Why a table as such cannot be replaced: its kind, owner, extension, inheritance, row-level security that hides rows.';

revoke all on function pgops.carry_table_obstacles(regclass, regclass) from public;
grant execute on function pgops.carry_table_obstacles(regclass, regclass) to pgops_operator;
