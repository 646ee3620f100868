# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Objects that privileges are on, and who has which, as the server knows it."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused
from ansible_collections.pgops.fleet.plugins.module_utils.quoting import identifier

_ROUTINES = {"function": "o.prokind in ('f', 'a', 'w')", "procedure": "o.prokind = 'p'", "routine": "true"}


@dataclass(frozen=True)
class _Catalog:
    """Where a kind of object is: table, name as SQL, columns of owner, privileges and schema, acldefault's letter."""

    table: str
    name: str
    owner: str
    acl: str
    letter: str
    lookup: str
    condition: str = "true"
    schema: str | None = None


def _named(table, prefix, letter):
    name, lookup = f"quote_ident(o.{prefix}name)", f"o.{prefix}name = %(name)s"
    return _Catalog(table, name, f"{prefix}owner", f"{prefix}acl", letter, lookup)


def _routine(kind):
    lookup = "o.oid = to_regprocedure(%(name)s)"
    name = "o.oid::regprocedure::text"
    return _Catalog("pg_proc", name, "proowner", "proacl", "f", lookup, _ROUTINES[kind], "pronamespace")


def _relation(letter, condition):
    lookup = "o.oid = to_regclass(%(sql_name)s)"
    return _Catalog(
        "pg_class", "o.oid::regclass::text", "relowner", "relacl", letter, lookup, condition, "relnamespace"
    )


_TYPE = _Catalog("pg_type", "o.oid::regtype::text", "typowner", "typacl", "T", "o.oid = to_regtype(%(sql_name)s)")
CATALOGS = {
    "database": _Catalog("pg_database", "quote_ident(o.datname)", "datdba", "datacl", "d", "o.datname = %(name)s"),
    "schema": _named("pg_namespace", "nsp", "n"),
    "table": _relation("r", "o.relkind in ('r', 'p', 'v', 'm', 'f')"),
    "sequence": _relation("s", "o.relkind = 'S'"),
    **{kind: _routine(kind) for kind in _ROUTINES},
    "type": _TYPE,
    "domain": _TYPE,
    "language": _named("pg_language", "lan", "l"),
    "foreign data wrapper": _named("pg_foreign_data_wrapper", "fdw", "F"),
    "foreign server": _named("pg_foreign_server", "srv", "S"),
    "tablespace": _named("pg_tablespace", "spc", "t"),
}
_OBJECTS = """
    select o.oid::bigint as oid, {name} as name,
        pg_get_userbyid(o.{owner}) as owner, pg_get_userbyid(a.grantor) as grantor,
        case when a.grantee = 0 then 'public' else pg_get_userbyid(a.grantee) end as grantee,
        lower(a.privilege_type) as privilege, a.is_grantable as grantable
    from pg_catalog.{table} o
        left join lateral aclexplode(coalesce(o.{acl}, acldefault('{letter}', o.{owner}))) a on true
    where {where} and {condition}
    order by 2
"""
_PARAMETERS = """
    select 10 as oid, pg_get_userbyid(10) as owner, pg_get_userbyid(a.grantor) as grantor,
        case when a.grantee = 0 then 'public' else pg_get_userbyid(a.grantee) end as grantee,
        lower(a.privilege_type) as privilege, a.is_grantable as grantable
    from pg_catalog.pg_parameter_acl o, aclexplode(o.paracl) a
    where o.parname = %(name)s
"""
_DEFAULTS = """
    select pg_get_userbyid(a.grantor) as grantor, pg_get_userbyid(r.oid) as owner,
        case when a.grantee = 0 then 'public' else pg_get_userbyid(a.grantee) end as grantee,
        lower(a.privilege_type) as privilege, a.is_grantable as grantable
    from pg_catalog.pg_roles r
        left join pg_catalog.pg_default_acl d on d.defaclrole = r.oid and d.defaclobjtype = %(letter)s
            and d.defaclnamespace = coalesce((select oid from pg_catalog.pg_namespace where nspname = %(schema)s), 0)
        cross join lateral aclexplode(coalesce(
            d.defaclacl, case when %(schema)s is null then acldefault(%(default_letter)s, r.oid) end)) a
    where r.rolname = %(role)s
"""
# Kind of future objects: letter in pg_default_acl, and acldefault's.
DEFAULT_LETTERS = {
    "tables": ("r", "r"),
    "sequences": ("S", "s"),
    "functions": ("f", "f"),
    "routines": ("f", "f"),
    "types": ("T", "T"),
    "schemas": ("n", "n"),
}


@dataclass
class Object:
    """One object with its owner and the privileges granted on it."""

    kind: str
    identity: tuple
    sql: str
    label: str
    owner: str | None = None
    grants: list = field(default_factory=list)
    exists: bool = True


def find_objects(session, target):
    """Return the objects a Target means; a single one that is missing comes back as such."""
    if session is None:
        return [_missing(target)]
    if target.kind == "parameter":
        return [_parameter(session, target)]
    catalog = CATALOGS[target.kind]
    if target.all_in_schema:
        where = f"o.{catalog.schema} = (select oid from pg_catalog.pg_namespace where nspname = %(name)s)"
    else:
        where = catalog.lookup
        _refuse_unqualified(target, catalog)
    rows = session.rows(
        _OBJECTS.format(where=where, **vars(catalog)), {"name": target.name, "sql_name": sql_name(target.name)}
    )
    objects = {}
    for row in rows:
        made = Object(
            target.kind, (catalog.table, row["oid"]), row["name"], f"{target.kind} {row['name']}", row["owner"]
        )
        found = objects.setdefault(row["oid"], made)
        if row["privilege"]:
            found.grants.append(row)
    if target.all_in_schema and target.name in known_schemas(session):
        return list(objects.values())
    return list(objects.values()) or [_missing(target)]


def _missing(target):
    return Object(target.kind, ("missing", str(target)), sql_name(target.name), str(target), exists=False)


def _parameter(session, target):
    rows = session.rows(_PARAMETERS, {"name": target.name.lower()})
    return Object("parameter", ("parameter", target.name.lower()), target.name, str(target), None, rows)


def _refuse_unqualified(target, catalog):
    if catalog.schema is None and catalog.table != "pg_type":
        return
    if "." not in target.name:
        raise Refused(
            f"{target} has no schema; accepted: the name with its schema, as in {target.kind} app.{target.name}"
        )
    if catalog.table == "pg_proc" and not target.name.endswith(")"):
        raise Refused(f"{target} has no argument types; accepted: as in {target.kind} {target.name}(integer, text)")


def sql_name(name):
    """Return a qualified name as SQL: parts in quotes, unless the operator quoted it."""
    return name if '"' in name or "(" in name else ".".join(identifier(part) for part in name.split("."))


def default_grants(session, for_role, on, schema):
    """Return the grants that future objects of a role get, in one schema or (None) in any."""
    letter, default_letter = DEFAULT_LETTERS[on]
    return session.rows(
        _DEFAULTS, {"letter": letter, "default_letter": default_letter, "schema": schema, "role": for_role}
    )


def known_roles(session):
    return {row["rolname"] for row in session.rows("select rolname from pg_catalog.pg_roles")} if session else set()


def known_schemas(session):
    return {row["nspname"] for row in session.rows("select nspname from pg_catalog.pg_namespace")} if session else set()
