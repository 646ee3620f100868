"""Clients at work until told to stop, and what they have seen."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg

from pgops.lab.load import percentile
from pgops.load.mix import OPERATIONS, Users, draw

PERCENTILES = (50, 95, 99)
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.05, 2.0
CLASSES = {
    "08": "connection lost or refused",
    "28": "login refused",
    "40": "rolled back (deadlock, serialization)",
    "53": "no resources (too many connections, disk full)",
    "55": "not available (lock time-out)",
    "57": "cancelled or shut down (statement time-out, restart)",
}


def error_class(error: psycopg.Error) -> str:
    """Class of an error: by the first two characters of its SQLSTATE; without one the connection has failed."""
    state = error.sqlstate or "08000"
    return f"{state[:2]} {CLASSES.get(state[:2], type(error).__name__)}"


@dataclass
class Load:
    """Clients, each with a connection of its own, doing operations drawn by chance."""

    conninfo: Callable[[], str]
    """Asked before each connection is made."""
    users: Users
    clients: int
    rate: float | None = None
    """Operations a second of all clients together; None: as many as they can."""
    seed: int | None = None
    latencies_ms: dict[str, list[float]] = field(
        default_factory=lambda: {operation.name: [] for operation in OPERATIONS}
    )
    errors: dict[str, int] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    """The first message of each class of errors."""
    in_doubt: int = 0
    """Writes whose answer was lost with the connection."""
    connections: int = 0
    started_at: float = 0.0
    stopped_at: float = 0.0

    def __post_init__(self) -> None:
        self._stop, self._lock = threading.Event(), threading.Lock()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Load:
        self.started_at = time.monotonic()
        for number in range(self.clients):
            chance = random.Random(None if self.seed is None else self.seed + number)
            self._threads.append(threading.Thread(target=self._work, args=(chance, number), daemon=True))
            self._threads[-1].start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self.stopped_at = time.monotonic()

    def _work(self, chance: random.Random, number: int) -> None:
        every = self.clients / self.rate if self.rate else 0.0
        connection: psycopg.Connection | None = None
        pause, due = FIRST_PAUSE_SECONDS, time.monotonic() + every * number / self.clients
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            # A client that was held up does not make up for it in a burst.
            due = max(due + every, time.monotonic())
            operation = draw(chance)
            try:
                if connection is None:
                    connection = psycopg.connect(
                        self.conninfo(), autocommit=True, connect_timeout=5, application_name="pgops load"
                    )
                    with self._lock:
                        self.connections += 1
                begun = time.monotonic()
                operation.run(connection, chance, self.users)
                with self._lock:
                    self.latencies_ms[operation.name].append(1000 * (time.monotonic() - begun))
                pause = FIRST_PAUSE_SECONDS
            except psycopg.Error as error:
                lost = connection is None or connection.closed
                self._failed(error, in_doubt=lost and connection is not None and operation.writes)
                if lost:
                    connection = None
                    # Back-off with full jitter, so that clients do not come back all at once.
                    due = time.monotonic() + chance.uniform(0, pause)
                    pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        if connection is not None:
            connection.close()

    def _failed(self, error: psycopg.Error, in_doubt: bool) -> None:
        kind = error_class(error)
        with self._lock:
            self.errors[kind] = self.errors.get(kind, 0) + 1
            self.messages.setdefault(kind, (str(error).strip() or type(error).__name__).splitlines()[0])
            self.in_doubt += in_doubt

    def summary(self) -> dict[str, Any]:
        """Everything that was seen, by operation and together."""
        with self._lock:
            seconds = (self.stopped_at or time.monotonic()) - self.started_at
            every = [value for values in self.latencies_ms.values() for value in values]
            return {
                "seconds": round(seconds, 1),
                "clients": self.clients,
                "rate": self.rate,
                "per_second": round(len(every) / seconds, 1) if seconds else 0.0,
                "operations": {name: _summary(values) for name, values in self.latencies_ms.items()},
                "all": _summary(every),
                "connections": self.connections,
                "errors": dict(self.errors),
                "messages": dict(self.messages),
                "in_doubt": self.in_doubt,
            }


def _summary(latencies_ms: list[float]) -> dict[str, Any]:
    ordered = sorted(latencies_ms)
    return {
        "done": len(ordered),
        **{f"p{percent}_ms": round(percentile(ordered, percent), 2) for percent in PERCENTILES},
        "longest_ms": round(ordered[-1], 2) if ordered else 0.0,
    }
