"""Loads a dump, compares it with its manifest, and only then gives the database its name."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pgops_dump import comparison, immv, load_plan, manifest, target
from pgops_dump.names import quoted, written
from pgops_dump.refusal import Refused
from pgops_dump.server import Server, Session, run
from pgops_dump.toc import Entry, text

MAINTENANCE = "postgres"
RESERVED = (MAINTENANCE, "template0", "template1")


def add_command(commands: argparse._SubParsersAction) -> None:
    """Declare the command."""
    parser = commands.add_parser("load", help="load a dump, or tables of it")
    parser.add_argument("version")
    parser.add_argument("port", type=int)
    parser.add_argument("database")
    parser.add_argument("directory", type=Path, help="the folder of the dump, with its manifest")
    parser.add_argument("--state", type=Path, required=True, help="file that remembers what was loaded")
    parser.add_argument("--host", default="HOST", help="the inventory host, as messages name it")
    parser.add_argument("--table", action="append", default=[])
    parser.add_argument("--jobs", type=int, default=0, help="0: as many as there are cores")
    parser.add_argument("--over", action="store_true", help="the database may be there and have tables")
    parser.add_argument("--create-roles", action="store_true", help="make roles that are missing, without login")
    parser.add_argument("--keep-failed", action="store_true", help="leave what could not be loaded for a look")
    parser.add_argument("--plan", action="store_true", help="only print what would be done")
    parser.set_defaults(run=start)


def start(given: argparse.Namespace) -> dict[str, Any]:
    """Load; what there is to say of it."""
    server = Server(given.port, given.version)
    if given.database in RESERVED:
        raise Refused(
            f"load_database is {given.database}; accepted: a database that is not one of {', '.join(RESERVED)}"
        )
    with server.session(MAINTENANCE) as session, turn(session, given.database):
        return Load(given, server, session).start()


@contextlib.contextmanager
def turn(session: Session, database: str) -> Iterator[None]:
    """One load of a database at a time."""
    name = f"pgops load {database}"
    if not session.value("select pg_try_advisory_lock(hashtextextended(%s, 0))", (name,)):
        raise Refused(f"another load of database {database} is going on; wait for its end")
    yield


class Load:
    """One load."""

    def __init__(self, given: argparse.Namespace, server: Server, session: Session) -> None:
        self.given = given
        self.server = server
        self.session = session
        self.database: str = given.database
        self.scratch = target.with_suffix(given.database, target.LOADING)
        self.jobs = given.jobs or len(os.sched_getaffinity(0))
        self.began = time.time()

    def start(self) -> dict[str, Any]:
        """Plan, and do it."""
        if self.session.value("select pg_is_in_recovery()"):
            raise Refused(f"the cluster on port {self.server.port} is a standby; accepted: a primary")
        self.plan = plan = load_plan.make(
            self.given.directory, self.given.table, self.server, self.session, self.database
        )
        self.existing = target.oid_of(self.session, self.database)
        if before := self.loaded_before():
            return self.facts() | {
                "changed": False,
                "loaded_at": before["loaded_at"],
                "into": "already loaded",
                "to_load_it_anew": f"load_over=true with load_over_confirm={self.given.host}/{self.database} compares what is there with "
                "the dump, and puts the database aside when it differs; without it, what was written since is not looked at",
            }
        tables = target.tables_of(self.server, self.database) if self.existing else []
        self.adds = self.existing is not None and not plan.whole
        self.look_at_target(tables)
        load_plan.look_for_room(plan, self.session.value("show data_directory"))
        if plan.missing_roles and not self.given.create_roles:
            raise Refused(
                f"the cluster lacks the roles {', '.join(plan.missing_roles)}, which own or use what is loaded: deploy the "
                "system that has them, or let them be made without login (load_create_roles=true)"
            )
        if self.given.plan:
            return self.facts() | {"changed": True, "roles_made": plan.missing_roles}
        return self.add() if self.adds else self.fill()

    def facts(self) -> dict[str, Any]:
        """What is said in any case."""
        into = "a new database"
        if self.existing is not None:
            into = (
                "the existing database"
                if not self.plan.whole
                else "a new database in place of the existing one, which is kept"
            )
        return {
            "directory": str(self.given.directory),
            "database": self.database,
            "into": into,
            "tables": len(self.plan.tables),
            "table_bytes": self.plan.bytes,
            "incremental_views": [written(view["schema"], view["name"]) for view in self.plan.views],
            "left_out": self.plan.left_out,
            "warnings": self.plan.warnings,
        }

    def look_at_target(self, tables: list[str]) -> None:
        """Refuse a database that somebody uses, unless told twice."""
        if tables and not self.given.over:
            shown = f"{', '.join(tables[:10])}{f' and {len(tables) - 10} more' if len(tables) > 10 else ''}"
            raise Refused(
                f"database {self.database} is there and has {len(tables)} tables: {shown}; accepted: the name of a new "
                f"database, or load_over=true with load_over_confirm={self.given.host}/{self.database}"
            )
        if self.adds:
            there = [
                name for name in (written(t["schema"], t["name"]) for t in self.plan.tables) if name in set(tables)
            ]
            if there:
                raise Refused(
                    f"database {self.database} has {', '.join(there[:10])} already; load_tables only adds tables: load into a "
                    "new database and copy rows from there, or rename the tables first"
                )
        elif self.existing is not None and (held := target.holders(self.session, self.database)):
            raise Refused(
                f"database {self.database} cannot be put aside, it has {', '.join(held)}: drop them first, or load into a "
                "new database"
            )

    # What was loaded is remembered with the oid of the database, so that another one of the same name is none.
    def key(self) -> dict[str, Any]:
        """What makes two loads the same."""
        return {"sha256": self.plan.content["sha256"], "chosen": sorted(self.given.table)}

    def remembered(self) -> dict[str, Any]:
        """What the file says."""
        try:
            return json.loads(self.given.state.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}

    def loaded_before(self) -> dict[str, Any] | None:
        """The same load, when the database is still the one that it made."""
        if self.existing is None:
            return None
        for item in self.remembered().get(self.database, []):
            if item["key"] == self.key() and item["oid"] == self.existing:
                return None if self.changed_since() else item
        return None

    def changed_since(self) -> bool:
        """Whether tables are missing from what was loaded; told twice, whether anything differs from the dump."""
        if self.given.over and self.plan.whole:
            return bool(comparison.differences(self.server, self.database, self.plan, self.jobs))
        there = set(target.tables_of(self.server, self.database))
        return not all(written(table["schema"], table["name"]) in there for table in self.plan.tables)

    def remember(self) -> None:
        """Keep it for the next run."""
        oid = target.oid_of(self.session, self.database)
        all_items = self.remembered()
        items = [item for item in all_items.get(self.database, []) if item["oid"] == oid]
        items.append({"key": self.key(), "oid": oid, "loaded_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"})
        draft = self.given.state.with_name(f".{self.given.state.name}")
        draft.write_text(json.dumps({**all_items, self.database: items}, indent=1, sort_keys=True), encoding="utf-8")
        draft.replace(self.given.state)

    def fill(self) -> dict[str, Any]:
        """Fill a database under another name, and give it its own when it is right."""
        removed = target.remove_unfinished(self.server, self.session, self.scratch)
        made = self.make_roles()
        try:
            target.create(self.session, self.scratch, self.plan.content, owner=self.plan.whole)
            self.make_schemas(self.scratch)
            self.restore(self.scratch, self.plan.first)
            immv.make(self.server, self.scratch, self.plan.views)
            self.restore(self.scratch, self.plan.last)
            self.analyze(self.scratch)
            self.compare(self.scratch)
            skipped = target.finish(self.session, self.scratch, self.plan.content, whole=self.plan.whole)
            aside = target.take_place(self.session, self.scratch, self.database)
        except BaseException as error:
            raise self.clean_up(error, made) from error
        if self.plan.cron:
            target.make_cron(self.server, self.database)
        return self.done(made) | {"put_aside": aside, "removed_unfinished": removed, "skipped": skipped}

    def clean_up(self, error: BaseException, made: list[str]) -> BaseException:
        """The error, with what became of the database."""
        if self.given.keep_failed and isinstance(error, Exception):
            return Refused(
                f"{error} What was loaded is in database {self.scratch}; the next load of {self.database} drops it"
            )
        with contextlib.suppress(Exception):
            self.session.execute("rollback")
        target.drop(self.session, self.scratch)
        for role in made:
            self.session.execute(f"drop role {quoted(role)}")
        if not isinstance(error, Exception):
            return error
        return Refused(f"{str(error).strip()} Nothing of it was left: database {self.database} is as it was before")

    def add(self) -> dict[str, Any]:
        """Add tables to a database, all or none."""
        made = self.make_roles()
        schemas = self.make_schemas(self.database)
        try:
            self.restore(self.database, self.plan.first, "--single-transaction")
        except BaseException:
            with self.server.session(self.database) as session:
                for schema in schemas:
                    session.execute(f"drop schema {quoted(schema)}")
            for role in made:
                self.session.execute(f"drop role {quoted(role)}")
            raise
        self.compare(self.database)
        return self.done(made)

    def done(self, made: list[str]) -> dict[str, Any]:
        """The result."""
        facts = self.facts()
        self.remember()
        return facts | {
            "changed": True,
            "rows": sum(table["rows"] or 0 for table in self.plan.tables),
            "compared": sum(1 for table in self.plan.tables if table["rows"] is not None),
            "roles_made": made,
            "cron_jobs_not_loaded": [job["name"] or job["command"] for job in self.plan.content.get("cron_jobs", [])],
            "subscriptions_not_loaded": [item["name"] for item in self.plan.content.get("subscriptions", [])],
            "seconds": round(time.time() - self.began, 3),
        }

    def make_roles(self) -> list[str]:
        """Roles without login and without members."""
        for role in self.plan.missing_roles:
            self.session.execute(f"create role {quoted(role)} nologin")
        return self.plan.missing_roles

    def make_schemas(self, database: str) -> list[str]:
        """Schemas of chosen tables; a whole dump has its own."""
        if self.plan.whole:
            return []
        owners = {schema["name"]: schema["owner"] for schema in self.plan.content.get("schemas", [])}
        made = []
        with self.server.session(database) as session:
            for name in sorted({table["schema"] for table in self.plan.tables}):
                if session.value("select to_regnamespace(%s) is null", (quoted(name),)):
                    owner = f" authorization {quoted(owners[name])}" if name in owners else ""
                    session.execute(f"create schema {quoted(name)}{owner}")
                    made.append(name)
        return made

    def restore(self, database: str, entries: list[Entry], *options: str) -> None:
        """Have pg_restore carry out a part of the list of contents."""
        if not entries:
            return
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".list") as file:
            file.write(text(entries))
            file.flush()
            run([
                *(self.server.program("pg_restore"), "--exit-on-error", f"--use-list={file.name}", "--no-password"),
                *(options or (f"--jobs={self.jobs}",)),
                f"--dbname={self.server.conninfo(database)}",
                str(self.given.directory / manifest.DATA),
            ])  # fmt: skip

    def analyze(self, database: str) -> None:
        """Statistics, which a dump does not have."""
        with self.server.session(database) as session:
            session.execute("analyze")

    def compare(self, database: str) -> None:
        """Refuse to call it loaded when it differs."""
        found = comparison.differences(self.server, database, self.plan, self.jobs)
        if found:
            shown = f"{'; '.join(found[:20])}{f' and {len(found) - 20} more' if len(found) > 20 else ''}"
            where = f" The tables were left in database {self.database}." if database == self.database else ""
            raise Refused(f"what was loaded differs from the manifest: {shown}.{where}")
