# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is there: an incremental view as pg_ivm and the catalogs know it, and a declared query in their words."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.community.postgresql.plugins.module_utils.postgres import psycopg
from ansible_collections.pgops.fleet.plugins.module_utils.connection import (
    Refused,
    extension,
    quoted_name,
    server_message,
    table_exists,
)

MINIMUM_VERSION = (1, 14)
# pg_ivm puts so many triggers on each base table (before and after each of insert, delete, update and truncate),
# and so many on the view, where they keep everybody else from writing.
TRIGGERS_ON_A_BASE_TABLE = 8
TRIGGERS_ON_THE_VIEW = 4
# Declared names are qualified, so a name must not be found through the session's path.
FIXED_PATH = "set local search_path = pg_catalog, pg_temp"


@dataclass
class Query:
    """A declared query as the server reads it."""

    text: str
    definition: str | None = None  # in pg_get_viewdef's words; None when its tables do not exist yet
    columns: dict = field(default_factory=dict)  # name: type
    base_tables: list = field(default_factory=list)  # {"oid", "name"}


@dataclass
class View:
    """A relation that is, was or should be an incremental view."""

    name: str
    oid: int | None = None
    kind: str | None = None  # pg_class.relkind
    owner: str | None = None
    comment: str | None = None
    definition: str | None = None  # None: pg_ivm does not know it
    populated: bool = False
    declared: bool = False  # remembered in pgops.declared_immv
    columns: dict = field(default_factory=dict)
    triggers: dict = field(default_factory=dict)  # table oid: enabled triggers of pg_ivm
    indexes: list = field(default_factory=list)  # {"name", "is_unique", "method", "columns", "tail"}


def require_pg_ivm(session, check_mode):
    """False when the extension is still to be made, which only check mode forgives."""
    installed = extension(session, "pg_ivm")
    database = session.value("select current_database()")
    if installed is None:
        if check_mode:
            return False
        raise Refused(f"database {database} has no extension pg_ivm. Install it and CREATE EXTENSION pg_ivm.")
    if tuple(int(part) for part in installed["version"].split(".")[:2]) < MINIMUM_VERSION:
        raise Refused(
            f"pg_ivm {installed['version']} is installed in database {database}; 1.14 or later is needed, because "
            "earlier ones give wrong contents when a base table is changed twice within one statement "
            "(pg_ivm issue 127). Install it and ALTER EXTENSION pg_ivm UPDATE."
        )
    return True


def read_query(session, view_name, text):
    """The declared query in the server's words, by way of a temporary view that is rolled back."""
    query = Query(text.strip().rstrip(";").rstrip())
    try:
        with session.transaction(keep=False):
            session.execute(FIXED_PATH)
            session.execute(f"create temporary view pgops_declared as {query.text}")
            query.definition = bare(session.value("select pg_get_viewdef('pg_temp.pgops_declared'::regclass)"))
            query.columns = read_columns(session, "pg_temp.pgops_declared")
            tables = session.rows(
                """
                select distinct c.oid::bigint as oid, c.oid::regclass::text as name, c.relkind::text as kind,
                       c.relispartition as is_partition
                from pg_catalog.pg_rewrite r
                join pg_catalog.pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
                join pg_catalog.pg_class c on d.refclassid = 'pg_class'::regclass and c.oid = d.refobjid
                where r.ev_class = 'pg_temp.pgops_declared'::regclass and c.oid <> r.ev_class
                order by 1
                """
            )
    except psycopg.Error as error:
        raise Refused(
            f"view {view_name}: the query is refused: {server_message(error)}\n"
            "Its names must be qualified with their schema."
        ) from error
    _refuse_base_tables(view_name, tables)
    query.base_tables = [{"oid": table["oid"], "name": table["name"]} for table in tables]
    return query


def _refuse_base_tables(view_name, tables):
    kinds = {"p": "a partitioned table", "v": "a view", "m": "a materialized view", "f": "a foreign table"}
    for table in tables:
        kind = "a partition" if table["is_partition"] else kinds.get(table["kind"])
        if kind:
            raise Refused(
                f"view {view_name}: {table['name']} is {kind}, which pg_ivm cannot maintain a view of. "
                "Accepted: plain tables. Keep a plain table beside it by statement triggers and query that."
            )


def bare(definition):
    """pg_get_viewdef ends with a semicolon, pg_ivm's own copy of it does not."""
    return definition.rstrip().rstrip(";")


def read_columns(session, name):
    """{column: type} without what pg_ivm adds for itself."""
    rows = session.rows(
        """
        select a.attname::text as name, format_type(a.atttypid, a.atttypmod) as type
        from pg_catalog.pg_attribute a
        where a.attrelid = pg_catalog.to_regclass(%s) and a.attnum > 0 and not a.attisdropped
          and a.attname not like '\\_\\_ivm\\_%%'
        order by a.attnum
        """,
        (name,),
    )
    return {row["name"]: row["type"] for row in rows}


def read_view(session, name):
    """The relation of this name, whatever it is."""
    view = View(name, declared=name in remembered_views(session))
    found = session.row(
        """
        select c.oid::bigint as oid, c.relkind::text as kind, pg_get_userbyid(c.relowner)::text as owner,
               obj_description(c.oid, 'pg_class') as comment, i.ispopulated as populated
        from pg_catalog.pg_class c left join pgivm.pg_ivm_immv i on i.immvrelid = c.oid
        where c.oid = pg_catalog.to_regclass(%s)
        """,
        (quoted_name(name),),
    )
    if found is None:
        return view
    view.oid, view.kind, view.owner, view.comment = (found[key] for key in ("oid", "kind", "owner", "comment"))
    view.columns = read_columns(session, quoted_name(name))
    view.indexes = read_indexes(session, view.oid)
    if found["populated"] is not None:
        view.populated = found["populated"]
        with session.transaction(keep=False):
            session.execute(FIXED_PATH)
            view.definition = bare(session.value("select pgivm.get_immv_def(%s::oid::regclass)", (view.oid,)))
        view.triggers = _read_triggers(session, view.oid)
    return view


def relation_oid(session, name):
    """The relation's oid, None when there is none of this name."""
    return session.value("select pg_catalog.to_regclass(%s)::oid::bigint", (quoted_name(name),))


def _read_triggers(session, oid):
    rows = session.rows(
        """
        select t.tgrelid::bigint as table_oid, count(distinct t.oid) as triggers
        from pg_catalog.pg_depend d
        join pg_catalog.pg_trigger t on d.classid = 'pg_trigger'::regclass and t.oid = d.objid
        join pg_catalog.pg_proc p on p.oid = t.tgfoid and p.pronamespace = 'pgivm'::regnamespace
        where d.refclassid = 'pg_class'::regclass and d.refobjid = %s and t.tgenabled in ('O', 'A')
        group by 1
        """,
        (oid,),
    )
    return {row["table_oid"]: row["triggers"] for row in rows}


def read_indexes(session, oid):
    """The valid indexes of a relation; `tail` is all of a definition after USING."""
    return session.rows(
        """
        select c.relname::text as name, i.indisunique as is_unique, m.amname::text as method,
               array(select pg_get_indexdef(i.indexrelid, position::int, true)
                     from generate_series(1, i.indnkeyatts) position) as columns,
               i.indpred is not null as is_partial,
               split_part(pg_get_indexdef(i.indexrelid), ' USING ', 2) as tail
        from pg_catalog.pg_index i
        join pg_catalog.pg_class c on c.oid = i.indexrelid
        join pg_catalog.pg_am m on m.oid = c.relam
        where i.indrelid = %s and i.indisvalid
        order by c.relname
        """,
        (oid,),
    )


def remembered_views(session):
    """Names under which views were declared before."""
    if not table_exists(session, "pgops.declared_immv"):
        return set()
    return {row["view_name"] for row in session.rows("select view_name from pgops.declared_immv")}


def maintenance_problems(view, query):
    """Why writes to the base tables would not reach the view."""
    if view.definition is None:
        return ["pg_ivm does not know it, so it is a plain table (as after pg_dump and restore)"]
    problems = [] if view.populated else ["it is not populated"]
    expected = {table["oid"]: (table["name"], TRIGGERS_ON_A_BASE_TABLE) for table in query.base_tables}
    for oid, (name, count) in {**expected, view.oid: (view.name, TRIGGERS_ON_THE_VIEW)}.items():
        found = view.triggers.get(oid, 0)
        if found < count:
            problems.append(f"{count - found} of pg_ivm's {count} triggers on {name} are missing or disabled")
    return problems


def contents_differ(session, view, query):
    """Number of rows that are in the view or in its query's result and not in the other."""
    columns = ", ".join(quoted_name(column, "column") for column in query.columns)
    stored = f"select {columns} from {quoted_name(view.name)}"
    with session.transaction(keep=False):
        session.execute(FIXED_PATH)
        return session.value(
            f"select count(*) from (({stored} except all ({query.text}))"
            f" union all (({query.text}) except all {stored})) difference"
        )


def dependent_views(session, oid):
    """Plain views that read the relation: name, definition, options."""
    return session.rows(
        """
        select distinct v.oid::bigint as oid, v.oid::regclass::text as name, pg_get_viewdef(v.oid) as definition,
               array_to_string(v.reloptions, ', ') as options
        from pg_catalog.pg_depend d
        join pg_catalog.pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
        join pg_catalog.pg_class v on v.oid = r.ev_class and v.relkind = 'v'
        where d.refclassid = 'pg_class'::regclass and d.refobjid = %s and v.oid <> d.refobjid
        order by 1
        """,
        (oid,),
    )


def obstacles(session, oid):
    """What hangs on the relation and would be lost with it: described in the server's words."""
    rows = session.rows(
        """
        select distinct pg_describe_object(d.classid, d.objid, d.objsubid) as object
        from pg_catalog.pg_depend d
        left join pg_catalog.pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
        left join pg_catalog.pg_class v on v.oid = r.ev_class
        left join pg_catalog.pg_trigger t on d.classid = 'pg_trigger'::regclass and t.oid = d.objid
        left join pg_catalog.pg_proc p on p.oid = t.tgfoid
        where d.refclassid = 'pg_class'::regclass and d.refobjid = %(oid)s
          and case
                when d.deptype = 'n' then v.relkind is distinct from 'v'
                when t.oid is not null then p.pronamespace <> 'pgivm'::regnamespace
                else d.deptype = 'a' and d.classid in ('pg_policy'::regclass, 'pg_publication_rel'::regclass,
                                                       'pg_statistic_ext'::regclass)
              end
        union all
        select 'row-level security' from pg_catalog.pg_class where oid = %(oid)s and relrowsecurity
        order by 1
        """,
        {"oid": oid},
    )
    return [row["object"] for row in rows]
