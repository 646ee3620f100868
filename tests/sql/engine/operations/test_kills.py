"""The applier dies at each step of each operation, alone or with the whole server; the same call again goes on.

Which steps there are is asked of the engine: one that is new is died in without anybody's having to think of it.
"""

from __future__ import annotations

import dataclasses

import psycopg
import pytest
from background import Background
from deaths import (
    DEATHS,
    IS_PAUSED,
    MOMENTS,
    PAUSE,
    Client,
    call_text,
    conversion_phases,
    die,
    listed_methods,
    phase_names,
    phases,
)
from partition_operations import APRIL, FOREIGN_KEYS, MARCH, TABLES, WEEKS
from steady_writers import Written, writing

pytestmark = pytest.mark.long_when_repeated

DRAIN = ("drain", {"partitions": [MARCH, APRIL]})
ARCHIVE = ("archive", {"partition": "Jan, 24", "into": "app.kept"})
CASES = {
    "drain": ("swap", *DRAIN),
    "split": ("swap", "split", {"partition": "Feb, 24", "into": WEEKS}),
    "merge": ("swap", "merge", {"partitions": ["Jan, 24", "Feb, 24"], "into": "Jan, 24"}),
    # Of partitions that are partitioned themselves.
    "split a tree": ("swap", "split", {"partition": "Feb, 24", "into": WEEKS}),
    "merge a tree": ("swap", "merge", {"partitions": ["Jan, 24", "Feb, 24"], "into": "Jan, 24"}),
    "add": ("swap", "add", MARCH),
    "add empty": ("attach", "add", {"name": "May", "from": "2024-05-02", "to": "2024-06-01"}),
    "detach": ("detach", "detach", {"partition": "Jan, 24"}),
    "archive": ("archive", *ARCHIVE),
    "drop": ("drop", "drop", {"partition": "Jan, 24", "rows": "discard"}),
}
POINTS = [
    (case, moment, phase)
    for case, (method, *_) in CASES.items() for phase in phases(method) for moment in MOMENTS
]  # fmt: skip
# The table has foreign keys, to it and from it; else there is nothing to be done in some of the phases.
KEY_PHASES = ("watch", "settle_keys", "keys", "follow_up")
# Those of every change; the others are for `make test-long`.
TELLING_POINTS = [
    *[("drain", "within", phase) for phase in phases("swap") if phase not in KEY_PHASES],
    *[("split", "after", phase) for phase in ("capture", "copy", "keys", "switch", "uncheck", "clean")],
    *[("split", "within", phase) for phase in ("watch", "guard", "follow_up")],
    *[("merge", "within", phase) for phase in ("copy", "switch", "clean")],
    *[("split a tree", "after", phase) for phase in ("create", "copy", "keys", "switch")], ("split a tree", "within", "switch"),
    *[("merge a tree", "within", phase) for phase in ("index", "switch", "clean")],
    ("add", "within", "switch"), ("add", "within", "clean"),
    *[("add empty", "within", phase) for phase in ("create", "index", "switch", "clean")],
    *[("detach", "within", phase) for phase in ("wait", "switch", "clean")],
    *[("archive", "within", phase) for phase in ("switch", "archive", "clean")], ("archive", "after", "archive"),
    *[("drop", "within", phase) for phase in ("switch", "clean")],
]  # fmt: skip
# A death of the server costs a second or two.
TELLING_SERVER_POINTS = [
    ("drain", "within", "create"), ("drain", "after", "capture"), ("drain", "within", "copy"), ("drain", "within", "index"),
    ("drain", "within", "compare"), ("drain", "within", "switch"), ("drain", "after", "switch"), ("drain", "within", "clean"),
    ("split", "after", "watch"), ("split", "within", "settle_keys"), ("split", "within", "keys"), ("split", "within", "switch"),
    ("split", "within", "follow_up"), ("merge", "within", "switch"), ("merge", "within", "clean"), ("add", "within", "switch"),
    ("detach", "within", "switch"), ("archive", "within", "switch"), ("archive", "within", "archive"),
    ("archive", "within", "clean"), ("drop", "within", "switch"),
    ("split a tree", "within", "switch"), ("merge a tree", "within", "clean"),
]  # fmt: skip
# While others write.
TELLING_WRITTEN_POINTS = [
    ("drain", "after", "copy", "server"), ("split", "within", "switch", "server"), ("split", "after", "keys", "client"),
    ("merge", "after", "switch", "backend"), ("add", "within", "compare", "client"), ("archive", "after", "switch", "server"),
    ("detach", "within", "switch", "backend"),
    ("split a tree", "after", "switch", "client"), ("merge a tree", "within", "switch", "server"),
]  # fmt: skip


def some(points: list[tuple], telling: list[tuple]) -> list:
    """All points, of which those that are not telling are long."""
    assert set(telling) <= set(points)
    return [
        pytest.param(point, id=" ".join(point), marks=[] if point in telling else pytest.mark.long) for point in points
    ]


def places(session) -> list[str]:
    """Where rows may be: the table, what was detached from it, the archive, what is on its way there."""
    return [
        name
        for (name,) in session.execute(
            "select c.oid::regclass::text from pg_class c where c.relnamespace = 'app'::regnamespace and c.relkind in ('r', 'p')"
            " and not c.relispartition and (c.relname in ('Event Log', 'Jan, 24', 'kept')"
            # What is exchanged is a copy of what is in the table; what is archived is nowhere else at first.
            " or c.relname like '%old_1' and exists (select from pgops.operation where method = 'archive'))"
        ).fetchall()
    ]


EVENT_LOG = Written(
    'app."Event Log"', '"No,te"', "2024-0{month}-{day:02} 12:00:00+00", lambda chosen: f"note {chosen.randrange(3000)}", places
)  # fmt: skip


def model(operations, rows: str = "true") -> list[tuple]:
    """Each row as often as it is anywhere."""
    return EVENT_LOG.rows(operations.engine.superuser, rows)


def prepare(operations, case: str, phase: str) -> tuple[str, dict, str]:
    """The operation, its arguments, and which rows it leaves alone."""
    engine = operations.engine
    method, operation, arguments = CASES[case]
    if case.endswith("a tree"):
        engine.as_owner('drop table app."Event Log"')
        engine.as_owner(TABLES["tree"])
    engine.run(PAUSE)
    if method == "swap":
        engine.configure(operation_scan_blocks=0)
    if method == "swap" and (phase in KEY_PHASES or operation in ("split", "merge")):
        engine.as_owner(FOREIGN_KEYS)
    return operation, arguments, "at >= '2024-02-01 00:00+00'" if operation == "drop" else "true"


def is_done(operations, case: str) -> None:
    record = operations.record()
    assert (record["method"], record["state"], record["error"]) == (CASES[case][0], "done", None)
    assert operations.engine.value("select count(*) from pgops.operation") == 1
    assert operations.left_over() == []
    # Of what follows from a key to the whole table, PostgreSQL before 18 does not note it.
    keys = "select count(*) from pg_constraint where contype = 'f' and conparentid = 0 and not convalidated"
    assert operations.engine.value(keys) == 0


def die_and_go_on(operations, point, death) -> None:
    case, moment, phase = point
    engine = operations.engine
    operation, arguments, rows = prepare(operations, case, phase)
    before = model(operations, rows)
    call = call_text(engine, operations.root, operation, arguments, batch_blocks=2)
    die(engine, call, phase, moment, death)
    # While rows are copied into the archive, some are in both places.
    assert (sorted(set(model(operations, rows))) if case == "archive" else model(operations, rows)) == before
    # What happens in between is no more to be lost than what happened before.
    engine.run(
        "insert into app.\"Event Log\" (at, \"No,te\") select '2024-02-01+00'::timestamptz + i * interval '1 day', 'note 1'"
        " from generate_series(0, 80) as i"
    )
    engine.run(
        "update app.\"Event Log\" set at = at + interval '40 days'"
        " where id % 50 = 3 and at between '2024-02-01+00' and '2024-03-20+00'"
    )
    engine.run("delete from app.\"Event Log\" where id % 50 = 4 and at > '2024-02-01+00'")
    before = sorted(set(model(operations, rows)))
    engine.session().execute(call)
    assert model(operations, rows) == before
    is_done(operations, case)


@pytest.mark.parametrize("point", some(POINTS, TELLING_POINTS))
def test_the_applier_dies(operations, point):
    die_and_go_on(operations, point, "backend")


@pytest.mark.parametrize("point", some(POINTS, TELLING_SERVER_POINTS))
def test_the_server_dies(operations, point):
    die_and_go_on(operations, point, "server")


# Each point once, each death at every third.
WRITTEN_POINTS = [
    *[(*point, DEATHS[number % 3]) for number, point in enumerate(POINTS) if point[0] != "drop"], *TELLING_WRITTEN_POINTS
]  # fmt: skip


@pytest.mark.parametrize("point", some(list(dict.fromkeys(WRITTEN_POINTS)), TELLING_WRITTEN_POINTS))
def test_whoever_dies_while_others_write(operations, point):
    case, moment, phase, death = point
    engine = operations.engine
    engine.configure(lock_tries=200)
    operation, arguments, _ = prepare(operations, case, phase)
    if case == "archive":
        # Of fewer than 1000 rows the archive is tried with all, and rows that come meanwhile stop it: see test_writers.py.
        engine.run(
            "insert into app.\"Event Log\" (at, \"No,te\") select '2024-01-07', 'n' from generate_series(1, 900)"
        )
    untouched = model(operations)
    call = call_text(engine, operations.root, operation, arguments, batch_blocks=2, lock_budget_ms=900)
    written = dataclasses.replace(
        EVENT_LOG, rows_leave=case in ("detach", "archive"), months=4 if case == "add empty" else 5
    )
    with writing(engine, written) as writers:
        die(engine, call, phase, moment, death)
        writers.go_on()
        engine.session().execute(call)
        writers.go_on()
    writers.finish(deaths=1 if death == "server" else 0)
    assert model(operations, "id < 1000000") == untouched
    is_done(operations, case)


def test_an_operation_whose_client_is_dead_goes_on_in_the_server(operations):
    """As long as the server has nothing to say to the client, it does not notice."""
    engine = operations.engine
    engine.configure(lock_tries=200)
    untouched = model(operations)
    call = call_text(engine, operations.root, *DRAIN, batch_blocks=2, lock_budget_ms=900, switch="wait")
    with writing(engine, EVENT_LOG) as writers:
        client = Client(engine, call)
        engine.wait_for("select exists (select from pgops.operation)")
        client.kill()
        session = engine.session(options="-c statement_timeout=20s")
        engine.wait_for("select exists (select from pgops.operation where phase = 'wait')")
        # Within its steps and between them.
        for _ in range(10):
            with pytest.raises(psycopg.errors.ObjectInUse, match="is being run by process"):
                session.execute(call)
            writers.go_on(2)
        engine.run("select pgops.operation_switch(operation_id) from pgops.operation")
        engine.wait_for("select exists (select from pgops.operation where finished_at is not null)")
        notices = []
        session.add_notice_handler(lambda notice: notices.append(notice.message_primary))
        session.execute(call)
        assert notices == [f"nothing is to be done: operation {operations.record()['operation_id']} did it"]
        writers.go_on()
    writers.finish(deaths=0)
    assert model(operations, "id < 1000000") == untouched
    is_done(operations, "drain")


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize(("case", "phase", "then"), [("split", "copy", "restart"), ("add empty", "index", "redesign")])
def test_who_dies_when_it_begins_anew(operations, case, phase, then, moment):
    """After a TRUNCATE, and when a partition that was to be added empty has got rows."""
    engine = operations.engine
    _, operation, arguments = CASES[case]
    engine.run(PAUSE)
    call = call_text(engine, operations.root, operation, arguments, batch_blocks=2)
    die(engine, call, phase, "after", "backend")
    if then == "restart":
        engine.run('truncate app."Event Log"')
    engine.run("insert into app.\"Event Log\" (at, \"No,te\") values ('2024-02-10', 'new'), ('2024-05-10', 'new')")
    die(engine, call, then, moment, "backend")
    engine.run("insert into app.\"Event Log\" (at, \"No,te\") values ('2024-02-11', 'newer'), ('2024-05-11', 'newer')")
    before = model(operations)
    engine.session().execute(call)
    assert model(operations) == before
    assert (operations.record()["method"], operations.record()["state"]) == ("swap", "done")
    assert operations.left_over() == []


# What comes to the aid of others when something has happened meanwhile, and has tests of its own above.
ASIDE = {"restart", "redesign", "renew_log", "undo"}


def test_every_phase_of_every_method_has_a_point(engine):
    methods = {method for method, *_ in CASES.values()}
    assert methods | {"convert", "follow"} == {*listed_methods(engine), "detach", "drop"}
    for case, (method, *_) in CASES.items():
        wanted = engine.value("select pgops.operation_phases(%s)", method)[:-1]
        for moment in MOMENTS:
            assert [point[2] for point in POINTS if point[:2] == (case, moment)] == wanted
    assert {phase for _, _, phase in POINTS} == phase_names(engine) - conversion_phases(engine) - ASIDE


@pytest.mark.parametrize("again", ["goes on", "is undone"])
@pytest.mark.parametrize("moment", ["within", "after"])
def test_the_applier_dies_before_and_while_the_log_is_replaced(operations, moment, again):
    engine = operations.engine
    engine.run(PAUSE)
    engine.configure(operation_log_blocks=0)
    for pause in [("catch_up", "after"), ("renew_log", moment)]:
        engine.run("delete from app.pause")
        engine.run("insert into app.pause values (%s, %s)", *pause)
        applier = engine.session()
        running = Background(lambda applier=applier: operations.apply(*DRAIN, session=applier, switch="wait"))
        pid = applier.info.backend_pid
        if pause[0] == "catch_up":
            engine.wait_for("select bool_or(state = 'waiting') from pgops.operation")
            write(engine, "so that there is a log to replace")
            engine.run("select pgops.operation_switch(operation_id) from pgops.operation")
        engine.wait_for(IS_PAUSED)
        # Into the log that is replaced, then, when it has been, into the new one.
        if pause != ("renew_log", "within"):
            write(engine, pause[0])
        engine.run("select pg_terminate_backend(%s)", pid)
        with pytest.raises(psycopg.OperationalError):
            running.finish()
    engine.run("delete from app.pause")
    before = model(operations)
    if again == "goes on":
        operations.apply(*DRAIN, session=engine.session())
        assert operations.record()["state"] == "done"
    else:
        cancel(engine.session())
        assert operations.record()["state"] == "cancelled"
    assert model(operations) == before
    assert operations.left_over() == []


def write(engine, note: str) -> None:
    engine.run('update app."Event Log" set "No,te" = %s where id %% 40 = 3', note)
    engine.run(
        "insert into app.\"Event Log\" (at, \"No,te\") values ('2024-03-05', %s), ('2024-04-05', %s)", note, note
    )
    engine.run('delete from app."Event Log" where id = (select min(id) from app."Event Log" where at > \'2024-03-01\')')


@pytest.mark.parametrize("phase", ["capture", "copy", "index", "wait", "compare"])
def test_who_dies_while_undoing_undoes_it_the_next_time(operations, phase):
    engine = operations.engine
    engine.run(PAUSE)
    before = operations.state()[:2]
    die(engine, call_text(engine, operations.root, *DRAIN), phase, "within", "backend")
    number = operations.record()["operation_id"]
    die(engine, f"call pgops.operation_cancel({number})", "undo", "within", "backend")
    cancel(engine.session())
    assert operations.record()["state"] == "cancelled"
    assert operations.state()[:2] == before
    assert operations.left_over() == []


def cancel(session) -> None:
    (number,) = session.execute("select max(operation_id) from pgops.operation").fetchone()
    session.execute(f"call pgops.operation_cancel({number})")


@pytest.mark.parametrize("phase", ["copy", "archive"])
def test_the_abandoned_is_ended_by_maintenance(operations, phase):
    """Undone before the switch; finished after it, because the rows are on their way."""
    engine = operations.engine
    engine.run(PAUSE)
    engine.configure(operation_abandoned_after=10)
    operation = DRAIN if phase == "copy" else ARCHIVE
    die(engine, call_text(engine, operations.root, *operation), phase, "after", "backend")
    jobs = engine.session()
    jobs.execute("call pgops.maintain()")
    assert operations.record()["finished_at"] is None, "it was not abandoned for long enough"
    engine.run("update pgops.operation set heartbeat_at = heartbeat_at - interval '1 hour'")
    engine.session("engine_operator").execute("call pgops.reap_operations()")  # who may not act on it leaves it alone
    assert operations.record()["finished_at"] is None
    jobs.execute("call pgops.maintain()")
    assert operations.record()["state"] == ("cancelled" if phase == "copy" else "done")
    assert operations.left_over() == []
    assert any("was abandoned" in message for message in engine.events("warning"))
