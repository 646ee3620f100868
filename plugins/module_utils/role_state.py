# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the server knows about roles."""

from __future__ import annotations

from ansible_collections.pgops.fleet.plugins.module_utils.connection import Session, connect

# Attribute: its column in pg_authid, and the words that set and take it.
FLAGS = {
    "login": ("rolcanlogin", "login"),
    "superuser": ("rolsuper", "superuser"),
    "createdb": ("rolcreatedb", "createdb"),
    "createrole": ("rolcreaterole", "createrole"),
    "inherit": ("rolinherit", "inherit"),
    "replication": ("rolreplication", "replication"),
    "bypassrls": ("rolbypassrls", "bypassrls"),
}
_ATTRIBUTES = f"""
    select rolname as name, {", ".join(f"{column} as {name}" for name, (column, _word) in FLAGS.items())},
        rolconnlimit as connection_limit, rolvaliduntil::text as valid_until, rolpassword as password,
        pg_catalog.shobj_description(oid, 'pg_authid') as comment, oid as role_oid
    from pg_catalog.pg_authid
"""
_MEMBERSHIPS = """
    select m.member as member_oid, g.rolname as name, grantor.rolname as grantor,
        m.grantor = 10 as own, m.inherit_option as inherit, m.set_option as set, m.admin_option as admin
    from pg_catalog.pg_auth_members m
        join pg_catalog.pg_roles g on g.oid = m.roleid
        join pg_catalog.pg_roles grantor on grantor.oid = m.grantor
"""
_SETTINGS = """
    select s.setrole as role_oid, coalesce(d.datname, '') as database, c.entry
    from pg_catalog.pg_db_role_setting s
        left join pg_catalog.pg_database d on d.oid = s.setdatabase
        cross join lateral pg_catalog.unnest(s.setconfig) as c (entry)
    where s.setrole <> 0
"""
_DEPENDENTS = """
    select coalesce(d.datname, '') as database, s.deptype::text as kind,
        case when s.dbid in (0, (select oid from pg_catalog.pg_database where datname = current_database()))
            then pg_catalog.pg_describe_object(s.classid, s.objid, s.objsubid) end as object
    from pg_catalog.pg_shdepend s left join pg_catalog.pg_database d on d.oid = s.dbid
    where s.refclassid = 'pg_catalog.pg_authid'::regclass and s.refobjid = %s
    order by 1, 3
"""
EXAMPLES_SHOWN = 5
# Descriptions name schemas when nothing is found without.
QUALIFIED_NAMES = "set search_path = ''"


def read_roles(session):
    """Return ``{name: state}`` of all roles; without a server there are none."""
    if session is None:
        return {}
    roles = {row["name"]: {**row, "member_of": {}, "settings": {}} for row in session.rows(_ATTRIBUTES)}
    by_oid = {role["role_oid"]: role for role in roles.values()}
    for row in session.rows(_MEMBERSHIPS):
        grants = by_oid[row["member_oid"]]["member_of"].setdefault(row["name"], [])
        grants.append({key: row[key] for key in ("grantor", "own", "inherit", "set", "admin")})
    for row in session.rows(_SETTINGS):
        name, _equals, value = row["entry"].partition("=")
        by_oid[row["role_oid"]]["settings"].setdefault(row["database"], {})[name.lower()] = value
    return roles


def dependents(session, role_oid, connection_parameters):
    """Return what a role owns or has privileges on, in words, a line a thing; a few of each database by name."""
    session.execute(QUALIFIED_NAMES)
    rows = session.rows(_DEPENDENTS, (role_oid,))
    described = []
    for database in dict.fromkeys(row["database"] for row in rows):
        here = [row for row in rows if row["database"] == database]
        if any(row["object"] is None for row in here):
            other = Session(connect({**connection_parameters, "dbname": database}))
            try:
                other.execute(QUALIFIED_NAMES)
                here = [row for row in other.rows(_DEPENDENTS, (role_oid,)) if row["database"] == database]
            finally:
                other.close()
        where = f" in database {database}" if database else ""
        for kind, words in (("o", "owns"), ("a", "has privileges on")):
            objects = [row["object"] for row in here if (row["kind"] == "o") == (kind == "o")]
            more = f" and {len(objects) - EXAMPLES_SHOWN} more" if len(objects) > EXAMPLES_SHOWN else ""
            if objects:
                described.append(f"{words} {', '.join(objects[:EXAMPLES_SHOWN])}{more}{where}")
    return described
