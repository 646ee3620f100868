"""The drill itself, step by step. Every step writes what it found into the result."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pgops_backup.repository import Repository
from pgops_backup.state import moment as readable_moment

from pgops_drill import archive, checks, moment, restore
from pgops_drill.comparison import compare
from pgops_drill.contents import Contents, read_sequences
from pgops_drill.errors import DrillError, Skipped
from pgops_drill.reading import read_all
from pgops_drill.scratch import Scratch
from pgops_drill.sessions import Server, Session
from pgops_drill.settings import Settings

FACTS = """
select pg_is_in_recovery(), (select system_identifier::text from pg_control_system()),
       pg_size_bytes(current_setting('wal_segment_size')), current_setting('shared_preload_libraries'),
       current_setting('max_prepared_transactions')::int,
       (select sum(pg_database_size(oid)) from pg_database)::bigint
"""
DATABASES = "select datname::text from pg_database where datallowconn and not datistemplate order by 1"


def new_result(settings: Settings, now: float) -> dict[str, Any]:
    """The keys of every result, so that who reads it finds them all."""
    return {
        "cluster": settings.cluster,
        "stanza": settings.stanza,
        "run": datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ"),
        "started_at": readable_moment(now),
        "outcome": "failed",
        "message": "",
        "problems": [],
        "warnings": [],
        "backup": None,
        "moment": None,
        "rto": None,
        "rpo": None,
        "wal_replayed_bytes": None,
        "comparison": None,
        "checks": [],
        "amcheck": None,
        "stages": {},
    }


class Drill:
    """One run for one cluster."""

    def __init__(self, settings: Settings, result: dict[str, Any], scratch: Scratch) -> None:
        self.settings = settings
        self.result = result
        self.scratch = scratch
        self.source = Server(settings.socket_directory, settings.port)
        cores = os.cpu_count() or 1
        self.workers = settings.workers or max(1, min(4, cores // 2))
        self.processes = settings.processes or max(1, min(8, cores // 2))

    @contextmanager
    def stage(self, name: str):
        """Measure a step; the result also says which one was the last."""
        began = time.monotonic()
        self.result["stage"] = name
        yield
        self.result["stages"][name] = round(time.monotonic() - began, 3)

    def run(self) -> None:
        """Everything; problems stand in the result, what ends the drill is raised."""
        with self.stage("look"):
            facts, choice = self.look()
        name, lsn, here = self.read_source(facts)
        with self.stage("restore"):
            self.scratch.make(self.result["run"])
            restore.restore(self.scratch, choice, name, self.processes)
        with self.stage("recovery"):
            self.scratch.start(facts["preload"], facts["max_prepared_transactions"])
            self.recover()
        stages = self.result["stages"]
        self.result["rto"] = {
            "seconds": round(stages["restore"] + stages["recovery"], 3),
            "restore_seconds": stages["restore"],
            "recovery_seconds": stages["recovery"],
        }
        self.result["wal_replayed_bytes"] = restore.replayed_bytes(choice, lsn)
        with self.stage("checks"):
            self.result["checks"] = checks.run_checks(
                self.scratch.server, self.settings.checks, self.settings.check_seconds
            )
        with self.stage("comparison"):
            self.compare(here)
        if self.settings.amcheck:
            with self.stage("amcheck"):
                self.result["amcheck"] = checks.amcheck(self.scratch, list(self.databases), self.workers)

    def look(self) -> tuple[dict[str, Any], restore.Choice]:
        """What there is: the source, what its loss would cost now, the backup, the room for it."""
        try:
            session = self.source.connect()
        except Exception as error:
            raise DrillError(
                f"the source, port {self.settings.port}, does not answer: {checks.one_line(error)}. A drill compares "
                "with a running cluster; to bring a lost one back: playbooks/restore.yml"
            ) from error
        facts = look_at(session)
        if facts["in_recovery"]:
            session.close()
            raise Skipped(f"{self.settings.cluster} is a standby at present: its primary's drill covers the stanza")
        self.result["rpo"] = archive.exposure(session, Path(self.settings.data_directory), facts["segment_bytes"])
        self.databases = self.choose_databases(session)
        session.close()
        self.repository = Repository(self.settings.stanza, facts["segment_bytes"])
        choice = restore.choose(self.repository)
        self.refuse_foreign(facts["system_identifier"])
        self.result["backup"] = choice.summary(time.time())
        self.result["warnings"] += choice.warnings
        self.result["problems"] += choice.problems
        restore.refuse_without_room(
            self.scratch.root, restore.room_needed(choice, facts["bytes"]), self.settings.reserve_mb
        )
        return facts, choice

    def choose_databases(self, session: Session) -> tuple[str, ...]:
        """Those of the settings, or all that are no templates."""
        there = [row[0] for row in session.rows(DATABASES)]
        unknown = [name for name in self.settings.databases if name not in there]
        if unknown:
            raise DrillError(f"drill_databases names {', '.join(unknown)}; accepted: {', '.join(there)}")
        return self.settings.databases or tuple(there)

    def refuse_foreign(self, system_identifier: str) -> None:
        """A stanza may hold the backups of a cluster that was there before."""
        found = self.repository.info().system_identifier
        if found != system_identifier:
            raise DrillError(
                f"stanza {self.settings.stanza} holds the backups of another cluster (system identifier {found}; the source "
                f"is {system_identifier}); deploy the system again, which says what to do"
            )

    def read_source(self, facts: dict[str, Any]) -> tuple[str, str, Contents]:
        """Find the moment, have it archived, and read the source as of it."""
        with ExitStack() as stack:
            control = self.open(stack, "postgres")
            sessions = {database: self.open(stack, database) for database in self.databases}
            with self.stage("moment"):
                sequences = self.sequences(self.source)
                found = moment.find(control, sessions, self.result["run"], self.settings.moment_seconds)
                for key, later in self.sequences(self.source).items():
                    if key in sequences:
                        sequences[key]["later_value"] = later["last_value"]
            self.result["moment"] = {
                "name": found.name,
                "lsn": found.lsn,
                "at": readable_moment(found.at),
                "tries": found.tries,
                "seconds": found.seconds,
            }
            segment = archive.finish_segment(control, found.lsn)
            with self.stage("checksums"):
                here = read_all(list(self.databases), self.source.connect, self.workers, found.snapshots)
            here.sequences = sequences
        with self.stage("archive"), ExitStack() as stack:
            control = self.open(stack, "postgres")
            archive.wait_archived(control, self.repository, segment, self.settings.archive_seconds)
        return found.name, found.lsn, here

    def open(self, stack: ExitStack, database: str) -> Session:
        """A session of the source that is closed with the stack."""
        session = self.source.connect(database)
        stack.callback(session.close)
        return session

    def sequences(self, server: Server) -> dict[tuple[str, str], dict[str, Any]]:
        """Sequences of all databases of a side."""
        found = {}
        for database in self.databases:
            session = server.connect(database)
            found |= read_sequences(session, database)
            session.close()
        return found

    def recover(self) -> None:
        """Wait for the end of recovery. PostgreSQL does not say why WAL ended too early; a verification names what is damaged."""
        try:
            self.scratch.wait_until_promoted(self.settings.recovery_seconds)
        except DrillError as error:
            named = restore.damaged_files(self.repository)
            if not named:
                raise
            raise DrillError(
                f"{error}. pgbackrest verify: {'; '.join(named)}. No moment behind a damaged segment can be restored from "
                "this backup: make a full backup at once (playbooks/backup.yml -e backup_type=full), then look at the "
                "repository's disk"
            ) from error

    def compare(self, here: Contents) -> None:
        """Read the copy and compare."""
        server = self.scratch.server
        session = server.connect()
        missing = set(self.databases) - {row[0] for row in session.rows(DATABASES)}
        session.close()
        if missing:
            raise DrillError(f"the copy has no database {', '.join(sorted(missing))}, which the source has")
        there = read_all(list(self.databases), server.connect, self.workers)
        there.sequences = self.sequences(server)
        compared = [key for key in here.tables if key in there.tables]
        self.result["comparison"] = {
            "databases": list(self.databases),
            "tables": len(compared),
            "rows": sum(here.tables[key].get("rows", 0) for key in compared),
            "sequences": len(set(here.sequences) & set(there.sequences)),
            "differences": compare(here, there),
            "left_out": here.left_out,
        }


def look_at(session: Session) -> dict[str, Any]:
    """What a drill has to know of its source."""
    names = ("in_recovery", "system_identifier", "segment_bytes", "preload", "max_prepared_transactions", "bytes")
    return dict(zip(names, session.rows(FACTS)[0], strict=True))


def judge(result: dict[str, Any]) -> list[str]:
    """Everything that speaks against the backup; a drill that has compared nothing proves nothing."""
    problems = list(result["problems"])
    comparison = result["comparison"] or {"tables": 0, "differences": [], "databases": []}
    if not comparison["tables"]:
        problems.append(
            f"no table was compared (databases: {', '.join(comparison['databases']) or 'none'}), so nothing is proven; "
            "look at drill_databases"
        )
    if comparison["differences"]:
        first = comparison["differences"][0]
        problems.append(
            f"{len(comparison['differences'])} differences between source and copy, the first: "
            f"{first['database']}: {first['kind']} {first['object']}: {first['what']}"
        )
    for check in result["checks"]:
        if check["error"]:
            problems.append(f"check {check['name']} failed: {check['error']}")
        elif check["wrong"]:
            problems.append(f"check {check['name']}: {check['wrong']} rows are wrong: {'; '.join(check['rows'])}")
    amcheck = result["amcheck"]
    if amcheck and amcheck["problems"]:
        problems.append(f"pg_amcheck: {'; '.join(amcheck['problems'][:3])}")
    return problems
