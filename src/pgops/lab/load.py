"""Load: clients that insert into the four tables, each operation drawn by chance, until told to stop.

A client that loses its connection makes a new one and goes on. A commit whose acknowledgement was lost with the connection
counts as in doubt and is not repeated.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg

RECONNECT_SECONDS = 0.1
PERCENTILES = (50, 95, 99)
FIRST_MOMENT, FIRST_DAY = datetime(2024, 1, 1, tzinfo=UTC), date(2024, 1, 1)
DAYS_OF_2024, DAYS_OF_HALF_A_YEAR = 366, 182


@dataclass(frozen=True)
class Operation:
    """One kind of write; its share is of 100."""

    table: str
    share: int
    statement: str
    values: Callable[[random.Random], tuple[Any, ...]]


def _moment(chance: random.Random) -> datetime:
    return FIRST_MOMENT + timedelta(seconds=chance.randrange(DAYS_OF_2024 * 86400))


OPERATIONS = (
    Operation(
        "event_logs", 30,
        "insert into app.event_logs (created_at, user_id, event_type) values (%s, %s, %s)",
        lambda chance: (
            _moment(chance), chance.randint(1, 1000),
            chance.choice(("login", "logout", "view", "purchase", "error")),
        ),
    ),
    Operation(
        "users_distributed", 25,
        "insert into app.users_distributed (username, email, country, registration_date) values (%s, %s, %s, %s)",
        lambda chance: (
            f"visitor{chance.randrange(10**9)}", "visitor@example.com",
            chance.choice(("US", "DE", "FR", "GB", "JP", "BR", "IN", "CA")),
            FIRST_DAY + timedelta(days=chance.randrange(DAYS_OF_2024)),
        ),
    ),
    Operation(
        "orders_by_region", 25,
        "insert into app.orders_by_region (region, customer_id, ordered_at, amount) values (%s, %s, %s, %s)",
        lambda chance: (
            chance.choice(("north_america", "europe", "asia_pacific", "south_america", "africa")),
            chance.randint(1, 1000), _moment(chance), chance.randint(1, 100000) / 100,
        ),
    ),
    Operation(
        "sales_data", 20,
        "insert into app.sales_data (sale_date, category, product, quantity, amount) values (%s, %s, %s, %s, %s)",
        lambda chance: (
            FIRST_DAY + timedelta(days=chance.randrange(DAYS_OF_HALF_A_YEAR)),
            chance.choice(("electronics", "clothing", "books", "toys")), f"product {chance.randint(1, 500)}",
            chance.randint(1, 10), chance.randint(1, 100000) / 100,
        ),
    ),
)  # fmt: skip


def draw(chance: random.Random) -> Operation:
    """An operation by its share."""
    point = chance.randrange(100)
    for operation in OPERATIONS:
        point -= operation.share
        if point < 0:
            return operation
    raise AssertionError("the shares do not add up to 100")


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Smallest value that so many of a hundred do not exceed; the values must be in ascending order."""
    if not ordered:
        return 0.0
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


@dataclass
class Counters:
    """What became of the writes to one table."""

    rows: int = 0
    failed: int = 0
    in_doubt: int = 0
    latencies_ms: list[float] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        ordered = sorted(self.latencies_ms)
        return {
            "rows": self.rows,
            "failed": self.failed,
            "in_doubt": self.in_doubt,
            **{f"p{percent}_ms": round(percentile(ordered, percent), 2) for percent in PERCENTILES},
            "longest_ms": round(ordered[-1], 2) if ordered else 0.0,
        }


@dataclass
class Load:
    """Clients that write; `interval_ms` is the pause of each between the beginnings of two operations."""

    conninfo: str
    interval_ms: float
    clients: int = 1
    seed: int | None = None
    begin: Callable[[psycopg.Connection], None] | None = None
    """What each connection does first."""
    counters: dict[str, Counters] = field(
        default_factory=lambda: {operation.table: Counters() for operation in OPERATIONS}
    )
    samples: list[tuple[float, float]] = field(default_factory=list)
    """Of each acknowledged write: when it began, in seconds after the load did, and how long it took, in ms."""
    reconnects: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    started_at: float = 0.0
    stopped_at: float = 0.0

    def __post_init__(self) -> None:
        self._stop, self._lock = threading.Event(), threading.Lock()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Load:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def start(self) -> None:
        """Begin; the clients connect by themselves."""
        self.started_at = time.monotonic()
        for number in range(self.clients):
            chance = random.Random(None if self.seed is None else self.seed + number)
            thread = threading.Thread(target=self._write, args=(chance, number), daemon=True)
            thread.start()
            self._threads.append(thread)

    def wait(self, seconds: float) -> None:
        """Let it go on for so long; returns at once when every client has ended."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and any(thread.is_alive() for thread in self._threads):
            time.sleep(min(left, 0.2))

    def stop(self) -> None:
        """End after the operations that are under way."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self.stopped_at = self.stopped_at or time.monotonic()

    def _write(self, chance: random.Random, number: int) -> None:
        connection: psycopg.Connection | None = None
        due = time.monotonic() + self.interval_ms / 1000 * number / self.clients
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            # A client that was held up does not make up for it in a burst.
            due = max(due + self.interval_ms / 1000, time.monotonic())
            operation = draw(chance)
            began = time.monotonic()
            try:
                if connection is None:
                    connection = psycopg.connect(self.conninfo, autocommit=True, connect_timeout=5)
                    if self.begin is not None:
                        self.begin(connection)
                    began = time.monotonic()
                connection.execute(operation.statement, operation.values(chance))
            except psycopg.Error as error:
                lost = connection is None or connection.broken or connection.closed
                self._failed(operation.table, error, in_doubt=lost and connection is not None)
                if lost:
                    connection = None
                    due = time.monotonic() + RECONNECT_SECONDS
                    with self._lock:
                        self.reconnects += 1
            else:
                self._written(operation.table, began, time.monotonic())
        if connection is not None:
            connection.close()

    def _written(self, table: str, began: float, ended: float) -> None:
        with self._lock:
            counters = self.counters[table]
            counters.rows += 1
            counters.latencies_ms.append(1000 * (ended - began))
            self.samples.append((began - self.started_at, 1000 * (ended - began)))

    def _failed(self, table: str, error: psycopg.Error, *, in_doubt: bool) -> None:
        message = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        with self._lock:
            counters = self.counters[table]
            counters.failed += not in_doubt
            counters.in_doubt += in_doubt
            self.errors[message] = self.errors.get(message, 0) + 1

    @property
    def rows(self) -> int:
        """Acknowledged so far."""
        return sum(counters.rows for counters in self.counters.values())

    def summary(self) -> dict[str, Any]:
        """All counters, by table and together."""
        with self._lock:
            together = Counters()
            for counters in self.counters.values():
                together.rows += counters.rows
                together.failed += counters.failed
                together.in_doubt += counters.in_doubt
                together.latencies_ms += counters.latencies_ms
            seconds = (self.stopped_at or time.monotonic()) - self.started_at
            return {
                "seconds": round(seconds, 1),
                "clients": self.clients,
                "interval_ms": self.interval_ms,
                "rows_per_second": round(together.rows / seconds, 1) if seconds else 0.0,
                "tables": {table: counters.summary() for table, counters in self.counters.items()},
                "all": together.summary(),
                "reconnects": self.reconnects,
                "errors": dict(self.errors),
            }

    def series(self, bin_seconds: float = 0.1) -> list[tuple[float, float, float]]:
        """For each bin of time with a write: its beginning, and the median and longest latency in ms."""
        bins: dict[int, list[float]] = {}
        for began, latency in self.samples:
            bins.setdefault(int(began / bin_seconds), []).append(latency)
        return [
            (round(number * bin_seconds, 3), round(percentile(sorted(found), 50), 2), round(max(found), 2))
            for number, found in sorted(bins.items())
        ]
