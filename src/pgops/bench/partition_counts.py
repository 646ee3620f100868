"""What many partitions cost: planning, inserts, what a query reads, and the daily maintenance of many tables."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

import psycopg

from pgops.bench import system
from pgops.bench.figure import Figure
from pgops.bench.server import Database, Server

COUNTS = (12, 120, 1200)
TABLES = 1000
REPEATS = 5
INSERTED, SINGLE_INSERTS = 100_000, 2000
DAY_QUERY = "select * from app.events where at >= '2020-01-10Z' and at < '2020-01-11Z'"
POLICY = {"by": {"range": "at", "every": "month"}, "name": "{table}_{{year}}_{{month}}", "ahead": 3}
COLUMNS = "id bigint generated always as identity, at timestamptz not null, payload text, primary key (id, at)"
PARENT = "create table app.{table} (id bigint, at timestamptz not null, primary key (id, at)) partition by range (at)"
PARTITIONS = """
do $$
begin
    for day in 0 .. {count} - 1 loop
        execute format('create table app.events_%s partition of app.events for values from (%L) to (%L)', day,
            timestamptz '2020-01-01Z' + day * interval '1 day', timestamptz '2020-01-01Z' + (day + 1) * interval '1 day');
        commit; -- or the locks on all of them would be held at once
    end loop;
end
$$
"""
ROWS = (
    "insert into app.events (at, payload) select timestamptz '2020-01-01Z' + n * (interval '1 day' * {count}) / {rows},"
    " 'x' from generate_series(0, {rows} - 1) as n"
)

Report = Callable[[str], None]


def planning(server: Server, say: Report) -> Iterator[Figure]:
    """With 12, 120 and 1,200 partitions, each right after the same table without any."""
    for count in COUNTS:
        plain = Figures(server, 0, say)
        partitioned = Figures(server, count, say)
        for name, unit, floor, found in [
            (f"planning, new session, {count:,} partitions", "ms", plain.cold, partitioned.cold),
            (
                f"planning, {count:,} partitions, a day reads {partitioned.read} of them",
                "ms",
                plain.warm,
                partitioned.warm,
            ),
            (f"INSERT .. SELECT over all {count:,} partitions", "rows/s", plain.many, partitioned.many),
            (f"one row an INSERT, {count:,} partitions", "rows/s", plain.single, partitioned.single),
        ]:
            yield Figure(name, None, None, unit, floor, found)


class Figures:
    """Times and rates of a table with so many partitions; 0: a plain table."""

    def __init__(self, server: Server, count: int, say: Report) -> None:
        say(f"{count:,} partitions" if count else "no partitions")
        with Database(server, lambda connection: _table(connection, count)) as connection:
            self.many = [
                _rate(connection, ROWS.format(count=count or 12, rows=INSERTED), INSERTED) for _ in range(REPEATS)
            ]
            self.single = [_single_rate(connection, count or 12) for _ in range(REPEATS)]
            connection.execute("analyze app.events")
            self.cold = [_planned(server) for _ in range(REPEATS)]
            plans = [_plan(connection) for _ in range(REPEATS + 1)][1:]
            self.warm = [plan["Planning Time"] for plan in plans]
            self.read = sum(1 for name in _relations(plans[0]["Plan"]) if name.startswith("events_"))


def _table(connection: psycopg.Connection, count: int) -> None:
    connection.execute("create schema app")
    connection.execute(f"create table app.events ({COLUMNS})" + (" partition by range (at)" if count else ""))
    if count:
        connection.execute(PARTITIONS.format(count=count))
    connection.execute("create index on app.events (at)")


def _rate(connection: psycopg.Connection, statement: str, rows: int) -> float:
    """Rows a second of a statement whose work is undone."""
    with connection.transaction(force_rollback=True):
        start = time.perf_counter()
        connection.execute(statement)
        return rows / (time.perf_counter() - start)


def _single_rate(connection: psycopg.Connection, count: int) -> float:
    """Rows a second, one a statement, spread over all partitions."""
    statement = "insert into app.events (at, payload) values (timestamptz '2020-01-01Z' + %s * interval '1 hour', 'x')"
    with connection.transaction(force_rollback=True):
        start = time.perf_counter()
        for number in range(SINGLE_INSERTS):
            connection.execute(statement, [number * 7 % (24 * count)], prepare=True)
        return SINGLE_INSERTS / (time.perf_counter() - start)


def _planned(server: Server) -> float:
    with server.connect("pgops_bench") as session:
        return _plan(session)["Planning Time"]


def _plan(connection: psycopg.Connection) -> dict:
    return connection.execute(f"explain (format json, summary) {DAY_QUERY}").fetchone()[0][0]


def _relations(plan: dict) -> Iterator[str]:
    if "Relation Name" in plan:
        yield plan["Relation Name"]
    for part in plan.get("Plans", []):
        yield from _relations(part)


def maintenance(server: Server, say: Report, partman: bool) -> Iterator[Figure]:
    """`CALL pgops.maintain()` with 1,000 tables under policy: the first time, and every day after it."""
    with Database(server, lambda connection: system.apply_set(connection, "pgops", "postgres")) as connection:
        say(f"{TABLES:,} tables under policy")
        _tables(connection)
        first = _seconds(connection, "call pgops.maintain()")
        say("daily maintenance")
        # The part that only reads is the floor: what is above it is paid for a transaction a table.
        daily = Figure(f"daily maintenance of {TABLES:,} tables, nothing due", None, None, "s", [], [])
        for _ in range(REPEATS):
            daily.floor.append(_planned_all(connection))
            daily.system.append(_seconds(connection, "call pgops.maintain()"))
    if partman:
        daily.beside["pg_partman run_maintenance_proc"] = _partman_maintenance(server, say)
    yield daily
    say(f"{TABLES:,} tables with plain CREATE TABLE .. PARTITION OF")
    yield Figure(
        f"first maintenance of {TABLES:,} tables, 5 partitions each", None, None, "s", [_created(server)], [first]
    )


def _planned_all(connection: psycopg.Connection) -> float:
    """Seconds of the plans of all tables, a statement each: one for all would hold more locks than the server has room for."""
    start = time.perf_counter()
    for number in range(TABLES):
        connection.execute("select from pgops.partition_plan(%s::text::regclass)", [f"app.t{number:04}"])
    return time.perf_counter() - start


def _created(server: Server) -> float:
    """Seconds in which as many partitions are made by hand, a statement each."""
    with Database(server, lambda connection: connection.execute("create schema app")) as connection:
        for number in range(TABLES):
            connection.execute(PARENT.format(table=f"t{number:04}"))
        start = time.perf_counter()
        for number in range(TABLES):
            table = f"app.t{number:04}"
            connection.execute(f"create table {table}_default partition of {table} default")
            for year in range(2020, 2024):
                bound = f"for values from ('{year}-01-01Z') to ('{year + 1}-01-01Z')"
                connection.execute(f"create table {table}_{year} partition of {table} {bound}")
        return time.perf_counter() - start


def _tables(connection: psycopg.Connection) -> None:
    connection.execute("create schema app")
    for number in range(TABLES):
        table = f"t{number:04}"
        connection.execute(PARENT.format(table=table))
        policy = {**POLICY, "name": POLICY["name"].format(table=table)}
        connection.execute(
            "select pgops.set_partition_policy(%s::text::regclass, %s::jsonb)", [f"app.{table}", json.dumps(policy)]
        )


def _partman_maintenance(server: Server, say: Report) -> list[float]:
    """Its maintenance of as many tables with as many partitions, when nothing is due."""
    say(f"{TABLES:,} tables of pg_partman")
    with Database(
        server, lambda connection: connection.execute("create schema partman; create schema app")
    ) as connection:
        connection.execute("create extension pg_partman schema partman")
        for number in range(TABLES):
            connection.execute(PARENT.format(table=f"t{number:04}"))
            connection.execute(
                "select partman.create_parent(p_parent_table := %s, p_control := 'at', p_interval := '1 month',"
                " p_premake := 3, p_start_partition := date_trunc('month', now())::text)",
                [f"app.t{number:04}"],
            )
        connection.execute("call partman.run_maintenance_proc()")
        return [_seconds(connection, "call partman.run_maintenance_proc()") for _ in range(REPEATS)]


def _seconds(connection: psycopg.Connection, statement: str) -> float:
    start = time.perf_counter()
    connection.execute(statement)
    return time.perf_counter() - start
