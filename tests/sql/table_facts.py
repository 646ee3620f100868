"""All that the catalogue says about a table, in a form that two tables, or one table at two moments, can be compared in."""

from __future__ import annotations

import psycopg

# Names of indexes and statistics are given without the name of their table, which stands as {t} everywhere.
FACTS = r"""
with the as (
    select c.*, c.oid::regclass::text as qualified, quote_ident(c.relname) as quoted from pg_class as c where c.oid = %(table)s::regclass
),
fact (kind, fact) as (
    select 'table', concat_ws(' ', relkind, relpersistence, relowner::regrole, 'options', reloptions, 'security', relrowsecurity,
        relforcerowsecurity, 'identity', relreplident, 'type', reloftype::regtype, 'children', relhassubclass,
        'access method', (select amname from pg_am where pg_am.oid = relam),
        'tablespace', (select spcname from pg_tablespace as s where s.oid = reltablespace),
        'toast', (select w.reloptions from pg_class as w where w.oid = the.reltoastrelid))
    from the
    union all
    select 'comment', obj_description(oid, 'pg_class') from the
    union all
    select 'privilege', concat_ws(' ', a.grantee::regrole, a.privilege_type, a.is_grantable, 'by', a.grantor::regrole)
    from the, aclexplode(coalesce(relacl, acldefault('r', relowner))) as a
    union all
    select 'column', concat_ws(' ', row_number() over (order by a.attnum), a.attname, format_type(a.atttypid, a.atttypmod),
        a.attcollation::regcollation, 'not null', a.attnotnull, 'identity', a.attidentity, 'generated', a.attgenerated,
        'default', pg_get_expr(d.adbin, d.adrelid), 'storage', a.attstorage, 'compression', a.attcompression,
        'target', coalesce(a.attstattarget, -1), 'options', a.attoptions, 'local', a.attislocal, a.attinhcount,
        'comment', col_description(a.attrelid, a.attnum))
    from the join pg_attribute as a on a.attrelid = the.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
    union all
    select 'column privilege', concat_ws(' ', t.attname, a.grantee::regrole, a.privilege_type, a.is_grantable)
    from the join pg_attribute as t on t.attrelid = the.oid, aclexplode(t.attacl) as a
    union all
    select 'identity', concat_ws(' ', a.attname, s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache,
        s.seqcycle, c.relacl)
    from the join pg_depend as d on d.refobjid = the.oid and d.deptype = 'i' and d.classid = 'pg_class'::regclass
    join pg_sequence as s on s.seqrelid = d.objid
    join pg_class as c on c.oid = d.objid
    join pg_attribute as a on a.attrelid = the.oid and a.attnum = d.refobjsubid
    union all
    select 'constraint', concat_ws(' ', k.contype,
        case when k.contype in ('p', 'u', 'x') then regexp_replace(k.conname, '^' || relname, '{t}') else k.conname end,
        pg_get_constraintdef(k.oid), 'valid', k.convalidated, 'local', k.conislocal, k.coninhcount,
        'no inherit', k.contype = 'c' and k.connoinherit, 'of', p.conname, 'comment', obj_description(k.oid, 'pg_constraint'))
    from the join pg_constraint as k on k.conrelid = the.oid
    left join pg_constraint as p on p.oid = k.conparentid
    where k.contype <> 't' and p.conrelid is distinct from k.conrelid
    union all
    select 'index', concat_ws(' ', regexp_replace(c.relname, '^' || the.relname, '{t}'), pgops.index_definition(c.oid), i.indisunique,
        i.indisprimary, 'valid', i.indisvalid, 'cluster', i.indisclustered, 'identity', i.indisreplident, i.indimmediate,
        'options', c.reloptions, 'tablespace', s.spcname, 'of', pc.relname, 'comment', obj_description(c.oid, 'pg_class'),
        'targets', (select array_agg(coalesce(a.attstattarget, -1) order by a.attnum) from pg_attribute as a where a.attrelid = c.oid))
    from the join pg_index as i on i.indrelid = the.oid
    join pg_class as c on c.oid = i.indexrelid
    left join pg_tablespace as s on s.oid = c.reltablespace
    left join pg_inherits as h on h.inhrelid = c.oid
    left join pg_class as pc on pc.oid = h.inhparent
    union all
    select 'trigger', concat_ws(' ', pg_get_triggerdef(t.oid), 'enabled', t.tgenabled, 'of', p.tgname,
        'comment', obj_description(t.oid, 'pg_trigger'))
    from the join pg_trigger as t on t.tgrelid = the.oid
    left join pg_trigger as p on p.oid = t.tgparentid
    where not t.tgisinternal
    union all
    select distinct 'key trigger', concat_ws(' ', k.contype, t.tgfoid::regproc, t.tgenabled)
    from the join pg_trigger as t on t.tgrelid = the.oid
    join pg_constraint as k on k.oid = t.tgconstraint
    where t.tgisinternal
    union all
    select 'rule', concat_ws(' ', pg_get_ruledef(r.oid), r.ev_enabled, 'comment', obj_description(r.oid, 'pg_rewrite'))
    from the join pg_rewrite as r on r.ev_class = the.oid
    union all
    select 'policy', concat_ws(' ', p.polname, p.polpermissive, p.polcmd, p.polroles::regrole[], pg_get_expr(p.polqual, p.polrelid),
        '/', pg_get_expr(p.polwithcheck, p.polrelid), 'comment', obj_description(p.oid, 'pg_policy'))
    from the join pg_policy as p on p.polrelid = the.oid
    union all
    select 'statistics', concat_ws(' ', regexp_replace(e.stxname, '^' || relname, '{t}'), d.kinds, d.columns, 'target',
        coalesce(e.stxstattarget, -1), e.stxowner::regrole, 'comment', obj_description(e.oid, 'pg_statistic_ext'))
    from the join pg_statistic_ext as e on e.stxrelid = the.oid
    cross join pgops.statistics_definition(e.oid) as d
    union all
    select 'publication', concat_ws(' ', p.pubname, (select array_agg(a.attname order by a.attnum) from pg_attribute as a
        where a.attrelid = the.oid and a.attnum = any (r.prattrs::int2[])), pg_get_expr(r.prqual, r.prrelid))
    from the join pg_publication_rel as r on r.prrelid = the.oid
    join pg_publication as p on p.oid = r.prpubid
    union all
    select 'referenced', concat_ws(' ', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid), k.convalidated,
        'comment', obj_description(k.oid, 'pg_constraint'))
    from the join pg_constraint as k on k.confrelid = the.oid and k.conparentid = 0
    union all
    select 'inherits', h.inhparent::regclass::text from the join pg_inherits as h on h.inhrelid = the.oid
    union all
    select 'sequence', concat_ws(' ', d.objid::regclass, a.attname)
    from the join pg_depend as d on d.refobjid = the.oid and d.deptype = 'a' and d.classid = 'pg_class'::regclass and d.refobjsubid > 0
    join pg_class as q on q.oid = d.objid and q.relkind = 'S'
    join pg_attribute as a on a.attrelid = the.oid and a.attnum = d.refobjsubid
)
select kind, regexp_replace(replace(fact, qualified, '{t}'), '\m' || quoted || '\M', '{t}', 'g') from fact, the
where fact is not null
order by 1, 2
"""


def table_facts(connection: psycopg.Connection, table: str) -> list[tuple[str, str]]:
    """Kind and text of each fact about a table, quoted and with schema."""
    connection.execute("set search_path = pg_catalog, pg_temp")
    try:
        return connection.execute(FACTS, {"table": table}).fetchall()
    finally:
        connection.execute("reset search_path")
