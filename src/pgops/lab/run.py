"""One thing that the lab does: state before and after, time, the engine's records, and the load beside it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg

from pgops.errors import PgopsError
from pgops.lab import engine, state
from pgops.lab.connection import Lab
from pgops.lab.load import Load

SETTLE_SECONDS = 2.0
"""So long the load runs alone before and after, to be seen beside."""

THEN = engine.Step(1, "go on", "", "as planned then", None, "what is still to be done then")


@dataclass(frozen=True)
class Call:
    """An operation of the engine to be asked for."""

    relation: str
    operation: str
    arguments: dict[str, Any]
    steps: tuple[engine.Step, ...] = ()
    """Where the engine cannot plan it, because a call before it has to be done."""


@dataclass
class Run:
    """What is going on, and in the end what came of it."""

    lab: Lab
    connection: psycopg.Connection
    say: Callable[[str], None]
    lock_budget_ms: int | None = None
    load: Load | None = None
    operations: list[engine.Operation] = field(default_factory=list)
    spans: list[dict[str, Any]] = field(default_factory=list)
    """When each operation ran, in seconds after the load began."""
    proofs: list[str] = field(default_factory=list)

    def operate(self, call: Call) -> engine.Operation:
        """Have the engine do an operation."""
        self.say(f"{call.operation} of {call.relation}")
        options = {} if self.lock_budget_ms is None else {"lock_budget_ms": self.lock_budget_ms}
        began = time.monotonic()
        with engine.Watch(self.lab, self.say):
            done = engine.apply(self.connection, call.relation, call.operation, call.arguments, options)
        if self.load is not None:
            zero = self.load.started_at
            span = {
                "operation": call.operation,
                "from": round(began - zero, 3),
                "to": round(time.monotonic() - zero, 3),
            }
            self.spans.append(span)
        # Finishing a conversion goes on with its record.
        self.operations = [*(known for known in self.operations if known.operation_id != done.operation_id), done]
        return done

    def proved(self, text: str) -> None:
        """Something that was looked at and found right."""
        self.proofs.append(text)

    def prove(self, holds: bool, text: str) -> None:
        """Something that must be right."""
        if not holds:
            raise PgopsError(f"not so: {text}. Look at pgops.operation and pgops.event; nothing was dropped unproven")
        self.proved(text)


@dataclass(frozen=True)
class Task:
    """Something to be run: what it needs, what it does, and which tables it is about."""

    name: str
    title: str
    tables: tuple[str, ...]
    check: Callable[[psycopg.Connection], None]
    """Refuses when the state is not there from which it starts."""
    work: Callable[[Run], None]
    calls: Callable[[psycopg.Connection], list[Call]]
    """Operations that it would ask for now."""
    sums: tuple[tuple[str, ...], ...] = ()
    """Tables whose rows together must be as many as before, but for what the load has written to the first."""


def planned(task: Task, connection: psycopg.Connection) -> list[dict[str, Any]]:
    """Steps that the engine would take; nothing is changed."""
    found = engine.plan_of_interrupted(connection)
    if found:
        # What they leave behind is not there yet to plan from.
        found.append((task.name, "", THEN))
    else:
        task.check(connection)
        found = [
            (call.operation, call.relation, step)
            for call in task.calls(connection)
            for step in call.steps or engine.plan(connection, call.relation, call.operation, call.arguments)
        ]
    return [{"operation": operation, "relation": relation, **step.as_json()} for operation, relation, step in found]


def perform(task: Task, run: Run) -> dict[str, Any]:
    """Do a task, under the load of the run if it has one; returns what came of it."""
    before = state.read(run.connection, *task.tables)
    is_due = _is_due(task, run)
    started_at = datetime.now(UTC)
    if run.load is not None:
        run.load.start()
        run.load.wait(SETTLE_SECONDS)
    began = time.monotonic()
    try:
        if is_due:
            task.work(run)
        seconds = time.monotonic() - began
        if run.load is not None:
            run.load.wait(SETTLE_SECONDS)
    finally:
        if run.load is not None:
            run.load.stop()
    after = state.read(run.connection, *task.tables)
    for tables in task.sums:
        _prove_sum(run, tables, before, after)
    return {
        "name": task.name,
        "title": task.title,
        "started_at": started_at.isoformat(timespec="seconds"),
        "seconds": round(seconds, 3),
        "before": [before[name].as_json() for name in task.tables if name in before],
        "after": [after[name].as_json() for name in task.tables if name in after],
        "operations": [done.as_json() for done in run.operations],
        "longest_wait_ms": max((done.longest_wait_ms for done in run.operations), default=0.0),
        "proofs": run.proofs,
        "load": run.load.summary() if run.load is not None else None,
        "series": run.load.series() if run.load is not None else [],
        "spans": run.spans,
    }


def _is_due(task: Task, run: Run) -> bool:
    """Finish what was interrupted; whether the task is still to be done then. Refuses when it cannot be."""
    resumed = engine.resume_unfinished(run.connection, run.say)
    run.operations += resumed
    try:
        task.check(run.connection)
    except PgopsError:
        if not resumed:
            raise
        run.proved(f"what was interrupted is done: {', '.join(done.operation for done in resumed)}")
        return False
    return True


def _prove_sum(
    run: Run, tables: tuple[str, ...], before: dict[str, state.TableState], after: dict[str, state.TableState]
) -> None:
    """No row is lost or doubled: what was there, and what the load has written, is there; others may write as well."""
    found = sum(after[name].rows for name in tables if name in after)
    expected = sum(before[name].rows for name in tables if name in before)
    written = run.load.counters[tables[0]].rows if run.load is not None else 0
    names = " and ".join(tables)
    run.prove(
        found >= expected + written,
        f"{names}: {expected:,} rows before, {written:,} written meanwhile, {found:,} now",
    )
    doubled = state.doubled_ids(run.connection, [name for name in tables if name in after])
    run.prove(doubled == 0, f"{names}: no id is there twice")
