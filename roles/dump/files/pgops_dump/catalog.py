"""What a database holds, as its catalogs say it to one session."""

from __future__ import annotations

from typing import Any

from pgops_dump.names import qualified
from pgops_dump.server import Session

USER_SCHEMA = "n.nspname !~ '^pg_' and n.nspname <> 'information_schema'"
NOT_OF_AN_EXTENSION = """not exists (
    select from pg_depend e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')"""
# Names of columns that pg_ivm adds for itself; they are no part of what a view says.
IVM_COLUMNS = r"\_\_ivm\_%%"  # doubled for the driver

TABLES = rf"""
select c.oid::bigint as oid, n.nspname::text as schema, c.relname::text as name, c.relkind::text as kind,
       c.relpersistence::text as persistence, c.relispopulated as populated,
       (select i.inhparent::bigint from pg_inherits i where i.inhrelid = c.oid and c.relispartition) as partition_of,
       case when c.relkind in ('r', 'm') then coalesce(pg_table_size(c.oid), 0) else 0 end as bytes,
       case when c.relkind in ('r', 'm') then coalesce(pg_indexes_size(c.oid), 0) else 0 end as index_bytes,
       coalesce((select array_agg(a.attname::text order by a.attnum) from pg_attribute a
                 where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                     and (a.attname not like '{IVM_COLUMNS}' or not c.oid = any (%(views)s::oid[]))),
                '{{}}') as columns,
       pg_get_userbyid(c.relowner)::text as owner,
       array(select r.rolname::text from pg_shdepend d
             join pg_roles r on d.refclassid = 'pg_authid'::regclass and r.oid = d.refobjid
             where d.dbid = (select oid from pg_database where datname = current_database())
                 and ((d.classid = 'pg_class'::regclass and d.objid = c.oid)
                      or (d.classid = 'pg_policy'::regclass
                          and d.objid in (select p.oid from pg_policy p where p.polrelid = c.oid)))
             union select pg_get_userbyid(n.nspowner)::text) as roles
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'm', 'f') and {USER_SCHEMA} and {NOT_OF_AN_EXTENSION}
order by n.nspname, c.relname
"""

# Those that belong to a column have its table; pg_dump takes them along with it.
SEQUENCES = f"""
select c.oid::bigint as oid, n.nspname::text as schema, c.relname::text as name, s.seqincrement > 0 as ascending,
       s.seqcycle as cycles, d.refobjid::bigint as table_oid
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_sequence s on s.seqrelid = c.oid
left join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_class'::regclass
    and d.deptype in ('a', 'i') and d.refobjsubid > 0
where {USER_SCHEMA} and {NOT_OF_AN_EXTENSION} and c.relpersistence <> 't'
order by n.nspname, c.relname
"""

# Sequences that a default of a table uses and that are no part of it.
FOREIGN_SEQUENCES = """
select distinct c.oid::bigint as oid, n.nspname::text as schema, c.relname::text as name
from pg_attrdef a
join pg_depend d on d.classid = 'pg_attrdef'::regclass and d.objid = a.oid and d.refclassid = 'pg_class'::regclass
join pg_class c on c.oid = d.refobjid and c.relkind = 'S'
join pg_namespace n on n.oid = c.relnamespace
where a.adrelid = any (%(tables)s::oid[])
order by 1
"""

DATABASE = """
select current_database()::text as name, pg_get_userbyid(d.datdba)::text as owner,
       pg_encoding_to_char(d.encoding)::text as encoding, d.datcollate::text as collate, d.datctype::text as ctype,
       to_jsonb(d) ->> 'datlocprovider' as locale_provider,
       coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') as locale,
       to_jsonb(d) ->> 'daticurules' as icu_rules, to_jsonb(d) ->> 'datcollversion' as collation_version,
       d.datconnlimit as connection_limit, shobj_description(d.oid, 'pg_database') as comment,
       (select json_agg(json_build_object('role', case s.setrole when 0 then null else pg_get_userbyid(s.setrole) end,
                                          'setting', setting))
        from pg_db_role_setting s cross join unnest(s.setconfig) setting where s.setdatabase = d.oid) as settings,
       (select json_agg(json_build_object('role', case a.grantee when 0 then null else pg_get_userbyid(a.grantee) end,
                                          'privilege', a.privilege_type, 'grantable', a.is_grantable))
        from aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a where a.grantee <> d.datdba) as privileges
from pg_database d where d.datname = current_database()
"""

# Owners, and whom something is granted to.
ROLES = """
select distinct r.rolname::text as name
from pg_shdepend d join pg_roles r on d.refclassid = 'pg_authid'::regclass and r.oid = d.refobjid
where d.deptype in ('o', 'a', 'r')
    and (d.dbid = (select oid from pg_database where datname = current_database())
         or (d.dbid = 0 and d.classid = 'pg_database'::regclass
             and d.objid = (select oid from pg_database where datname = current_database())))
order by 1
"""
EXTENSIONS = """
select e.extname::text as name, e.extversion as version, n.nspname::text as schema, e.oid::bigint as oid
from pg_extension e join pg_namespace n on n.oid = e.extnamespace order by 1
"""

# What a trigger calls; a table that is loaded alone has only triggers whose function is there.
TRIGGERS = """
select t.oid::bigint as oid, t.tgrelid::bigint as table_oid, t.tgname::text as name,
       t.tgfoid::regprocedure::text as function
from pg_trigger t where not t.tgisinternal and t.tgrelid = any (%(tables)s::oid[])
order by 1
"""
FOREIGN_KEYS = """
select k.oid::bigint as oid, k.conrelid::bigint as table_oid, k.conname::text as name, k.confrelid::bigint as other_oid
from pg_constraint k where k.contype = 'f' and k.conrelid = any (%(tables)s::oid[])
order by 1
"""

LOCKED = """
select distinct format('%s by process %s', l.relation::regclass, l.pid) as lock
from pg_locks l
where l.mode = 'AccessExclusiveLock' and l.granted and l.relation >= 16384
    and l.database = (select oid from pg_database where datname = current_database())
order by 1
"""
SCHEMAS = """
select nspname::text as name, pg_get_userbyid(nspowner)::text as owner from pg_namespace
where nspname = any (%(names)s) order by 1
"""
SUBSCRIPTIONS = """
select subname::text as name, subenabled as enabled, subpublications::text[] as publications
from pg_subscription where subdbid = (select oid from pg_database where datname = current_database()) order by 1
"""
PUBLICATIONS = "select pubname::text as name, puballtables as all_tables from pg_publication order by 1"
CRON_JOBS = """
select jobname::text as name, schedule, command, database, username, active from cron.job
where database = current_database() order by jobid
"""


def incremental_views(session: Session) -> list[dict[str, Any]]:
    """pg_ivm's views with their queries, which pg_dump does not know of."""
    if session.value("select to_regclass('pgivm.pg_ivm_immv') is null"):
        return []
    # Names are qualified in a definition when no schema is on the path.
    return session.rows(
        """
        select i.immvrelid::oid::bigint as oid, n.nspname::text as schema, c.relname::text as name,
               pg_get_userbyid(c.relowner)::text as owner, i.ispopulated as populated,
               rtrim(pgivm.get_immv_def(i.immvrelid), E'; \n') as query
        from pgivm.pg_ivm_immv i
        join pg_class c on c.oid = i.immvrelid join pg_namespace n on n.oid = c.relnamespace
        order by 2, 3
        """
    )


def tables(session: Session, views: list[int]) -> list[dict[str, Any]]:
    """Tables, partitions, materialized views and incremental views."""
    return session.rows(TABLES, {"views": views})


def sequences(session: Session, chosen: set[int] | None) -> list[dict[str, Any]]:
    """Sequences and where they stand, all or those of the chosen tables and sequences."""
    found = [
        row for row in session.rows(SEQUENCES) if chosen is None or row["table_oid"] in chosen or row["oid"] in chosen
    ]
    for row in found:
        row.update(session.row(f"select last_value, is_called from {qualified(row['schema'], row['name'])}"))
    return found


def optional(session: Session, relation: str, question: str) -> list[dict[str, Any]]:
    """The rows of a question about a relation that not every database has."""
    return session.rows(question) if session.value("select to_regclass(%s) is not null", (relation,)) else []
