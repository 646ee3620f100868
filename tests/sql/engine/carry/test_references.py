"""Rows go together with the rows that they refer to, while copies of them have the same foreign keys already."""

from __future__ import annotations

import threading

import pytest
from background import Background
from deaths import PAUSE, die

TABLE = """
create table app.parent (id integer primary key);
insert into app.parent select generate_series(0, 99);
create table app.t1 (id integer, day date, parent integer references app.parent, note text, primary key (id, day))
    partition by range (day);
create table app.jan partition of app.t1 for values from ('2024-01-01') to ('2024-02-01');
create table app.feb partition of app.t1 for values from ('2024-02-01') to ('2024-03-01');
insert into app.t1 select i, '2024-01-01'::date + i % 59, i % 100, 'n' from generate_series(1, 2000) as i;
"""
SPLIT = """call pgops.operation_apply('app.t1', 'split', '{"partition": "jan", "into": [
    {"name": "early", "from": "2024-01-01", "to": "2024-01-11"}, {"name": "late", "from": "2024-01-11", "to": "2024-02-01"}]}',
    '{"batch_blocks": 1, "switch": "wait", "lock_budget_ms": 800}')"""


@pytest.fixture
def families(engine):
    engine.configure(lock_tries=200)
    engine.as_owner(TABLE)
    return engine


def test_no_copy_keeps_anybody_from_deleting_what_it_refers_to(families):
    engine = families
    stop = threading.Event()
    writer = engine.session("postgres")
    commits = 0

    def write() -> None:
        nonlocal commits
        number = 1000
        while not stop.is_set():
            number += 1
            with writer.transaction():
                writer.execute("insert into app.parent values (%s)", [number])
                writer.execute("insert into app.t1 values (%s, '2024-01-05', %s), (%s, '2024-01-25', %s)",
                    [10000 + number, number, 20000 + number, number])  # fmt: skip
            with writer.transaction():
                writer.execute("update app.t1 set parent = 1 where id = %s", [10000 + number])
                writer.execute("delete from app.t1 where id = %s", [20000 + number])
                writer.execute("delete from app.parent where id = %s", [number])
            # What was there from the beginning, too.
            with writer.transaction():
                writer.execute("delete from app.t1 where parent = %s", [number % 97 + 2])
                writer.execute("delete from app.parent where id = %s", [number % 97 + 2])
            commits += 3

    background = Background(write)
    operator = engine.session()
    running = Background(lambda: operator.execute(SPLIT))
    try:
        engine.wait_for("select exists (select from pgops.operation where phase = 'wait')")
        wanted = commits + 60
        engine.wait_for("select exists (select from pgops.operation where state <> 'failed')")
        while commits < wanted and background.is_alive():
            pass
        engine.session().execute("select pgops.operation_switch(operation_id) from pgops.operation")
        running.finish()
    finally:
        stop.set()
    background.finish()
    assert engine.run("select state, error from pgops.operation") == [("done", None)]
    assert (
        engine.run("select t.id from app.t1 as t left join app.parent as p on p.id = t.parent where p.id is null") == []
    )
    assert engine.value("select count(*) from pg_constraint where contype = 'f' and not convalidated") == 0
    assert engine.value("select count(*) from app.t1 where id between 10000 and 20000 and parent = 1") > 0


# What else is to be known of these phases is in operations/test_kills.py, where the server dies in them, too.
@pytest.mark.parametrize("phase", ["watch", "settle_keys", "keys", "follow_up"])
def test_whoever_dies_while_keys_are_made_leaves_nothing_half_done(families, phase):
    engine = families
    engine.run(PAUSE)
    split = SPLIT.replace('"wait"', '"now"')
    before = engine.rows()
    die(engine, split, phase, "within", "backend")
    assert engine.rows() == before
    engine.run("insert into app.parent values (1000); insert into app.t1 values (9999, '2024-01-05', 1000)")
    engine.run("delete from app.t1 where id in (10, 9999); delete from app.parent where id = 1000")
    before = engine.rows()
    engine.session().execute(split)
    assert engine.rows() == before
    assert engine.run("select state, error from pgops.operation") == [("done", None)]
    assert engine.value("select count(*) from pg_constraint where contype = 'f' and convalidated and conrelid"
        " in ('app.early'::regclass, 'app.late'::regclass, 'app.feb'::regclass, 'app.t1'::regclass)") == 4  # fmt: skip
