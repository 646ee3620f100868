"""A steady load of small writes whose every effect is known: how long each waited, which failed, and which was lost."""

from __future__ import annotations

import contextlib
import multiprocessing
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import psycopg

from pgops.errors import PgopsError

PROCESSES, CLIENTS_A_PROCESS = 2, 5
CLIENTS = PROCESSES * CLIENTS_A_PROCESS
START_SECONDS, STOP_SECONDS = 120, 120
PAYLOAD = "x" * 60
# Each write and its line in the audit are one statement, hence one transaction: both are there, or neither.
WRITES = {
    "insert": "insert into app.events (id, at, payload) values (%(id)s, %(at)s, %(payload)s)",
    "update": "update app.events set version = version + 1 where id = %(id)s and at = %(at)s",
    "move": "update app.events set version = version + 1, at = %(to)s where id = %(id)s and at = %(at)s",
    "delete": "delete from app.events where id = %(id)s and at = %(at)s",
}
STATEMENTS = {
    kind: f"with written as ({write} returning 1) insert into app.audit (id, kind, found)"
    f" select %(id)s, '{kind}', count(*) from written returning found"
    for kind, write in WRITES.items()
}
SHARES = {"insert": 50, "update": 25, "move": 10, "delete": 15}
AUDIT = """
create table app.audit (id bigint not null, kind text not null, found bigint not null)
"""
# What should be there by the audit, held against what is there.
LOST = """
with known as (
    select
        id,
        count(*) filter (where kind = 'insert') as inserts,
        count(*) filter (where kind in ('update', 'move')) as updates,
        count(*) filter (where kind = 'delete') as deletes
    from app.audit where found > 0 group by id
), expected as (
    select id, coalesce(k.updates, 0) as version
    from (select generate_series(1, %(rows)s::bigint) as id union all select id from known where inserts > 0) as ids
    left join known as k using (id)
    where coalesce(k.deletes, 0) = 0
)
select
    (select count(*) from app.audit where found = 0),
    count(*) filter (where e.id is null or t.id is null or t.version <> e.version)
        + (select count(*) - count(distinct id) from app.events),
    (select count(*) from app.audit)
from expected as e full join app.events as t using (id)
"""


@dataclass(frozen=True)
class Keys:
    """The rows of a table that the writers write to: ids from 1, times rising with them over a span."""

    rows: int
    start: datetime
    seconds: int

    def at(self, number: int) -> datetime:
        """Time of a row as it was generated; the SQL of `rows_of` computes the same."""
        return self.start + timedelta(seconds=number * self.seconds // (self.rows + 1))

    def generated(self) -> str:
        """Query that returns the rows."""
        return (
            f"select n, timestamptz '{self.start.isoformat()}' + n * {self.seconds}::bigint / {self.rows + 1}"
            f" * interval '1 second', 0, '{PAYLOAD}' from generate_series(1, {self.rows}::bigint) as n"
        )


@dataclass
class Found:
    """What writers have seen."""

    waits: list[tuple[float, float, float]] = field(default_factory=list)
    """When a write was due, begun and acknowledged; seconds of the machine's monotonic clock."""
    failures: list[tuple[float, str]] = field(default_factory=list)
    """When a write failed, and SQLSTATE with message."""
    unsent: list[tuple[float, float]] = field(default_factory=list)
    """When a write was due that had not been sent by the end, since those before it took too long, and that end."""


class Client:
    """One session, which alone writes its share of the rows, so that it knows what it must find."""

    def __init__(self, conninfo: str, number: int, keys: Keys, rate: float | None) -> None:
        self.conninfo, self.number, self.keys, self.rate = conninfo, number, keys, rate
        self.random = random.Random(number)
        self.moved = dict[int, datetime | None]()
        self.next_id = keys.rows + number + 1
        self.found = Found()
        self.session = psycopg.connect(conninfo, autocommit=True)

    def run(self, stop: threading.Event) -> None:
        """Write until told to stop: at times that the rate gives, whatever earlier writes took; without one, at once."""
        session = self.session
        due = time.monotonic() + self.random.random() / (self.rate or 1)
        while not stop.is_set():
            if self.rate:
                if stop.wait(max(0.0, due - time.monotonic())):
                    break
            else:
                due = time.monotonic()
            begun = time.monotonic()
            try:
                self.write(session)
                self.found.waits.append((due, begun, time.monotonic()))
            except psycopg.Error as error:
                self.found.failures.append((time.monotonic(), f"{error.sqlstate}: {str(error).splitlines()[0]}"))
                if session.closed:
                    session = psycopg.connect(self.conninfo, autocommit=True)
            due += 1 / self.rate if self.rate else 0
        session.close()
        end = time.monotonic()
        while self.rate and due < end:
            self.found.unsent.append((due, end))
            due += 1 / self.rate

    def write(self, session: psycopg.Connection) -> None:
        """One write; what it has changed is remembered when it is acknowledged."""
        (kind,) = self.random.choices(list(SHARES), list(SHARES.values()))
        anywhen = self.keys.at(self.random.randint(1, self.keys.rows))
        if kind == "insert":
            number, at, after = self.next_id, anywhen, anywhen
        else:
            number, at = self.existing()
            after = {"update": at, "move": anywhen, "delete": None}[kind]
        parameters = {"id": number, "at": at, "to": after, "payload": PAYLOAD}
        (found,) = session.execute(STATEMENTS[kind], parameters).fetchone()
        # A row that was not found is where it was: or every later write to it would count as lost, too.
        if found:
            self.moved[number] = after
        if kind == "insert":
            self.next_id += CLIENTS

    def existing(self) -> tuple[int, datetime]:
        """A row of this client's share that has not been deleted."""
        while True:
            number = self.random.randint(1, self.keys.rows)
            number += (self.number + 1 - number) % CLIENTS
            at = self.moved.get(number, self.keys.at(number))
            if number <= self.keys.rows and at is not None:
                return number, at


def _process(arguments: tuple, ready, stop, results) -> None:
    """Some clients, each in a thread, which begin when all are connected."""
    conninfo, first, keys, rate = arguments
    clients = [Client(conninfo, first + each, keys, rate) for each in range(CLIENTS_A_PROCESS)]
    ready.wait(START_SECONDS)
    stop_threads = threading.Event()
    with ThreadPoolExecutor(CLIENTS_A_PROCESS) as threads:
        running = [threads.submit(client.run, stop_threads) for client in clients]
        stop.wait()
        stop_threads.set()
    problems = [str(each.exception()) for each in running if each.exception() is not None]
    results.put(([client.found for client in clients], problems))


@contextlib.contextmanager
def writing(conninfo: str, keys: Keys, rate: float | None) -> Iterator[Found]:
    """Write as long as the block lasts, `rate` times a second in all (None: as often as possible, 0: not at all).

    What was seen is complete after the block.
    """
    found = Found()
    if rate == 0:
        yield found
        return
    context = multiprocessing.get_context("spawn")
    ready, stop, results = context.Barrier(PROCESSES + 1), context.Event(), context.Queue()
    each = None if rate is None else rate / CLIENTS
    processes = [
        context.Process(target=_process, args=((conninfo, first, keys, each), ready, stop, results), daemon=True)
        for first in range(0, CLIENTS, CLIENTS_A_PROCESS)
    ]
    for process in processes:
        process.start()
    try:
        ready.wait(START_SECONDS)
        yield found
    finally:
        stop.set()
        for _ in processes:
            seen, problems = results.get(timeout=STOP_SECONDS)
            for each in seen:
                found.waits += each.waits
                found.failures += each.failures
                found.unsent += each.unsent
            if problems:
                raise PgopsError(f"a writer has ended before its time: {problems[0]}")
        for process in processes:
            process.join()


def lost(connection: psycopg.Connection, rows: int, acknowledged: int) -> int:
    """Acknowledged writes that have silently found no row or are not in the audit, and rows that are not as it says."""
    connection.execute("set work_mem = '512MB'")
    nothing_found, wrong, noted = connection.execute(LOST, {"rows": rows}).fetchone()
    return nothing_found + wrong + max(0, acknowledged - noted)
