"""Plain tables into partitioned ones, while they are written to."""

from __future__ import annotations

from collections.abc import Callable

import psycopg

from pgops.errors import PgopsError
from pgops.lab import engine, state
from pgops.lab.run import Call, Run, Task
from pgops.lab.shapes import SHAPES, Shape


def task_of(shapes: tuple[Shape, ...] = SHAPES) -> Task:
    """The conversion of those tables; `<name>_old` stays."""
    return Task(
        name="migrate",
        title="Plain tables into partitioned ones",
        tables=tuple(name for shape in shapes for name in (shape.table, f"{shape.table}_old")),
        check=_refuse(shapes),
        work=_migrate(shapes),
        calls=lambda connection: [call for shape in _due(connection, shapes) for call in _calls(connection, shape)],
        sums=tuple((shape.table,) for shape in shapes),
    )


def _refuse(shapes: tuple[Shape, ...]) -> Callable[[psycopg.Connection], None]:
    def check(connection: psycopg.Connection) -> None:
        found = state.read(connection, *(shape.table for shape in shapes))
        missing = [shape.name for shape in shapes if shape.table not in found]
        if missing:
            raise PgopsError(
                f"migrate: there is no table {', '.join(missing)}; `pgops lab reset` makes the tables anew"
            )
        if not _due(connection, shapes):
            raise PgopsError(
                f"migrate: {', '.join(found)} are partitioned already; `pgops lab reset --discard` makes them plain and empty"
            )

    return check


def _migrate(shapes: tuple[Shape, ...]) -> Callable[[Run], None]:
    def work(run: Run) -> None:
        for shape in _due(run.connection, shapes):
            for call in _calls(run.connection, shape):
                run.operate(call)
            prove_copy(run, f"{shape.table}_old", shape.table)

    return work


def _due(connection: psycopg.Connection, shapes: tuple[Shape, ...]) -> list[Shape]:
    """Those still to be done or to be finished: an interrupted run has done some."""
    plain = {name for name, table in state.read(connection).items() if table.key is None}
    kept = engine.kept_in_step(connection)
    return [shape for shape in shapes if shape.table in plain or shape.old_name in kept]


def _calls(connection: psycopg.Connection, shape: Shape) -> list[Call]:
    # Old and new table are kept in step until it is finished.
    if shape.old_name in engine.kept_in_step(connection):
        return [Call(shape.name, "finish", {})]
    return [Call(shape.name, "convert", shape.policy), Call(shape.name, "finish", {}, engine.FINISH)]


def prove_copy(run: Run, old: str, new: str) -> None:
    """Everything in the old table is in the new one, too; what was written since is in the new one only."""
    old_rows, new_rows, missing = state.difference(run.connection, old, new)
    run.prove(
        missing == 0,
        f"{old} has {old_rows:,} rows, {new} {new_rows:,}, none of {old} is missing",
    )
