"""What the commands of the lab have in common: how they do something, keep it for the report, and print it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import typer
from rich.console import Console

from pgops.errors import PgopsError
from pgops.lab import engine, present, record, state
from pgops.lab import queries as demonstrations
from pgops.lab.connection import Lab
from pgops.lab.load import Load
from pgops.lab.run import Run, Task, perform, planned
from pgops.lab.shapes import SHAPES, STRATEGIES
from pgops.local.progress import output


def printed(value: Any, as_json: bool) -> bool:
    """Print it as JSON when that is asked for."""
    if as_json:
        typer.echo(json.dumps(value, indent=2))
    return as_json


def sayer(console: Console) -> Callable[[str], None]:
    """Where long commands say what they do: beside the result, which may be JSON."""
    return lambda text: console.print(f"[dim]{text}", soft_wrap=True)


def errors() -> Console:
    """Standard error."""
    return Console(stderr=True, highlight=False)


def shown(path: Path) -> Path:
    """A path as short as it can be given here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def refuse_load(load: float | None, clients: int) -> None:
    """Values out of range."""
    if load is not None and not 0 <= load <= 3_600_000:
        raise PgopsError(f"interval {load:g}: accepted are 0 to 3600000 ms")
    if not 1 <= clients <= 200:
        raise PgopsError(f"--clients {clients}: accepted are 1 to 200")


def show_plan(task: Task, lab: Lab, as_json: bool) -> None:
    """Print what a task would have the engine do."""
    with lab.connect() as connection:
        found = planned(task, connection)
    if not printed(found, as_json):
        output().print(present.plan(task.title, found))


def do_task(
    task: Task, lab: Lab, load: float | None, clients: int, lock_budget_ms: int | None, *, show: bool
) -> dict[str, Any]:
    """Perform a task, keep what came of it for the report, and print it."""
    refuse_load(load, clients)
    with lab.connect() as connection:
        writing = None if load is None else lab.load(load, clients)
        found = perform(task, Run(lab, connection, sayer(errors()), lock_budget_ms, writing))
    record.add(lab, found)
    if show:
        present.task(output(), found)
    return found


def demonstrate(lab: Lab, strategies: list[str], *, show: bool) -> list[dict[str, Any]]:
    """Run the queries of the strategies, keep what they have read for the report, and print it."""
    found: list[dict[str, Any]] = []
    with lab.connect() as connection:
        for name in map(str, strategies):
            table = STRATEGIES[name].table
            answers = demonstrations.run(connection, name)
            shape = state.read(connection, table)[table].as_json()
            found += [answer.as_json() | {"table": shape} for answer in answers]
            if show:
                present.answers(output(), name, answers, shape)
    record.add(lab, {"name": "queries", "title": "What queries read", "queries": found})
    return found


def make_anew(connection: psycopg.Connection, discard: bool) -> None:
    """Plain, empty tables; refuses to lose rows that nobody has given up."""
    rows = {name: table.rows for name, table in state.read(connection).items() if table.rows}
    if rows and not discard:
        counted = ", ".join(f"{name} {count:,}" for name, count in rows.items())
        raise PgopsError(f"the lab's tables have rows ({counted}): --discard loses them")
    engine.end_all(connection)
    engine.forget_policies(connection, [shape.name for shape in SHAPES])
    connection.execute("call app.reset_lab()")


def show_progress(console: Console, load: Load, duration_s: float) -> None:
    """Wait for the end; a terminal shows how far it is."""
    if not console.is_terminal:
        load.wait(duration_s)
        return
    with console.status("writing; Ctrl-C ends it") as status:
        for second in range(int(duration_s)):
            load.wait(1)
            status.update(f"writing for {second + 1} of {duration_s:g} s, {load.rows:,} rows; Ctrl-C ends it")
        load.wait(duration_s % 1)
