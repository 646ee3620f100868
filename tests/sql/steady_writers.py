"""Writers that go on whatever dies: each keeps a model of its own rows, which nobody else touches.

A statement is a transaction. The model has what was acknowledged; what the server's death left in doubt has happened
or has not, as the rows of this one statement show afterwards.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from background import WAIT_SECONDS, Background

FIRST_ID = 1_000_000
SPAN = 100_000


@dataclass(frozen=True)
class Written:
    """A table with columns id, at and a text, and how it is written to."""

    name: str
    text: str
    moment: str  # with {month} and {day}
    texts: Callable[[random.Random], str]
    # The tables that rows may be in, asked of a session.
    places: Callable[[psycopg.Connection], list[str]]
    months: int = 5
    rows_leave: bool = False

    def rows(self, session: psycopg.Connection, condition: str) -> list[tuple]:
        parts = [f"select id, at::text, {self.text} from {place} where {condition}" for place in self.places(session)]
        return session.execute(" union all ".join(parts) + " order by 1, 2, 3").fetchall()


class Writer:
    def __init__(self, engine, table: Written, number: int, stop: threading.Event) -> None:
        self.engine, self.table, self.stop = engine, table, stop
        self.random = random.Random(number)
        self.next = FIRST_ID + number * SPAN
        self.rows: dict[int, tuple[str, str]] = {}
        self.statements = self.deaths = 0
        self.session = self.connect()
        self.background = Background(self.work)

    def connect(self) -> psycopg.Connection:
        return self.engine.session("postgres", prepare_threshold=1)

    def work(self) -> None:
        while not self.stop.is_set():
            kinds = [self.insert, self.insert, self.update, self.move, self.rename, self.delete]
            command, parameters, after = self.random.choice(kinds if self.rows else [self.insert])()
            try:
                changed = self.session.execute(command, parameters).rowcount
            except psycopg.OperationalError:
                if not self.session.closed:
                    raise
                self.look_after_death(after)
            else:
                # A row that has left is nobody's to change; it is looked for in the end.
                if changed or not self.table.rows_leave:
                    assert changed == (len(after) if command.startswith("insert") else 1), (command, parameters)
                    self.note(after)
            self.statements += 1
            time.sleep(0.003)

    def note(self, after: dict) -> None:
        self.rows |= after
        self.rows = {number: row for number, row in self.rows.items() if row is not None}

    def look_after_death(self, after: dict) -> None:
        self.engine.server.wait_until_ready()
        self.deaths += 1
        self.session = self.connect()
        # While rows are archived, some are in two places.
        there = {
            number: (at, text)
            for number, at, text in self.table.rows(self.session, f"id in ({', '.join(map(str, after))})")
        }
        found = {number: there.get(number) for number in after}
        assert found in (after, {number: self.rows.get(number) for number in after}), (after, found)
        self.note(found)

    def moment(self) -> str:
        return self.table.moment.format(month=self.random.randint(1, self.table.months), day=self.random.randint(1, 28))

    def one(self) -> int:
        return self.random.choice(sorted(self.rows))

    def insert(self) -> tuple:
        numbers = range(self.next, self.next + self.random.randint(1, 4))
        self.next = numbers.stop
        after = {number: (self.moment(), self.table.texts(self.random)) for number in numbers}
        return (
            f"insert into {self.table.name} (id, at, {self.table.text}) values {', '.join(['(%s, %s, %s)'] * len(after))}",
            [value for number, row in after.items() for value in (number, *row)],
            after,
        )

    def update(self) -> tuple:
        number = self.one()
        row = (self.rows[number][0], self.table.texts(self.random))
        return f"update {self.table.name} set {self.table.text} = %s where id = %s", [row[1], number], {number: row}

    def move(self) -> tuple:
        number = self.one()
        row = (self.moment(), self.rows[number][1])
        return f"update {self.table.name} set at = %s where id = %s", [row[0], number], {number: row}

    def rename(self) -> tuple:
        number, self.next = self.one(), self.next + 1
        after = {number: None, self.next - 1: self.rows[number]}
        return f"update {self.table.name} set id = %s where id = %s", [self.next - 1, number], after

    def delete(self) -> tuple:
        number = self.one()
        return f"delete from {self.table.name} where id = %s", [number], {number: None}


class Writers:
    def __init__(self, engine, table: Written, number: int = 2) -> None:
        self.engine, self.table = engine, table
        self.stop = threading.Event()
        self.writers = [Writer(engine, table, number, self.stop) for number in range(number)]

    def go_on(self, statements: int = 12) -> None:
        """Wait until each has written for a while."""
        wanted = [writer.statements + statements for writer in self.writers]
        deadline = time.monotonic() + WAIT_SECONDS
        for writer, number in zip(self.writers, wanted, strict=True):
            while writer.statements < number:
                if not writer.background.is_alive():
                    writer.background.finish()
                assert time.monotonic() < deadline
                time.sleep(0.005)

    def finish(self, deaths: int) -> None:
        """Stop them, and compare: each row once, as its writer has left it."""
        self.stop.set()
        for writer in self.writers:
            writer.background.finish()
        assert [writer.deaths for writer in self.writers] == [deaths] * len(self.writers)
        expected = sorted((number, *row) for writer in self.writers for number, row in writer.rows.items())
        assert self.table.rows(self.engine.superuser, f"id >= {FIRST_ID}") == expected


@contextmanager
def writing(engine, table: Written) -> Iterator[Writers]:
    writers = Writers(engine, table)
    try:
        writers.go_on()
        yield writers
    finally:
        writers.stop.set()
