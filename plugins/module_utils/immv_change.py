# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Make, rebuild, alter and drop incremental views of pg_ivm, with short waits for locks.

A writer locks the base table first and the view after it, so every transaction here does the same:
in the other order it and a writer would wait for each other.
"""

from __future__ import annotations

from ansible_collections.pgops.fleet.plugins.module_utils.connection import ensure_bookkeeping, quoted_name
from ansible_collections.pgops.fleet.plugins.module_utils.immv_state import (
    FIXED_PATH,
    dependent_views,
    read_indexes,
)

NAME_BYTES = 63
DECLARED_IMMV = """
    view_name text primary key,
    query text not null,
    declared_at timestamptz not null default now()
"""
DECLARED_IMMV_COMMENT = (
    "Incremental views that were declared through Ansible, with their query. "
    "After pg_dump and restore it tells a view that lost its maintenance from a table of somebody else."
)


def sibling_name(name, suffix):
    """A name in the same schema for a while, cut so that the server does not cut the suffix off."""
    schema, table = name.rsplit(".", 1)
    return f"{schema}.{table.encode()[: NAME_BYTES - len(suffix)].decode(errors='ignore')}{suffix}"


def rebuild_name(name):
    return sibling_name(name, "__rebuild")


def quoted_part(name):
    """The last part of a qualified name, quoted."""
    return quoted_name(name.rsplit(".", 1)[1], "column")


def limit_lock_waits(session, seconds):
    session.execute("select set_config('lock_timeout', %s, true)", (f"{round(seconds * 1000)}ms",))


def remember(session, declared):
    ensure_bookkeeping(session, "declared_immv", DECLARED_IMMV, DECLARED_IMMV_COMMENT)
    session.change(
        """
        insert into pgops.declared_immv (view_name, query) values (%s, %s)
        on conflict (view_name) do update set query = excluded.query, declared_at = now()
        """,
        (declared["name"], declared["query"].strip()),
    )


def create(session, declared, owner, name):
    """create_immv as the owner, in whose name pg_ivm maintains the view."""
    session.execute(FIXED_PATH)
    if owner and not session.check_mode:
        session.execute("select set_config('role', %s, true)", (owner,))
    session.change("select pgivm.create_immv(%s, %s)", (quoted_name(name), declared["query"].strip().rstrip(";")))
    session.execute("reset role")


def create_index(session, table, index_name, is_unique, tail):
    unique = "unique " if is_unique else ""
    session.change(f"create {unique}index {quoted_part(index_name)} on {quoted_name(table)} using {tail}")


def comment_on(session, name, comment):
    session.change(f"comment on table {quoted_name(name)} is %s", (comment or None,))


def carry_over(session, old, new_name, new_oid):
    """Give the rebuilt view the old one's indexes, privileges and comments.

    Returns {name of an index of the new view: name that it gets when the old one is gone}.
    """
    new_indexes = read_indexes(session, new_oid)
    renames = {}
    for index in new_indexes:
        schema_and_name = f"{new_name.rsplit('.', 1)[0]}.{index['name']}"
        renames[schema_and_name] = index["name"].replace("__rebuild_index", "_index")
    for index in old.indexes:
        same = [new for new in new_indexes if (new["is_unique"], new["tail"]) == (index["is_unique"], index["tail"])]
        made = sibling_name(f"{new_name.rsplit('.', 1)[0]}.{same[0]['name'] if same else index['name']}", "")
        if not same:
            made = rebuild_name(f"{new_name.rsplit('.', 1)[0]}.{index['name']}")
            create_index(session, new_name, made, index["is_unique"], index["tail"])
        renames[made] = index["name"]
    copy_privileges(session, old.oid, new_name, new_oid)
    copy_comments(session, old.oid, new_name)
    return renames


def copy_privileges(session, old_oid, new_name, new_oid):
    """The new view has the privileges of the old one and none that default privileges gave it."""
    target = quoted_name(new_name)
    for row in session.rows(
        """
        select distinct case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end as grantee
        from pg_catalog.pg_class c, aclexplode(c.relacl) a where c.oid = %s and a.grantee <> c.relowner
        """,
        (new_oid,),
    ):
        session.change(f"revoke all on {target} from {row['grantee']}")
    for row in session.rows(
        """
        select distinct a.privilege_type as privilege, a.is_grantable, o.column_name,
               case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end as grantee
        from (select relacl as acl, relowner, null as column_name from pg_catalog.pg_class where oid = %(oid)s
              union all
              select attacl, relowner, quote_ident(attname)
              from pg_catalog.pg_attribute t join pg_catalog.pg_class c on c.oid = t.attrelid
              where c.oid = %(oid)s and not attisdropped) o, aclexplode(o.acl) a
        where a.grantee <> o.relowner
        order by grantee, privilege
        """,
        {"oid": old_oid},
    ):
        column = f" ({row['column_name']})" if row["column_name"] else ""
        option = " with grant option" if row["is_grantable"] else ""
        session.change(f"grant {row['privilege']}{column} on {target} to {row['grantee']}{option}")


def copy_comments(session, old_oid, new_name):
    for row in session.rows(
        """
        select quote_ident(a.attname) as column_name, d.description
        from pg_catalog.pg_description d
        left join pg_catalog.pg_attribute a on a.attrelid = d.objoid and a.attnum = d.objsubid and d.objsubid > 0
        where d.classoid = 'pg_class'::regclass and d.objoid = %s
        """,
        (old_oid,),
    ):
        target = f"column {quoted_name(new_name)}.{row['column_name']}" if row["column_name"] else None
        session.change(f"comment on {target or 'table ' + quoted_name(new_name)} is %s", (row["description"],))


def base_tables_of(session, oid):
    """Names of the tables on which pg_ivm has triggers for the view, in one order for everybody."""
    rows = session.rows(
        """
        select distinct t.tgrelid::bigint as oid, t.tgrelid::regclass::text as name
        from pg_catalog.pg_depend d
        join pg_catalog.pg_trigger t on d.classid = 'pg_trigger'::regclass and t.oid = d.objid
        where d.refclassid = 'pg_class'::regclass and d.refobjid = %s and t.tgrelid <> d.refobjid
        order by 1
        """,
        (oid,),
    )
    return [row["name"] for row in rows]


def lock_for_drop(session, oid, name):
    """Dropping the view drops its triggers, for which the base tables are locked: those first."""
    session.execute(FIXED_PATH)
    if session.check_mode:
        return
    for table in base_tables_of(session, oid):
        session.execute(f"lock table {table} in access exclusive mode")
    session.execute(f"lock table {quoted_name(name)} in access exclusive mode")


def drop(session, oid, name):
    """Drop a view; what still reads it makes the server refuse and name it."""
    lock_for_drop(session, oid, name)
    session.change(f"drop table {quoted_name(name)}")


def swap(session, old, renames):
    """Put the rebuilt view in the old one's place. Readers wait for the commit and then see the new rows."""
    retired, rebuilt = sibling_name(old.name, "__retired"), rebuild_name(old.name)
    lock_for_drop(session, old.oid, old.name)
    readers = dependent_views(session, old.oid)
    session.change(f"alter table {quoted_name(old.name)} rename to {quoted_part(retired)}")
    session.change(f"alter table {quoted_name(rebuilt)} rename to {quoted_part(old.name)}")
    for view in readers:
        options = f" with ({view['options']})" if view["options"] else ""
        session.change(f"create or replace view {view['name']}{options} as {view['definition']}")
    session.change(f"drop table {quoted_name(retired)}")
    for index, name in renames.items():
        if index.rsplit(".", 1)[1] != name:
            session.change(f"alter index {quoted_name(index)} rename to {quoted_name(name, 'column')}")
