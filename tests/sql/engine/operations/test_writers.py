"""Writers go on while partitions change: no row is lost or doubled, none of them fails, and none waits for long.

Each writer keeps a model of its own rows, which nobody else touches, and changes it when its transaction has committed.
"""

from __future__ import annotations

import random
import threading
import time

import pytest
from background import Background
from partition_operations import APRIL, MARCH, WEEKS
from psycopg.types.json import Jsonb

FIRST_ID = 1_000_000
SPAN = 100_000


class Writer:
    """One session that writes until it is told to stop."""

    def __init__(self, engine, number: int, stop: threading.Event) -> None:
        self.session = engine.session("postgres")
        self.random = random.Random(number)
        self.first = FIRST_ID + number * SPAN
        self.next = self.first
        self.rows: dict[int, tuple[str, str]] = {}
        self.stop = stop
        self.longest = 0.0
        self.background = Background(self.work)

    def moment(self) -> str:
        # January to May: partitions, the default partition, and what moves from one to the other.
        return f"2024-0{self.random.randint(1, 5)}-{self.random.randint(1, 28):02} 12:00:00+00"

    def some(self, most: int) -> list[int]:
        return self.random.sample(sorted(self.rows), min(len(self.rows), self.random.randint(1, most)))

    def work(self) -> None:
        while not self.stop.is_set():
            change = self.random.choice(
                [self.insert, self.insert, self.upsert, self.update, self.move, self.rename, self.delete]
            )
            model = dict(self.rows)
            started = time.monotonic()
            with self.session.transaction():
                change(model)
            self.longest = max(self.longest, time.monotonic() - started)
            self.rows = model
            time.sleep(0.002)

    def insert(self, model) -> None:
        for _ in range(self.random.randint(1, 5)):
            self.next += 1
            row = (self.moment(), f"n{self.next}")
            self.session.execute(
                'insert into app."Event Log" (id, at, "No,te") overriding system value values (%s, %s, %s)',
                [self.next, *row],
            )
            model[self.next] = row

    def upsert(self, model) -> None:
        for number in self.some(3):
            note = f"up{self.random.random()}"
            self.session.execute(
                'insert into app."Event Log" as e (id, at, "No,te") overriding system value values (%s, %s, \'never\')'
                ' on conflict (id, at) do update set "No,te" = %s',
                [number, self.rows[number][0], note],
            )
            model[number] = (self.rows[number][0], note)

    def update(self, model) -> None:
        for number in self.some(5):
            model[number] = (self.rows[number][0], f"u{self.random.random()}")
            self.session.execute('update app."Event Log" set "No,te" = %s where id = %s', [model[number][1], number])

    def move(self, model) -> None:
        for number in self.some(5):
            model[number] = (self.moment(), self.rows[number][1])
            self.session.execute('update app."Event Log" set at = %s where id = %s', [model[number][0], number])

    def rename(self, model) -> None:
        for number in self.some(2):
            self.next += 1
            self.session.execute(
                'update app."Event Log" set id = %s where id = %s and at = %s',
                [self.next, number, self.rows[number][0]],
            )
            model[self.next] = model.pop(number)

    def delete(self, model) -> None:
        numbers = self.some(4)
        self.session.execute('delete from app."Event Log" where id = any(%s)', [numbers])
        for number in numbers:
            del model[number]


def rows_of(engine, writers) -> list[tuple]:
    return engine.run('select id, at::text, "No,te" from app."Event Log" where id >= %s order by id', FIRST_ID)


def expected(writers) -> list[tuple]:
    return sorted((number, at, note) for writer in writers for number, (at, note) in writer.rows.items())


@pytest.fixture
def writers(operations):
    operations.engine.run("set datestyle = 'ISO'; set timezone = 'UTC'")
    # A busy computer may not keep the bound on time under locks that a quiet one keeps; nothing here is about that bound.
    # The logs of changed keys are replaced whenever they can be.
    operations.engine.configure(lock_tries=200, operation_log_blocks=1)
    stop = threading.Event()
    writers = [Writer(operations.engine, number, stop) for number in range(3)]
    yield writers
    stop.set()


def finish(operations, writers, untouched: int) -> None:
    writers[0].stop.set()
    for writer in writers:
        writer.background.finish()
    found = [(number, at.replace("+00", "") + "+00", note) for number, at, note in rows_of(operations.engine, writers)]
    assert found == expected(writers)
    assert operations.engine.value('select count(*) from app."Event Log" where id < %s', FIRST_ID) == untouched
    assert operations.left_over() == []


OPTIONS = {"batch_blocks": 3, "lock_budget_ms": 900}


@pytest.mark.parametrize("operations", ["range", "tree"], indirect=True)
def test_all_that_moves_rows(operations, writers):
    before = operations.engine.value('select count(*) from app."Event Log" where id < %s', FIRST_ID)
    operations.apply("split", {"partition": "Feb, 24", "into": WEEKS}, **OPTIONS)
    operations.apply("drain", {"partitions": [MARCH, APRIL]}, **OPTIONS)
    operations.apply("merge", {"partitions": ["feb 1", "feb 2", "feb 3", "feb 4"], "into": "Feb, 24"}, **OPTIONS)
    operations.apply(
        "split",
        {"partition": "March", "into": [{"name": "March 1", "from": "2024-03-01", "to": "2024-03-10"}]},
        **OPTIONS,
    )
    operations.apply("merge", {"partitions": ["March 1", "April"], "into": "Spring"}, **OPTIONS)
    operations.apply("add", {"name": "May", "from": "2024-05-01", "to": "2024-06-01"}, **OPTIONS)
    finish(operations, writers, before)
    assert set(operations.sizes()) == {"Jan, 24", "Feb, 24", "Spring", "May", "Rest"}


def test_a_long_wait_for_the_moment_and_then_cancelled(operations, writers):
    engine = operations.engine
    before = engine.value('select count(*) from app."Event Log" where id < %s', FIRST_ID)
    session = engine.session("postgres")
    running = Background(
        lambda: operations.apply("drain", {"partitions": [MARCH]}, session=session, switch="wait", **OPTIONS)
    )
    engine.wait_for("select bool_or(state = 'waiting' and replayed_keys > 100) from pgops.operation")
    number = operations.record()["operation_id"]
    engine.run(f"call pgops.operation_cancel({number})")
    with pytest.raises(Exception, match="is being run by process"):
        running.finish()
    assert operations.record()["state"] == "cancelled"
    assert "March" not in operations.partitions()
    finish(operations, writers, before)


def test_rows_that_come_while_an_archive_is_tried(operations):
    engine = operations.engine
    engine.as_owner('create table app.kept (like app."Event Log", archived_at timestamptz, archive_reason text)')
    other, session = engine.session("postgres", autocommit=False), engine.session()
    other.execute("lock table app.kept in share mode")
    running = Background(
        lambda: operations.apply("archive", {"partition": "Jan, 24", "into": "app.kept"}, session=session)
    )
    engine.wait_for("select exists (select from pg_locks where not granted)")
    other.execute("insert into app.\"Event Log\" (at) values ('2024-01-05')")
    other.commit()
    running.finish()
    assert engine.value("select count(*) from app.kept") == 771


HOT = """
create table app.place (id integer primary key);
insert into app.place select generate_series(1, 5);
create table app.visits (
    id integer, at date, place integer references app.place on delete cascade, seen integer not null default 0, primary key (id, at)
) partition by range (at);
create table app.visits_all partition of app.visits for values from ('2024-01-01') to ('2024-03-01');
insert into app.visits select i, '2024-01-01'::date + i, i % 5 + 1 from generate_series(0, 59) as i;
"""


def test_few_rows_with_a_foreign_key_that_change_all_the_time(engine):
    """Copies with keys are made of rows that are held, some at a time, and rows that others hold are left for later."""
    engine.as_owner(HOT)
    engine.configure(lock_tries=200)
    stop = threading.Event()
    changes = []

    def write(number: int) -> None:
        session, chosen = engine.session("postgres"), random.Random(number)
        while not stop.is_set():
            session.execute(
                "update app.visits set seen = seen + 1, place = %s where id = %s",
                [chosen.randint(1, 4), chosen.randrange(number, 60, 3)],
            )
            changes.append(number)

    writers = [Background(lambda number=number: write(number)) for number in range(3)]
    session = engine.session()
    weeks = [{"name": f"w{week}", "from": f"2024-{week:02}-01", "to": f"2024-{week + 1:02}-01"} for week in (1, 2)]
    arguments = {"partition": "visits_all", "into": weeks}
    try:
        session.execute("call pgops.operation_apply('app.visits', 'split', %s)", [Jsonb(arguments)])
    finally:
        stop.set()
        for writer in writers:
            writer.finish()
    assert engine.run("select state, error from pgops.operation") == [("done", None)]
    assert engine.run("select count(*), sum(seen) from app.visits") == [(60, len(changes))]
    assert (
        engine.value(
            "select count(*) from pg_constraint where conrelid = 'app.w1'::regclass and contype = 'f' and convalidated"
        )
        == 1
    )
    engine.run("delete from app.place where id = 5")
    engine.run("delete from app.place")
    assert engine.value("select count(*) from app.visits") == 0
