"""Suite `transactions`: what totals, uniqueness and the generator cost, each beside its floor."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator

import psycopg

from pgops.bench import system
from pgops.bench.figure import Figure
from pgops.bench.server import Database, Server
from pgops.paths import ROOT

OTHER_SHAPE = ROOT / "bench" / "shapes" / "base_of_rows.sql"
HALF = "update app.t1 set state = 1 where id % 2 = 0"
SESSIONS = 4
INSERTS_PER_SESSION = 4000
SINGLE_ROWS = 400
# Triggers off: the same statement on the same table, with no totals and no uniqueness over the months.
FLOOR = ("set local session_replication_role = replica",)
ROWS_SHAPE = (
    "alter table app.t1 disable trigger t1_update",
    "alter table app.t1 enable trigger shape_update",
)
INSERTER = """
create or replace procedure app.bench_insert(row_count integer, message jsonb) language plpgsql as $$
begin
    for number in 1 .. row_count loop
        insert into app.t1 (date, amount, state, message) values ('2026-02-15Z', 1, 0, message);
        commit;
    end loop;
end
$$
"""
MESSAGE = '{"account_number": "4000000001", "client_id": 1, "operation_type": "online"}'

Report = Callable[[str], None]


def figures(server: Server, sizes: list[int], clients: list[int], report: Report) -> Iterator[Figure]:
    for rows in sizes:
        repeats = 5 if rows <= 200_000 else 3
        report(f"generator, {rows:,} rows")
        yield from _generator(server, rows, repeats)
        for client_count in clients:
            report(f"preparing {rows:,} rows, {client_count:,} clients")
            with Database(server, system.prepare) as connection:
                system.generate(connection, rows, client_count)
                system.make_all_rows_new(connection)
                connection.execute(OTHER_SHAPE.read_text(encoding="utf-8"))
                yield from _state_changes(connection, rows, client_count, repeats, report)
                if client_count == clients[len(clients) // 2]:
                    yield from _figures_of_one_size(server, connection, rows, client_count, repeats, report)


def _seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def _rolled_back(connection: psycopg.Connection, statement: str, before: tuple[str, ...] = ()) -> float:
    """Seconds of a statement whose work is undone, so that each repetition finds the same rows."""
    with connection.transaction(force_rollback=True):
        for setting in before:
            connection.execute(setting)
        return _seconds(lambda: connection.execute(statement))


def _state_changes(
    connection: psycopg.Connection, rows: int, clients: int, repeats: int, report: Report
) -> Iterator[Figure]:
    ten_thousand = f"update app.t1 set state = 1 where id % {max(rows // 10_000, 1)} = 0"
    for name, statement, limit in [
        ("half of the table changes state", HALF, 2.0),
        ("10k rows change state", ten_thousand, 4.0 if clients > 1000 else 2.0),
    ]:
        report(f"{name}, {rows:,} rows, {clients:,} clients")
        figure = Figure(
            name, rows, clients, "s", [], [], f"at most {limit:g}x floor", limit, beside={"base of rows": []}
        )
        for _ in range(repeats):
            for measured, before in [
                (figure.floor, FLOOR),
                (figure.system, ()),
                (figure.beside["base of rows"], ROWS_SHAPE),
            ]:
                measured.append(_rolled_back(connection, statement, before))
                system.vacuum(connection)
        yield figure


def _figures_of_one_size(
    server: Server, connection: psycopg.Connection, rows: int, clients: int, repeats: int, report: Report
) -> Iterator[Figure]:
    report(f"single rows, {rows:,} rows")
    yield _one_row(connection, rows, clients)
    report(f"inserts from {SESSIONS} sessions, {rows:,} rows")
    yield _inserts(server, connection, rows, clients, repeats)
    report(f"totals_drift() and REFRESH CONCURRENTLY, {rows:,} rows")
    connection.execute(HALF)
    system.vacuum(connection)
    yield _drift(connection, rows, clients, repeats)
    yield _refresh(connection, rows, clients, repeats)


def _one_row(connection: psycopg.Connection, rows: int, clients: int) -> Figure:
    figure = Figure("one row changes state", rows, clients, "ms", [], [], "at most 1.2 ms more than floor", 1.2,
                    kind="difference", beside={"base of rows": []})  # fmt: skip
    step = rows // (SINGLE_ROWS + 1)
    statement = "update app.t1 set state = 1 where id = %s and date >= '2026-01-01Z'"
    for measured, before in [(figure.floor, FLOOR), (figure.system, ()), (figure.beside["base of rows"], ROWS_SHAPE)]:
        with connection.transaction(force_rollback=True):
            for setting in before:
                connection.execute(setting)
            for number in range(1, SINGLE_ROWS + 1):
                measured.append(1000 * _seconds(lambda key=number * step: connection.execute(statement, [key])))
    return figure


def _inserts(server: Server, connection: psycopg.Connection, rows: int, clients: int, repeats: int) -> Figure:
    figure = Figure(f"inserts of state 0, {SESSIONS} sessions", rows, clients, "rows/s", [], [],
                    "at least 0.7 of floor, no lock on the totals", 0.7)  # fmt: skip
    connection.execute(INSERTER)
    for _ in range(repeats):
        for measured, role in [(figure.floor, "replica"), (figure.system, "origin")]:
            seconds = _seconds(lambda role=role: _insert_from_sessions(server, role))
            measured.append(SESSIONS * INSERTS_PER_SESSION / seconds)
    connection.execute("delete from app.t1 where id > %s", [rows])
    connection.execute("select * from app.repair_totals()")
    system.vacuum(connection)
    with connection.transaction(force_rollback=True):
        connection.execute(
            "insert into app.t1 (date, amount, state, message) values ('2026-02-15Z', 1, 0, %s)", [MESSAGE]
        )
        locks = connection.execute(
            "select count(*) from pg_locks where relation = 'app.t1_totals'::regclass and pid = pg_backend_pid()"
        ).fetchone()
    if locks != (0,):
        raise RuntimeError("an insert of state 0 took a lock on the totals")
    return figure


def _insert_from_sessions(server: Server, role: str) -> None:
    def insert() -> None:
        with server.connect("pgops_bench") as session:
            session.execute(f"set session_replication_role = {role}")
            session.execute("set synchronous_commit = off")
            session.execute(f"call app.bench_insert({INSERTS_PER_SESSION}, '{MESSAGE}')")

    _at_once(insert, SESSIONS)


def _at_once(action: Callable[[], None], count: int) -> None:
    failures: list[Exception] = []

    def guarded() -> None:
        try:
            action()
        except Exception as error:  # raised again below, in the thread that can handle it
            failures.append(error)

    threads = [threading.Thread(target=guarded) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def _drift(connection: psycopg.Connection, rows: int, clients: int, repeats: int) -> Figure:
    figure = Figure("totals_drift()", rows, clients, "s", [], [], "at most 1.5x one GROUP BY of t1", 1.5)
    group_by = "select client_id, operation_type, sum(amount), count(*) from app.t1 where state = 1 group by 1, 2"
    for _ in range(repeats):
        figure.floor.append(_seconds(lambda: connection.execute(group_by).fetchall()))
        figure.system.append(_seconds(lambda: connection.execute("select * from app.totals_drift()").fetchall()))
    return figure


def _refresh(connection: psycopg.Connection, rows: int, clients: int, repeats: int) -> Figure:
    """What totals would cost as a materialized view that is refreshed after each change."""
    connection.execute(
        "create materialized view app.bench_totals as select client_id, operation_type, sum(amount) as amount,"
        " count(*) as transactions from app.t1 where state = 1 group by client_id, operation_type"
    )
    connection.execute("create unique index on app.bench_totals (client_id, operation_type)")
    figure = Figure(
        "one row changes state, against a REFRESH", rows, clients, "ms", [], [], beside={"REFRESH CONCURRENTLY": []}
    )
    change = "update app.t1 set amount = amount + 1 where id = 2 and date >= '2026-01-01Z'"
    for _ in range(repeats * 3):
        figure.floor.append(1000 * _rolled_back(connection, change, FLOOR))
        figure.system.append(1000 * _rolled_back(connection, change))
    refresh = "refresh materialized view concurrently app.bench_totals"
    for _ in range(repeats):
        seconds = _seconds(lambda: connection.execute(refresh))
        figure.beside["REFRESH CONCURRENTLY"].append(statistics.median(figure.floor) + 1000 * seconds)
    return figure


def _generator(server: Server, rows: int, repeats: int) -> Iterator[Figure]:
    in_database = Figure("generator in the database", rows, 1000, "rows/s", [], [],
                         "at least 0.25 of COPY BINARY into an unlogged heap", 0.25)  # fmt: skip
    two_streams = Figure("generator from two sessions", rows, 1000, "rows/s", in_database.floor, [],
                         "at least 0.4 of COPY BINARY into an unlogged heap", 0.4)  # fmt: skip
    with Database(server, system.prepare) as connection:
        system.generate(connection, rows, 1000)
        binary = _binary_copy_of(connection)
        connection.execute(
            "create unlogged table app.bench_heap as select date, id, amount, state, transaction_guid, message"
            " from app.t1 with no data"
        )
        for seed in range(repeats):
            connection.execute("truncate app.bench_heap")
            in_database.floor.append(rows / _seconds(lambda: _copy(connection, binary)))
            connection.execute("truncate app.t1")
            connection.execute("checkpoint")
            in_database.system.append(rows / _seconds(lambda seed=seed: system.generate(connection, rows, 1000, seed)))
            connection.execute("truncate app.t1")
            connection.execute("checkpoint")
            two_streams.system.append(rows / _seconds(lambda seed=seed: _generate_from_two(server, rows, 100 + seed)))
            if connection.execute("select count(*) from app.t1").fetchone() != (rows,):
                raise RuntimeError("two sessions did not generate all rows")
    yield in_database
    yield two_streams


def _binary_copy_of(connection: psycopg.Connection) -> list[bytes]:
    statement = "copy (select date, id, amount, state, transaction_guid, message from app.t1) to stdout (format binary)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        return [bytes(block) for block in copy]


def _copy(connection: psycopg.Connection, binary: list[bytes]) -> None:
    with connection.cursor() as cursor, cursor.copy("copy app.bench_heap from stdin (format binary)") as copy:
        for block in binary:
            copy.write(block)


def _generate_from_two(server: Server, rows: int, seed: int) -> None:
    def generate() -> None:
        with server.connect("pgops_bench") as session:
            system.generate(session, rows, 1000, seed)

    _at_once(generate, 2)
