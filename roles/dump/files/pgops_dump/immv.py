"""Incremental views of pg_ivm, made again from the queries that the manifest has."""

from __future__ import annotations

from typing import Any

import psycopg2

from pgops_dump.names import qualified, quoted
from pgops_dump.refusal import Refused
from pgops_dump.server import Server, Session


def make(server: Server, database: str, views: list[dict[str, Any]]) -> None:
    """Make the views, bare: indexes, privileges and comments follow from the dump."""
    if not views:
        return
    with server.session(database) as session:
        # As the queries were written down; pg_ivm reads them anew.
        session.execute("set search_path = pg_catalog")
        for view in views:
            try:
                make_one(session, view)
            except psycopg2.Error as error:
                name = qualified(view["schema"], view["name"])
                raise Refused(f"incremental view {name}: {str(error).strip()}") from error


def make_one(session: Session, view: dict[str, Any]) -> None:
    """Create it in its owner's name, in which pg_ivm maintains it."""
    name = qualified(view["schema"], view["name"])
    command = "select pgivm.create_immv(%s, %s)"
    try:
        session.execute("select set_config('role', %s, false)", (view["owner"],))
        session.execute(command, (name, view["query"]))
    except psycopg2.errors.InsufficientPrivilege:
        session.execute("reset role")
        session.execute(command, (name, view["query"]))
        session.execute(f"alter table {name} owner to {quoted(view['owner'])}")
    session.execute("reset role")
    if not view["populated"]:
        session.execute("select pgivm.refresh_immv(%s, false)", (name,))
    # pg_ivm's own choice of an index, and what default privileges gave: the dump has what there was.
    for row in session.rows(
        """
        select i.indexrelid::regclass::text as index, k.conname::text as constraint
        from pg_index i left join pg_constraint k on k.conindid = i.indexrelid and k.conrelid = i.indrelid
        where i.indrelid = %s::regclass
        """,
        (name,),
    ):
        if row["constraint"]:
            session.execute(f"alter table {name} drop constraint {quoted(row['constraint'])}")
        else:
            session.execute(f"drop index {row['index']}")
    for row in session.rows(
        """
        select distinct case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end as grantee
        from pg_class c, aclexplode(c.relacl) a where c.oid = %s::regclass and a.grantee <> c.relowner
        """,
        (name,),
    ):
        session.execute(f"revoke all on {name} from {row['grantee']}")
