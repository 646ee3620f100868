"""Plain tables into partitioned ones, while they are written to."""

from __future__ import annotations

from collections.abc import Callable

import psycopg

from pgops.errors import PgopsError
from pgops.lab import state
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
        calls=lambda connection: [_call(shape) for shape in _plain(connection, shapes)],
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
        if all(table.key for table in found.values()):
            raise PgopsError(
                f"migrate: {', '.join(found)} are partitioned already; `pgops lab reset --discard` makes them plain and empty"
            )

    return check


def _migrate(shapes: tuple[Shape, ...]) -> Callable[[Run], None]:
    def work(run: Run) -> None:
        for shape in _plain(run.connection, shapes):
            _convert(run, shape)

    return work


def _plain(connection: psycopg.Connection, shapes: tuple[Shape, ...]) -> list[Shape]:
    """Those still to be done: an interrupted run has done some."""
    plain = {name for name, table in state.read(connection).items() if table.key is None}
    return [shape for shape in shapes if shape.table in plain]


def _call(shape: Shape) -> Call:
    return Call(shape.name, "convert", shape.policy)


def _convert(run: Run, shape: Shape) -> None:
    run.operate(_call(shape))
    # Until `finish`, the old table is kept in step, so both are compared in one snapshot however much is written.
    both = state.read(run.connection, shape.table, f"{shape.table}_old")
    new, old = both[shape.table].rows, both[f"{shape.table}_old"].rows
    run.prove(new == old, f"{shape.table} has {new:,} rows, {shape.table}_old {old:,}")
    run.operate(Call(shape.name, "finish", {}))
