"""Whoever converts, undoes or finishes dies at each step, alone or with the server; the same call again goes on."""

from __future__ import annotations

import contextlib

import psycopg
import pytest
from background import Background
from conversions import PAUSE, Conversion

pytestmark = pytest.mark.long_when_repeated

PLAIN = """
create table app.country (code text primary key);
insert into app.country values ('de'), ('fr');
create table app.events (id bigint generated always as identity primary key, at date not null, country text references app.country,
    note text);
insert into app.events (at, country, note) select '2024-01-01'::date + i % 60, 'de', 'n' || i from generate_series(1, 600) as i;
create table app.line (id bigint, event bigint);
create view app.notes as select id, note from app.events;
"""
CONVERT = {"by": {"range": "at", "every": "month"}, "name": "events_{year}_{month}", "ahead": 0, "wider_keys": True}
CONVERT_PHASES = ["create", "capture", "copy", "settle", "index", "wait", "compare", "catch_up", "switch", "after"]
UNDO_PHASES = ["return_catch_up", "return_compare", "return_switch", "return_after", "return_clean"]
FINISH_PHASES = ["end_catch_up", "end_compare", "end_switch", "end_clean"]
POINTS = [
    *[("convert", phase, "within") for phase in CONVERT_PHASES], ("convert", "switch", "after"), ("convert", "copy", "after"),
    *[("undo", phase, "within") for phase in UNDO_PHASES], ("undo", "return_switch", "after"),
    *[("finish", phase, "within") for phase in FINISH_PHASES], ("finish", "end_switch", "after"),
]  # fmt: skip
TELLING_POINTS = [
    ("convert", "copy", "after"), ("convert", "switch", "within"), ("convert", "after", "within"),
    ("undo", "return_switch", "within"), ("undo", "return_after", "within"), ("finish", "end_clean", "within"),
]  # fmt: skip
SERVER_POINTS = [("convert", "switch", "within")]
OTHER_POINTS = [point for point in POINTS if point not in TELLING_POINTS]


def change(engine, number: int) -> None:
    """What users do in between."""
    engine.run(f"insert into app.events (at, country, note) select '2024-02-01'::date + i, 'fr', 'new {number}'"
        " from generate_series(0, 9) as i")  # fmt: skip
    engine.run(f"update app.events set at = at + 31, note = 'moved {number}' where id % 50 = {number}")
    engine.run(f"delete from app.events where id % 50 = 1{number}")


def model(engine) -> tuple:
    return engine.run("select count(*), sum(hashtextextended(e::text, 0)) from app.events as e")[0]


def die_and_go_on(engine, point, death) -> None:
    operation, phase, moment = point
    events = Conversion(engine)
    engine.configure(operation_lock_budget=800, lock_tries=100)
    engine.as_owner(PLAIN)
    engine.run(PAUSE)
    if operation != "convert":
        events.apply("convert", CONVERT, batch_blocks=2)
        change(engine, 1)
    engine.run(f"insert into app.pause values ('{phase}', '{moment}')")
    arguments = CONVERT if operation == "convert" else {"drop_old": True} if operation == "finish" else {}
    before = model(engine)
    applier = engine.session()
    running = Background(lambda: events.apply(operation, arguments, session=applier, batch_blocks=2))
    pid = applier.info.backend_pid
    engine.wait_for("select wait_event = 'PgSleep' from pg_stat_activity where pid = %s", pid)
    death(engine, pid)
    with pytest.raises(psycopg.OperationalError):
        running.finish()
    with contextlib.suppress(psycopg.OperationalError):
        engine.superuser.close()
    with engine.server.connect(engine.database) as engine.superuser:
        engine.wait_for("select not exists (select from pg_stat_activity where pid = %s)", pid)
        engine.run("delete from app.pause")
        assert model(engine) == before
        change(engine, 2)
        before = model(engine)
        events.apply(operation, arguments, batch_blocks=2)
        assert model(engine) == before
        record = events.record()
        assert (record["state"], record["error"]) == (
            {"convert": "kept", "undo": "undone", "finish": "done"}[operation],
            None,
        )
        assert engine.value("select count(*) from pgops.operation") == 1
        if operation == "convert":
            change(engine, 3)
            before = model(engine)
            events.apply("undo")
            assert model(engine) == before
        assert events.left_over() == []
        assert engine.value("select count(*) from app.notes") == before[0]
        assert engine.value("select count(*) from pg_class where relname like 'events%' and relnamespace = 'app'::regnamespace"
            " and relkind in ('r', 'p')") == (5 if operation == "finish" else 1)  # fmt: skip
        # The key to another table holds again.
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            engine.run("insert into app.events (at, country) values ('2024-01-01', 'xx')")
        engine.run("drop trigger pause on pgops.operation")


@pytest.mark.parametrize("point", TELLING_POINTS, ids=" ".join)
def test_the_applier_dies(engine, point):
    die_and_go_on(engine, point, lambda engine, pid: engine.run("select pg_terminate_backend(%s)", pid))


@pytest.mark.long
@pytest.mark.parametrize("point", OTHER_POINTS, ids=" ".join)
def test_the_applier_dies_at_every_other_step(engine, point):
    die_and_go_on(engine, point, lambda engine, pid: engine.run("select pg_terminate_backend(%s)", pid))


@pytest.mark.parametrize("point", SERVER_POINTS, ids=" ".join)
def test_the_server_dies(engine, point):
    die_and_go_on(engine, point, lambda engine, pid: engine.server.kill_backend(pid))


@pytest.mark.long
@pytest.mark.parametrize("point", [point for point in POINTS if point not in SERVER_POINTS], ids=" ".join)
def test_the_server_dies_at_every_other_step(engine, point):
    die_and_go_on(engine, point, lambda engine, pid: engine.server.kill_backend(pid))
