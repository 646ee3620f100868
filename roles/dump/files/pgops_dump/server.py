"""The server, and PostgreSQL's programs of its version."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.extensions

from pgops_dump.refusal import Refused
from pgops_dump.row_checksums import PINNED_SETTINGS

PROGRAMS = "/usr/lib/postgresql/{major}/bin/{name}"
APPLICATION = "pgops dump"
ERROR_SIGNS = 600
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Server:
    """A cluster of this machine, reached through its socket as postgres."""

    port: int
    version: str
    """Major version, as in the paths of its programs."""
    socket_directory: str = "/var/run/postgresql"

    def program(self, name: str) -> str:
        """Path of one of PostgreSQL's programs."""
        path = PROGRAMS.format(major=self.version, name=name)
        if not Path(path).exists():
            raise Refused(f"{path} is not there: install postgresql-client-{self.version}")
        return path

    def conninfo(self, database: str) -> str:
        """Connection string."""
        limits = ["statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout"]
        limits += ["idle_session_timeout"] if int(self.version) >= 14 else []
        limits += ["transaction_timeout"] if int(self.version) >= 17 else []
        return psycopg2.extensions.make_dsn(
            host=self.socket_directory,
            port=self.port,
            dbname=database,
            application_name=APPLICATION,
            options=" ".join(f"-c {name}=0" for name in limits),
        )

    def connect(self, database: str) -> Session:
        """A session in autocommit mode."""
        try:
            connection = psycopg2.connect(self.conninfo(database))
        except psycopg2.OperationalError as error:
            raise Refused(f"database {database} on port {self.port} does not answer: {str(error).strip()}") from error
        connection.autocommit = True
        return Session(connection)

    @contextmanager
    def session(self, database: str, *, pinned: bool = False) -> Iterator[Session]:
        """A session for a while; pinned for checksums."""
        session = self.connect(database)
        try:
            if pinned:
                session.pin()
            yield session
        finally:
            session.close()


class Session:
    """Plain rows out of a connection."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def rows(self, statement: str, parameters: Any = None) -> list[dict[str, Any]]:
        """Rows as dictionaries."""
        with self.connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            if cursor.description is None:
                return []
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def row(self, statement: str, parameters: Any = None) -> dict[str, Any]:
        """The first row, nothing without one."""
        return next(iter(self.rows(statement, parameters)), {})

    def value(self, statement: str, parameters: Any = None) -> Any:
        """First column of the first row."""
        return next(iter(self.row(statement, parameters).values()), None)

    def execute(self, statement: str, parameters: Any = None) -> None:
        """Execute without a result."""
        with self.connection.cursor() as cursor:
            cursor.execute(statement, parameters)

    def pin(self) -> None:
        """Pin all that the text of a row depends on."""
        for name, value in PINNED_SETTINGS.items():
            self.execute("select set_config(%s, %s, false)", (name, value))

    def import_snapshot(self, snapshot: str) -> None:
        """See the database as another session sees it."""
        self.execute("begin isolation level repeatable read read only")
        self.execute("set transaction snapshot %s", (snapshot,))

    def close(self) -> None:
        """End the session."""
        self.connection.close()


_libc = ctypes.CDLL(None, use_errno=True)


def _die_with_parent() -> None:
    # kill -9 of this program must not leave one behind that goes on writing.
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def run(command: list[str]) -> str:
    """Run one of PostgreSQL's programs; its output, or its own words when it fails."""
    # The parent's death is told when the thread that started a child ends, so that is the main one.
    assert threading.current_thread() is threading.main_thread()
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        preexec_fn=_die_with_parent,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    if done.returncode != 0:
        # The server's own line comes first; the statement behind it may be long.
        words = " ".join(done.stderr[max(done.stderr.find("error:"), 0) :].split())
        words = words if len(words) <= ERROR_SIGNS else f"{words[:ERROR_SIGNS]} ..."
        how = f"was ended by signal {-done.returncode}" if done.returncode < 0 else f"failed ({done.returncode})"
        raise Refused(f"{Path(command[0]).name} {how}: {words}")
    return done.stdout
