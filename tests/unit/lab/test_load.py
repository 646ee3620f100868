"""The load: how operations are drawn, what is counted, and what becomes of lost connections."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgops.lab import load as loads
from pgops.lab.load import OPERATIONS, Load, draw, percentile

LATENCIES = st.lists(st.floats(min_value=0, max_value=1e6), min_size=1, max_size=200)


def test_the_shares_are_those_of_the_specification() -> None:
    assert {operation.table: operation.share for operation in OPERATIONS} == {
        "event_logs": 30, "users_distributed": 25, "orders_by_region": 25, "sales_data": 20,
    }  # fmt: skip
    chance = random.Random(1)
    drawn = Counter(draw(chance).table for _ in range(20000))
    for operation in OPERATIONS:
        assert abs(drawn[operation.table] / 20000 - operation.share / 100) < 0.02


@given(LATENCIES, st.sampled_from([1, 50, 95, 99, 100]))
def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed(values: list[float], percent: int) -> None:
    ordered = sorted(values)
    found = percentile(ordered, percent)
    assert found in ordered
    assert sum(value <= found for value in ordered) * 100 >= percent * len(ordered)
    assert sum(value < found for value in ordered) * 100 < percent * len(ordered)


def test_nothing_has_no_percentile() -> None:
    assert percentile([], 99) == 0.0


class Server:
    """Stands in for psycopg.connect: what its connections do is told by `script`, one word a statement."""

    def __init__(self, script: list[str]) -> None:
        self.script, self.connections, self.statements = script, 0, list[str]()
        self.done = threading.Event()

    def connect(self, _conninfo: str, **_options: object) -> Connection:
        if self.script and self.script[0] == "unreachable":
            self.script.pop(0)
            raise psycopg.OperationalError("connection refused\nis the server running?")
        self.connections += 1
        return Connection(self)


class Connection:
    def __init__(self, server: Server) -> None:
        self.server, self.broken, self.closed = server, False, False

    def execute(self, statement: str, _values: tuple) -> None:
        if not self.server.script:
            self.server.done.set()
            time.sleep(0.01)
            return
        word = self.server.script.pop(0)
        self.server.statements.append(statement)
        if word == "refused":
            raise psycopg.errors.CheckViolation("no partition of relation found for row")
        if word == "lost":
            self.broken = True
            raise psycopg.OperationalError("server closed the connection unexpectedly")

    def close(self) -> None:
        self.closed = True


def run(monkeypatch: pytest.MonkeyPatch, script: list[str]) -> tuple[Load, Server]:
    server = Server(script)
    monkeypatch.setattr(loads.psycopg, "connect", server.connect)
    monkeypatch.setattr(loads, "RECONNECT_SECONDS", 0.01)
    load = Load("dbname=x", interval_ms=0, seed=1)
    with load:
        assert server.done.wait(10)
    return load, server


def test_what_is_refused_is_counted_and_the_load_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    load, server = run(monkeypatch, ["written"] * 5 + ["refused"] * 2 + ["written"] * 3)
    found = load.summary()
    assert found["all"]["failed"] == 2
    assert found["all"]["in_doubt"] == 0
    assert found["all"]["rows"] >= 8
    assert found["errors"] == {"no partition of relation found for row": 2}
    assert server.connections == 1
    assert sum(counters["rows"] for counters in found["tables"].values()) == found["all"]["rows"]


def test_a_lost_connection_is_made_anew_and_its_last_write_is_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    load, server = run(monkeypatch, ["written", "lost", "unreachable", "unreachable", "written"])
    found = load.summary()
    assert found["all"]["in_doubt"] == 1
    assert found["all"]["failed"] == 2, "attempts that never reached the server"
    assert found["reconnects"] == 3
    assert server.connections == 2
    assert found["errors"] == {"server closed the connection unexpectedly": 1, "connection refused": 2}


def test_the_same_seed_draws_the_same_operations(monkeypatch: pytest.MonkeyPatch) -> None:
    (_, first), (_, second) = (run(monkeypatch, ["written"] * 50) for _ in range(2))
    assert first.statements == second.statements
    assert len(set(first.statements)) == 4


def test_stopping_twice_is_stopping_once() -> None:
    load = Load("dbname=x", interval_ms=1000)
    load.stop()
    load.stop()
    assert load.summary()["all"]["rows"] == 0


def test_waiting_ends_with_the_clients() -> None:
    load = Load("dbname=x", interval_ms=1000)
    load.started_at = time.monotonic()
    load.wait(3600)


def test_bins_have_the_median_and_the_longest() -> None:
    load = Load("dbname=x", interval_ms=0)
    load.samples = [(0.01, 5.0), (0.02, 1.0), (0.03, 3.0), (0.55, 7.0)]
    assert load.series() == [(0.0, 3.0, 5.0), (0.5, 7.0, 7.0)]
