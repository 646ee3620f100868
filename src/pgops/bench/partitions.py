"""Suite `partitions`: operations on a large table under a steady write load, by the engine, pg_partman and plain DDL."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from pgops.bench import partition_operations as operations
from pgops.bench.partition_operations import ASYNC, ENGINE, PROCEDURE, Operation
from pgops.bench.partition_writers import Found, lost, writing
from pgops.bench.server import Server

STEADY_RATE = 300
CAPACITY_SECONDS, SETTLE_SECONDS = 10, 3
TRIES, LAST_TRY_SECONDS, LONGEST_SECONDS = 20, 180, 240
LONGEST_OF_ENGINE_SECONDS = 900  # which is not given up because the others would be
DATABASE, TEMPLATE = "pgops_bench", "pgops_bench_template"
NOTHING = "no operation"
Report = Callable[[str], None]


@dataclass
class Outcome:
    """One operation done one way under one load."""

    operation: str
    way: str
    rows: int
    rate: float
    """Writes a second that were asked for; 0: none."""
    seconds: float
    tries: int
    problem: str | None
    """Why it was given up."""
    longest_wait_ms: float | None
    p99_ms: float | None
    writes: int
    failed: int
    failures: dict[str, int]
    lost: int
    wal_bytes: int
    space_bytes: int
    lock_held_ms: float | None = None
    """Of the engine's own record, as the next two."""
    engine_wait_ms: float | None = None
    gave_way: int = 0

    @property
    def rows_a_second(self) -> float:
        return self.rows / self.seconds

    def as_json(self) -> dict:
        return asdict(self)


def outcomes(
    server: Server, operation: Operation, rows: int, say: Report, conditions: dict[str, str], partman: bool
) -> Iterator[Outcome]:
    """Each way without load, which is compared; then each at the steady rate, and at half of what this server can do."""
    say(f"{operation.name}: {rows:,} rows")
    with template(server, operation, rows):
        half = half_of_capacity(server, operation, rows, say)
        loads = [STEADY_RATE, half] if half > STEADY_RATE else [STEADY_RATE]
        conditions["half of what the server could do"] = f"{half:,} writes a second"
        for rate in loads:
            yield measured(server, operation, NOTHING, rows, rate, say)
        ways = [way for way in operation.ways if partman or way not in (PROCEDURE, ASYNC)]
        for way, rate in [*((way, 0) for way in ways), *((way, rate) for way in ways for rate in loads)]:
            yield measured(server, operation, way, rows, rate, say)


def partman_version(server: Server) -> str | None:
    """That of the extension which the server has, installed by whatever means; None without it."""
    with server.connect() as connection:
        found = connection.execute("select default_version from pg_available_extensions where name = 'pg_partman'")
        return (found.fetchone() or [None])[0]


@contextlib.contextmanager
def template(server: Server, operation: Operation, rows: int) -> Iterator[None]:
    """A database with the operation's table, to be copied for each measurement."""
    drop(server, TEMPLATE)
    with server.connect() as admin:
        admin.execute(f"create database {TEMPLATE}")
    try:
        with server.connect(TEMPLATE) as connection:
            operations.fill(operation, connection, rows)
        yield
    finally:
        drop(server, DATABASE)
        drop(server, TEMPLATE)


def drop(server: Server, database: str) -> None:
    with server.connect() as admin:
        admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(database)))


def copied(server: Server) -> psycopg.Connection:
    """A connection to a fresh copy of the template."""
    drop(server, DATABASE)
    with server.connect() as admin:
        admin.execute(f"create database {DATABASE} template {TEMPLATE} strategy file_copy")
        admin.execute("checkpoint")
    return server.connect(DATABASE)


def half_of_capacity(server: Server, operation: Operation, rows: int, say: Report) -> int:
    """Writes a second: half of what the same clients can do when nobody holds them back."""
    say(f"what the server can do, {CAPACITY_SECONDS} s")
    with copied(server), writing(conninfo(server), operation.keys(rows), None) as found:
        time.sleep(CAPACITY_SECONDS + SETTLE_SECONDS)
        end = time.monotonic()
    begun = [begun for _due, begun, _done in found.waits if end - CAPACITY_SECONDS <= begun <= end]
    return max(1, len(begun) // (2 * CAPACITY_SECONDS))


def conninfo(server: Server) -> str:
    return make_conninfo(server.conninfo, dbname=DATABASE)


def measured(server: Server, operation: Operation, way: str, rows: int, rate: float, say: Report) -> Outcome:
    """One copy of the template, one load, one operation."""
    say(f"{operation.name}, {way}, {rate:,} writes a second")
    with copied(server) as connection:
        if way in (PROCEDURE, ASYNC) and operation.name != "convert":
            operations.partman_parent(connection)
        wal, size = _written(connection), _size(connection)
        with writing(conninfo(server), operation.keys(rows), rate) as found:
            time.sleep(SETTLE_SECONDS if rate else 0)
            begun = time.monotonic()
            tries, problem = _done(connection, operation, way)
            ended = time.monotonic()
            wal = _written(connection) - wal
            time.sleep(1 if rate else 0)
        size = _size(connection) - size
        outcome = Outcome(
            operation.name, way, rows, rate, ended - begun, tries, problem, None, None, 0, 0, {},
            lost(connection, rows, len(found.waits)), wal, size,
        )  # fmt: skip
        _add_waits(outcome, found, begun, ended)
        if way == ENGINE and problem is None:
            outcome.lock_held_ms, outcome.engine_wait_ms, outcome.gave_way = connection.execute(
                "select lock_held_ms::float8, longest_wait_ms::float8, tries from pgops.operation"
                " order by operation_id desc limit 1"
            ).fetchone()
        return outcome


def _done(connection: psycopg.Connection, operation: Operation, way: str) -> tuple[int, str | None]:
    """Do it; what gives up is called again, as an operator would. Returns the number of calls, and why it was given up."""
    if way == NOTHING:
        time.sleep(CAPACITY_SECONDS)
        return 1, None
    begun = time.monotonic()
    last_try, deadline = (
        begun + LAST_TRY_SECONDS,
        begun + (LONGEST_OF_ENGINE_SECONDS if way == ENGINE else LONGEST_SECONDS),
    )
    problem = None
    for number in range(1, TRIES + 1):
        connection.execute(f"set statement_timeout = '{max(1, int(deadline - time.monotonic()))} s'")
        try:
            operation.ways[way](operation, connection)
            connection.execute("reset statement_timeout")
            return number, None
        except psycopg.Error as error:
            problem = f"{error.sqlstate}: {str(error).splitlines()[0]}"
        if time.monotonic() > last_try:
            break
    connection.execute("reset statement_timeout")
    return number, problem


def _add_waits(outcome: Outcome, found: Found, begun: float, ended: float) -> None:
    """Of writes that were under way, or should have been, while the operation was."""
    waits = [done - start for _due, start, done in found.waits if done >= begun and start <= ended]
    failures = [text for at, text in found.failures if begun <= at <= ended + 1]
    outcome.writes, outcome.failed = len(waits), len(failures)
    outcome.failures = {text: failures.count(text) for text in sorted(set(failures))}
    if waits:
        outcome.longest_wait_ms = 1000 * max(waits)
    # From when a write was due: those count, too, that were sent afterwards or not at all because one before hung.
    due = [(due, done) for due, _start, done in found.waits if done >= begun and due <= ended]
    due += [(due, end) for due, end in found.unsent if due <= ended]
    answers = sorted(1000 * (done - due) for due, done in due)
    if answers:
        outcome.p99_ms = statistics.quantiles(answers, n=100)[-1] if len(answers) > 1 else answers[0]


def _written(connection: psycopg.Connection) -> int:
    """Bytes of WAL since the server was made."""
    return int(connection.execute("select pg_current_wal_insert_lsn() - '0/0'").fetchone()[0])


def _size(connection: psycopg.Connection) -> int:
    """Bytes of the database without the writers' own table."""
    return connection.execute(
        "select pg_database_size(current_database()) - pg_total_relation_size('app.audit')"
    ).fetchone()[0]
