"""Databases of the target cluster: the one that is filled, and the one whose place it takes."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import psycopg2

from pgops_dump import catalog
from pgops_dump.names import quoted, written
from pgops_dump.refusal import Refused
from pgops_dump.server import Server, Session

NAME_BYTES = 63
LOADING = "__loading"
UNFINISHED = "pgops: a load that is not finished"
LISTS = frozenset({
    *("search_path", "temp_tablespaces", "local_preload_libraries", "session_preload_libraries"),
    *("shared_preload_libraries", "unix_socket_directories"),
})  # fmt: skip
SWAP_TRIES = 6


def with_suffix(database: str, suffix: str) -> str:
    """A name beside another that is short enough for the server."""
    return database.encode()[: NAME_BYTES - len(suffix)].decode(errors="ignore") + suffix


def oid_of(session: Session, database: str) -> int | None:
    """The database's oid."""
    return session.value("select oid::bigint from pg_database where datname = %s", (database,))


def tables_of(server: Server, database: str) -> list[str]:
    """Names of the tables that a database has, those of extensions left out."""
    with server.session(database) as session:
        views = [view["oid"] for view in catalog.incremental_views(session)]
        return [written(table["schema"], table["name"]) for table in catalog.tables(session, views)]


def holders(session: Session, database: str) -> list[str]:
    """What would go on with a database under another name, where nobody looks for it."""
    found = session.rows(
        """
        select 'replication slot ' || slot_name as thing from pg_replication_slots where database = %(name)s
        union all
        select 'subscription ' || subname from pg_subscription
        where subdbid = (select oid from pg_database where datname = %(name)s)
        order by 1
        """,
        {"name": database},
    )
    return [row["thing"] for row in found]


def remove_unfinished(server: Server, session: Session, scratch: str) -> bool:
    """Drop what an interrupted load has left; refuses a database of that name that is somebody's."""
    oid = oid_of(session, scratch)
    if oid is None:
        return False
    if session.value("select shobj_description(%s::oid, 'pg_database')", (oid,)) != UNFINISHED and tables_of(
        server, scratch
    ):
        raise Refused(f"database {scratch} is there and was not made by a load: rename it, then load again")
    drop(session, scratch)
    return True


def drop(session: Session, database: str) -> None:
    """Drop a database whoever uses it."""
    session.execute(f"drop database if exists {quoted(database)} with (force)")


def create(session: Session, scratch: str, content: dict[str, Any], *, owner: bool) -> None:
    """An empty database as the source was made; nobody else may connect to it yet."""
    source = content["database"]
    options = {"encoding": source["encoding"], "lc_collate": source["collate"], "lc_ctype": source["ctype"]}
    provider = {"i": "icu", "b": "builtin"}.get(source.get("locale_provider") or "c")
    if provider:
        options |= {"locale_provider": provider, f"{provider}_locale": source["locale"]}
        if source.get("icu_rules"):
            options["icu_rules"] = source["icu_rules"]
    made = " ".join(f"{name} = {literal(session, value)}" for name, value in options.items())
    owned = f" owner = {quoted(source['owner'])}" if owner else ""
    session.execute(f"create database {quoted(scratch)} template = template0{owned} {made}")
    session.execute(f"comment on database {quoted(scratch)} is %s", (UNFINISHED,))
    session.execute(f"revoke all on database {quoted(scratch)} from public")


def literal(session: Session, value: str) -> str:
    """A quoted literal."""
    return session.value("select quote_literal(%s)", (value,))


def finish(session: Session, scratch: str, content: dict[str, Any], *, whole: bool) -> list[str]:
    """Privileges, settings and comment of the source's database; what could not be set."""
    skipped = []
    source = (
        content["database"] if whole else {"privileges": [{"role": None, "privilege": "CONNECT", "grantable": False}]}
    )
    for item in source.get("privileges") or []:
        role = "public" if item["role"] is None else quoted(item["role"])
        option = " with grant option" if item["grantable"] else ""
        session.execute(f"grant {item['privilege']} on database {quoted(scratch)} to {role}{option}")
    for item in source.get("settings") or []:
        name, _, value = item["setting"].partition("=")
        shown = value if name in LISTS else literal(session, value)
        who = f"role {quoted(item['role'])} in database" if item["role"] else "database"
        try:
            session.execute(f"alter {who} {quoted(scratch)} set {quoted_setting(name)} to {shown}")
        except psycopg2.errors.UndefinedObject as error:
            skipped.append(f"setting {item['setting']}: {str(error).strip()}")
    comment = source.get("comment")
    session.execute(f"comment on database {quoted(scratch)} is %s", (comment,))
    return skipped


def quoted_setting(name: str) -> str:
    """A setting's name, part by part."""
    return ".".join(quoted(part) for part in name.split("."))


def take_place(session: Session, scratch: str, database: str) -> str | None:
    """Give the filled database its name in one step; the name that the one before it has now."""
    if oid_of(session, database) is None:
        session.execute(f"alter database {quoted(scratch)} rename to {quoted(database)}")
        return None
    aside = with_suffix(database, f"__before_{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    for attempt in range(1, SWAP_TRIES + 1):
        session.execute("begin")
        try:
            session.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = any (%s) and pid <> pg_backend_pid()",
                ([database, scratch],),
            )
            session.execute(f"alter database {quoted(database)} rename to {quoted(aside)}")
            session.execute(f"alter database {quoted(scratch)} rename to {quoted(database)}")
            session.execute("commit")
            return aside
        except psycopg2.errors.ObjectInUse as error:
            session.execute("rollback")
            if attempt == SWAP_TRIES:
                raise Refused(
                    f"database {database} cannot be put aside, its users come back: {str(error).strip()}"
                ) from error
            time.sleep(0.2)
    return None


def make_cron(server: Server, database: str) -> None:
    """pg_cron without any job."""
    with server.session(database) as session:
        session.execute("create extension if not exists pg_cron")
