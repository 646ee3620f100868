"""Calls of the engine's operations, and what its records say of them."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from pgops.errors import PgopsError
from pgops.lab.connection import Lab, as_operator

POLL_SECONDS = 0.5
LATEST = """
    select operation_id, operation, relation_name, state, row_count, longest_wait_ms, lock_held_ms, tries, wal_bytes,
        (options ->> 'lock_budget_ms')::integer as lock_budget_ms,
        extract(epoch from coalesce(finished_at, heartbeat_at) - started_at) as seconds
    from pgops.operation
    where operation = %s and (finished_at is not null or state = 'kept')
    order by coalesce(finished_at, heartbeat_at) desc, operation_id desc
    limit 1
"""
# Until it is finished, a conversion is the record of two tables that are kept in step.
KEPT = "select operation_id, relation::text from pgops.operation where state = 'kept' order by operation_id"
INTERRUPTED = """
    select operation_id, operation, relation_name from pgops.operation
    where finished_at is null and state <> 'kept' order by operation_id
"""
LEFT = """
    select
        o.operation_id, o.operation, o.relation_name, o.row_count,
        array_to_string(coalesce(array_remove(p.phases[array_position(p.phases, o.phase):], 'done'), array[o.phase]), ', ')
    from pgops.operation as o
    cross join lateral pgops.operation_phases(o.method) as p (phases)
    where o.finished_at is null and o.state <> 'kept'
    order by o.operation_id
"""
RECORDED_AS = {"finish": "convert", "undo": "convert"}
UNDER_WAY = """
    select operation, relation_name, state, copied_rows, row_count
    from pgops.operation
    where finished_at is null and state <> 'kept'
    order by operation_id desc
    limit 1
"""


@dataclass(frozen=True)
class Operation:
    """What the engine has recorded of an operation that is done."""

    operation_id: int
    operation: str
    relation_name: str
    state: str
    rows: int
    seconds: float
    longest_wait_ms: float
    """Longest wait that it can have caused a writer."""
    lock_held_ms: float
    """Time under its strongest lock."""
    lock_budget_ms: int
    """Longest wait that it was allowed to cause."""
    tries: int
    wal_bytes: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Step:
    """A step of an operation's plan."""

    step: int
    action: str
    object_name: str
    lock_level: str
    row_count: int | None
    description: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


FINISH = (
    Step(1, "replay", "both tables", "ACCESS SHARE on both", None,
         "carry along the rows that changed meanwhile; where one is a copy, compare number and checksum of all rows"),
    Step(2, "switch", "both tables", "ACCESS EXCLUSIVE on the one that is written to, and its partitions", None,
         "carry the last rows along and drop the triggers"),
)  # fmt: skip
"""Of a conversion that is not there yet: the engine plans only for one that is."""


def plan(connection: psycopg.Connection, relation: str, operation: str, arguments: dict[str, Any]) -> list[Step]:
    """What an operation would do."""
    with as_operator(connection), _told(operation, relation):
        rows = connection.execute(
            "select step, action, object_name, lock_level, row_count, description"
            " from pgops.operation_plan(%s::regclass, %s, %s)",
            [relation, operation, Jsonb(arguments)],
        ).fetchall()
    return [Step(*row) for row in rows]


def plan_of_interrupted(connection: psycopg.Connection) -> list[tuple[str, str, Step]]:
    """Operations that are gone on with before anything else: each with its table, and what is left of it."""
    with as_operator(connection):
        found = connection.execute(LEFT).fetchall()
    return [
        (operation, relation, Step(1, "go on", f"operation {operation_id}", "those of the steps that are left", rows,
                                   f"it was interrupted; left are {left}"))
        for operation_id, operation, relation, rows, left in found
    ]  # fmt: skip


def apply(
    connection: psycopg.Connection,
    relation: str,
    operation: str,
    arguments: dict[str, Any],
    options: dict[str, Any] | None = None,
) -> Operation:
    """Do an operation, or go on with it where it was interrupted; returns its record."""
    with as_operator(connection), _told(operation, relation):
        connection.execute(
            "call pgops.operation_apply(%s::regclass, %s, %s, %s)",
            [relation, operation, Jsonb(arguments), Jsonb(options or {})],
        )
        return _record(connection, RECORDED_AS.get(operation, operation))


def _record(connection: psycopg.Connection, operation: str) -> Operation:
    """Record of the latest operation of a kind."""
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(LATEST, [operation]).fetchone() or {}
    numbers = ("seconds", "longest_wait_ms", "lock_held_ms")
    return Operation(
        operation_id=found["operation_id"],
        operation=operation,
        relation_name=found["relation_name"],
        state=found["state"],
        rows=found["row_count"] or 0,
        lock_budget_ms=found["lock_budget_ms"],
        tries=found["tries"] or 0,
        wal_bytes=int(found["wal_bytes"] or 0),
        **{name: round(float(found[name] or 0), 3) for name in numbers},
    )


@contextlib.contextmanager
def _told(operation: str, relation: str) -> Iterator[None]:
    """Errors of the server in one message, with what to do."""
    try:
        yield
    except psycopg.Error as error:
        lines = [f"{operation} of {relation}: {error.diag.message_primary or str(error).strip()}"]
        lines += [text for text in (error.diag.message_detail, error.diag.message_hint) if text]
        if error.diag.message_primary is None:
            lines.append("Run the same command again to go on")
        raise PgopsError("\n".join(lines)) from None


def kept_in_step(connection: psycopg.Connection) -> set[str]:
    """Tables, with their schemas, that have a conversion that is not finished: as it was named before it."""
    with as_operator(connection):
        return {relation for _operation_id, relation in connection.execute(KEPT).fetchall()}


def resume_unfinished(connection: psycopg.Connection, say: Callable[[str], None]) -> list[Operation]:
    """Go on with operations that were interrupted; returns their records."""
    done = []
    with as_operator(connection):
        found = connection.execute(INTERRUPTED).fetchall()
        for operation_id, operation, relation in found:
            say(f"operation {operation_id}, {operation} of {relation}, was interrupted: it goes on")
            with _told(operation, relation):
                _resume(connection, operation_id)
            done.append(_record(connection, operation))
    return done


def _resume(connection: psycopg.Connection, operation_id: int) -> None:
    """A client that was killed leaves a server process behind that goes on for a while: it is waited for."""
    unfinished = "select from pgops.operation where operation_id = %s and finished_at is null and state <> 'kept'"
    while connection.execute(unfinished, [operation_id]).fetchone() is not None:
        try:
            connection.execute("call pgops.operation_resume(%s)", [operation_id])
        except psycopg.errors.ObjectInUse:
            time.sleep(POLL_SECONDS)


def end_all(connection: psycopg.Connection) -> None:
    """Take back operations that were interrupted, or end those for which it is too late; keep no tables in step."""
    with as_operator(connection):
        interrupted = connection.execute(INTERRUPTED).fetchall()
        for operation_id, _operation, _relation in interrupted:
            try:
                connection.execute("call pgops.operation_cancel(%s)", [operation_id])
            except psycopg.errors.ObjectNotInPrerequisiteState:  # it has switched already
                _resume(connection, operation_id)
        for _operation_id, relation in connection.execute(KEPT).fetchall():
            connection.execute("call pgops.operation_apply(%s::regclass, 'finish')", [relation])


def forget_policies(connection: psycopg.Connection, relations: list[str]) -> None:
    """Have the engine keep none of these tables any more."""
    with as_operator(connection):
        for relation in relations:
            connection.execute("select pgops.remove_partition_policy(%s::regclass)", [relation])


class Watch:
    """Says, from a session of its own, how far the operation under way has come."""

    def __init__(self, lab: Lab, say: Callable[[str], None]) -> None:
        self._lab, self._say, self._stop = lab, say, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        # Not being able to look is no reason to disturb the operation.
        with contextlib.suppress(psycopg.Error), psycopg.connect(self._lab.conninfo, autocommit=True) as connection:
            said = None
            while not self._stop.wait(POLL_SECONDS):
                found = connection.execute(UNDER_WAY).fetchone()
                if found and found != said:
                    operation, relation, phase, copied, rows = said = found
                    self._say(f"{operation} of {relation}: {phase}, {copied or 0:,} of {rows or 0:,} rows")
