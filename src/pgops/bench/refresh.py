"""What one change of state costs: with totals that are always current (system 1), and with a REFRESH after it (system 2)."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from pgops.bench import materialized, system
from pgops.bench.figure import Figure
from pgops.bench.server import Database, Server

CLIENTS = 1000
CHANGES = {1: "one row changes state", 100: "100 rows change state"}
REPEATS = 30
REFRESHES = 5
REFRESH = "REFRESH (system 2)"
BARE = ("set local session_replication_role = replica",)
T1 = (
    "update app.t1 set state = 1 from unnest(%s::bigint[], %s::timestamptz[]) as due (id, date)"
    " where t1.id = due.id and t1.date = due.date"
)
OPERATIONS = (
    "update app.operations set status = 1 from unnest(%s::bigint[], %s::timestamptz[]) as due (id, date)"
    " where operations.id = due.id and operations.operation_date = due.date"
)


def figures(server: Server, sizes: list[int], report: Callable[[str], None]) -> Iterator[Figure]:
    """For each size and number of rows changed: the bare UPDATE, the same with totals, and the same with a REFRESH."""
    for rows in sizes:
        found = {
            count: Figure(name, rows, CLIENTS, "ms", [], [], beside={REFRESH: []}) for count, name in CHANGES.items()
        }
        report(f"system 1, {rows:,} rows")
        with Database(server, system.prepare) as connection:
            system.generate(connection, rows, CLIENTS)
            system.vacuum(connection)
            for count, figure in found.items():
                for keys in _new_rows(connection, "app.t1", "date", "state", count):
                    figure.floor.append(_milliseconds(connection, T1, keys, BARE))
                    figure.system.append(_milliseconds(connection, T1, keys))
        report(f"system 2, {rows:,} rows")
        with Database(server, materialized.prepare) as connection:
            materialized.generate(connection, rows)
            for count, figure in found.items():
                changes = list(_new_rows(connection, "app.operations", "operation_date", "status", count))
                change = statistics.median(_milliseconds(connection, OPERATIONS, keys) for keys in changes)
                for keys in changes[:REFRESHES]:
                    connection.execute(OPERATIONS, keys)
                    figure.beside[REFRESH].append(change + _refresh(connection))
        yield from found.values()


def _new_rows(connection: psycopg.Connection, table: str, date: str, state: str, count: int) -> Iterator[list[list]]:
    """Keys of new rows from all over the table, `count` at a time: ids and dates."""
    wanted = sql.SQL("select id, {date} from {table} where {state} = 0 order by hashint8(id::bigint) limit {limit}")
    rows = connection.execute(
        wanted.format(
            date=sql.Identifier(date), table=sql.Identifier(*table.split(".")), state=sql.Identifier(state),
            limit=sql.Literal(count * REPEATS),
        )
    ).fetchall()  # fmt: skip
    for start in range(0, len(rows), count):
        ids, dates = zip(*rows[start : start + count], strict=True)
        yield [list(ids), list(dates)]


def _milliseconds(
    connection: psycopg.Connection, statement: str, keys: list[list], before: tuple[str, ...] = ()
) -> float:
    """Of a statement whose work is undone."""
    with connection.transaction(force_rollback=True):
        for setting in before:
            connection.execute(setting)
        start = time.perf_counter()
        connection.execute(statement, keys)
        return 1000 * (time.perf_counter() - start)


def _refresh(connection: psycopg.Connection) -> float:
    """Milliseconds of the REFRESH that app.refresh_client_type_sum() does, without its pause after a long one."""
    start = time.perf_counter()
    connection.execute("refresh materialized view concurrently app.client_type_sum_mv")
    return 1000 * (time.perf_counter() - start)


def plot(folder: Path, figures: list[Figure]) -> list[Path]:
    """Cost of a change by the size of the table, both axes logarithmic."""
    from matplotlib import pyplot

    path = folder / "one_change.png"
    drawing, axes = pyplot.subplots(figsize=(9, 5.5), layout="constrained")
    for count, style in zip(CHANGES, ("-", "--"), strict=True):
        chosen = sorted((figure for figure in figures if figure.name == CHANGES[count]), key=lambda f: f.rows or 0)
        if not chosen:
            continue
        sizes = [figure.rows for figure in chosen]
        plural = "one row" if count == 1 else f"{count} rows"
        for label, color, values in [
            (f"UPDATE of {plural}, then REFRESH (system 2)", "tab:red", [figure.beside[REFRESH] for figure in chosen]),
            (
                f"UPDATE of {plural} with incremental totals (system 1)",
                "tab:blue",
                [figure.system for figure in chosen],
            ),
            (f"UPDATE of {plural}, no totals", "tab:gray", [figure.floor for figure in chosen]),
        ]:
            axes.plot(sizes, [statistics.median(each) for each in values], style, marker="o", color=color, label=label)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("rows in the table")
    axes.set_ylabel("ms, median (lower is better)")
    axes.set_title("What a change of state costs until the totals show it")
    axes.grid(True, which="both", alpha=0.3)
    axes.legend(fontsize=8)
    drawing.savefig(path, dpi=110)
    pyplot.close(drawing)
    return [path]
