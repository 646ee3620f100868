"""What is dumped, held still: tables that nobody can drop or empty, and one snapshot of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg2

from pgops_dump import catalog, checksums
from pgops_dump.names import parse_pattern, qualified, written
from pgops_dump.refusal import Refused
from pgops_dump.server import Server, Session

TRIES = 5


class Source:
    """The session whose snapshot everything is as of; it keeps the tables from being dropped or truncated."""

    def __init__(self, server: Server, database: str, patterns: list[str], lock_timeout: int) -> None:
        self.server = server
        self.database = database
        self.patterns = [parse_pattern(text) for text in patterns]
        self.lock_timeout = lock_timeout
        self.tables: list[dict[str, Any]] = []
        self.views: list[dict[str, Any]] = []
        self.in_recovery = False

    def __enter__(self) -> Source:
        self.session: Session = self.server.connect(self.database)
        try:
            self.session.pin()
            self.in_recovery = self.session.value("select pg_is_in_recovery()")
            self.hold()
        except BaseException:
            self.session.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    @property
    def bytes(self) -> int:
        """Size of the tables without their indexes."""
        return sum(table["bytes"] for table in self.tables)

    @property
    def has_cron(self) -> bool:
        """Whether the schema cron is pg_cron's."""
        return self.session.value("select count(*) > 0 from pg_extension where extname = 'pg_cron'")

    @property
    def with_rows(self) -> list[dict[str, Any]]:
        """Relations whose rows are compared."""
        return [table for table in self.tables if checksums.readable(table, in_recovery=self.in_recovery)]

    def hold(self) -> None:
        """Lock first, take the snapshot after: a TRUNCATE in between would empty the table for the snapshot as well."""
        self.session.execute("select set_config('lock_timeout', %s, false)", (f"{self.lock_timeout}s",))
        for _ in range(TRIES):
            try:
                if self.try_to_hold():
                    self.refuse_views()
                    return
            except (psycopg2.errors.LockNotAvailable, psycopg2.errors.DeadlockDetected) as error:
                with self.server.session(self.database) as other:
                    locks = ", ".join(row["lock"] for row in other.rows(catalog.LOCKED)) or str(error).strip()
                raise Refused(
                    f"a table of {self.database} is locked by somebody else for more than {self.lock_timeout} s "
                    f"(dump_lock_timeout_seconds): {locks}; wait for its end, or give it more seconds"
                ) from error
            self.session.execute("rollback")
        raise Refused(
            f"tables of {self.database} come and go all the time: {TRIES} looks gave as many lists; try again"
        )

    def try_to_hold(self) -> bool:
        """Whether the tables were the same before and after they were locked."""
        seen = self.chosen(self.session)
        self.session.execute("begin isolation level repeatable read read only")
        try:
            for names in _portions([qualified(t["schema"], t["name"]) for t in seen if t["kind"] in "rp"], 500):
                self.session.execute(f"lock table only {', only '.join(names)} in access share mode")
        except psycopg2.errors.UndefinedTable:
            return False
        self.views = catalog.incremental_views(self.session)
        self.tables = self.chosen(self.session)
        return {table["oid"] for table in self.tables} == {table["oid"] for table in seen}

    def chosen(self, session: Session) -> list[dict[str, Any]]:
        """The tables asked for, with their partitions; all without a question."""
        tables = catalog.tables(session, [view["oid"] for view in catalog.incremental_views(session)])
        if not self.patterns:
            return tables
        chosen: set[int] = set()
        for pattern in self.patterns:
            found = {table["oid"] for table in tables if pattern.matches(table["schema"], table["name"])}
            if not found:
                names = [written(table["schema"], table["name"]) for table in tables if table["kind"] in "rp"]
                raise Refused(
                    f"dump_tables has {pattern.text}, which is no table of {self.database}; accepted: names or patterns of "
                    f"{', '.join(names[:20])}{' and others' if len(names) > 20 else ''}"
                )
            chosen |= found
        while more := {table["oid"] for table in tables if table["partition_of"] in chosen} - chosen:
            chosen |= more
        return [table for table in tables if table["oid"] in chosen]

    def refuse_views(self) -> None:
        """A view of pg_ivm without its base tables would be a dead table."""
        if not self.patterns:
            return
        chosen = {table["oid"] for table in self.tables}
        views = [written(view["schema"], view["name"]) for view in self.views if view["oid"] in chosen]
        kinds = [written(t["schema"], t["name"]) for t in self.tables if t["kind"] in "mf"]
        if views or kinds:
            raise Refused(
                f"dump_tables covers {', '.join(views + kinds)}: incremental and materialized views and foreign tables are "
                "dumped with the whole database only; accepted: plain and partitioned tables"
            )
        self.views = []


def _portions(items: list[str], size: int) -> Iterator[list[str]]:
    for start_at in range(0, len(items), size):
        yield items[start_at : start_at + size]
