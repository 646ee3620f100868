"""The applier dies at each step of each operation, alone or with the whole server; the same call again goes on."""

from __future__ import annotations

import contextlib

import psycopg
import pytest
from background import Background
from partition_operations import APRIL, MARCH, WEEKS

pytestmark = pytest.mark.long_when_repeated

# Fires within a step, when its work is done and not committed, or after it, when it is.
PAUSE = """
create table app.pause (phase text, moment text);
grant select on app.pause to public;
create function app.pause() returns trigger language plpgsql as $$
begin
    if exists (
        select from app.pause as p where p.phase = old.phase
            and p.moment = case coalesce(current_setting('pgops.operation', true), '') when '' then 'after' else 'within' end
    ) then
        perform pg_sleep(120);
    end if;
    return new;
end $$;
create trigger pause before update on pgops.operation for each row execute function app.pause();
"""
DRAIN = ("drain", {"partitions": [MARCH, APRIL]})
SPLIT = ("split", {"partition": "Feb, 24", "into": WEEKS})
MERGE = ("merge", {"partitions": ["Jan, 24", "Feb, 24"], "into": "Jan, 24"})
ADD = ("add", MARCH)
EMPTY = ("add", {"name": "May", "from": "2024-05-02", "to": "2024-06-01"})
DETACH = ("detach", {"partition": "Jan, 24"})
ARCHIVE = ("archive", {"partition": "Jan, 24", "into": "app.kept"})
DROP = ("drop", {"partition": "Jan, 24", "rows": "discard"})

SWAP_PHASES = ["create", "capture", "copy", "settle", "index", "guard", "wait", "compare", "switch", "uncheck", "clean"]
POINTS = [
    *[(DRAIN, phase, "within") for phase in SWAP_PHASES],
    *[(SPLIT, phase, "after") for phase in ("capture", "copy", "switch", "clean")],
    *[(MERGE, phase, "within") for phase in ("copy", "switch", "clean")],
    (ADD, "switch", "within"), (ADD, "clean", "within"),
    *[(EMPTY, phase, "within") for phase in ("create", "index", "switch", "clean")],
    *[(DETACH, phase, "within") for phase in ("wait", "switch", "clean")],
    *[(ARCHIVE, phase, "within") for phase in ("switch", "archive", "clean")], (ARCHIVE, "archive", "after"),
    *[(DROP, phase, "within") for phase in ("switch", "clean")],
]  # fmt: skip
# A death of the server costs a second or two: at each step of one operation, at the switch and after it of the others.
SERVER_POINTS = [
    point for point in POINTS
    if point[0] is DRAIN or (point[1] in ("switch", "archive", "clean") and point[2] == "within" and point[0] is not EMPTY)
]  # fmt: skip
LONG_SERVER_POINTS = [point for point in POINTS if point not in SERVER_POINTS]


def name_of(point) -> str:
    (operation, _), phase, moment = point
    return f"{operation} {moment} {phase}"


def die_and_go_on(operations, point, death) -> None:
    (operation, arguments), phase, moment = point
    engine = operations.engine
    engine.run(PAUSE)
    engine.run(f"insert into app.pause values ('{phase}', '{moment}')")
    engine.configure(operation_scan_blocks=0)
    before = model(operations)
    applier = engine.session()
    running = Background(lambda: operations.apply(operation, arguments, session=applier, batch_blocks=2))
    pid = applier.info.backend_pid
    engine.wait_for("select wait_event = 'PgSleep' from pg_stat_activity where pid = %s", pid)
    death(engine, pid)
    with pytest.raises(psycopg.OperationalError):
        running.finish()
    with contextlib.suppress(psycopg.OperationalError):
        engine.superuser.close()
    with engine.server.connect(engine.database) as engine.superuser:
        engine.wait_for("select not exists (select from pg_stat_activity where pid = %s)", pid)
        assert operation == "drop" or model(operations) == before
        # What happens in between is no more to be lost than what happened before.
        engine.run("delete from app.pause")
        engine.run(
            "insert into app.\"Event Log\" (at, \"No,te\") select '2024-02-01+00'::timestamptz + i * interval '1 day', 'new'"
            " from generate_series(0, 80) as i"
        )
        engine.run(
            "update app.\"Event Log\" set at = at + interval '40 days' where id % 50 = 3 and at > '2024-02-01+00'"
        )
        engine.run("delete from app.\"Event Log\" where id % 50 = 4 and at > '2024-02-01+00'")
        before = model(operations)
        operations.apply(operation, arguments, session=engine.session(), batch_blocks=2)
        assert operation == "drop" or model(operations) == before
        record = operations.record()
        assert (record["state"], record["error"]) == ("done", None)
        assert engine.value("select count(*) from pgops.operation") == 1
        assert operations.left_over() == []


def model(operations) -> tuple:
    """Rows, wherever they are: in the table, in what was detached from it, in the archive."""
    engine = operations.engine
    tables = engine.run(
        "select c.oid::regclass::text from pg_class c where c.relnamespace = 'app'::regnamespace and c.relkind in ('r', 'p')"
        " and not c.relispartition and (c.relname in ('Event Log', 'Jan, 24', 'kept')"
        # What is exchanged is a copy of what is in the table; what is archived is nowhere else at first.
        " or c.relname like '%old_1' and exists (select from pgops.operation where method = 'archive'))"
    )
    parts = " union all ".join(f'select id, at, "No,te" from {name}' for (name,) in tables)
    # While rows are copied into the archive, some are in both places.
    return engine.run(
        f"select count(*), sum(hashtextextended(t::text, 0)) from (select distinct * from ({parts}) as p) as t"
    )[0]


@pytest.mark.parametrize("point", POINTS, ids=name_of)
def test_the_applier_dies(operations, point):
    die_and_go_on(operations, point, lambda engine, pid: engine.run("select pg_terminate_backend(%s)", pid))


@pytest.mark.parametrize(
    "point",
    [*SERVER_POINTS, *[pytest.param(point, marks=pytest.mark.long) for point in LONG_SERVER_POINTS]],
    ids=name_of,
)
def test_the_server_dies(operations, point):
    die_and_go_on(operations, point, lambda engine, pid: engine.server.kill_backend(pid))


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
        engine.wait_for("select wait_event = 'PgSleep' from pg_stat_activity where pid = %s", pid)
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
    engine.run(f"insert into app.pause values ('{phase}', 'within'), ('undo', 'within')")
    before = operations.state()[:2]
    pids = []
    for call in (lambda session: operations.apply(*DRAIN, session=session), cancel):
        session = engine.session()
        running = Background(lambda call=call, session=session: call(session))
        pids.append(session.info.backend_pid)
        engine.wait_for("select wait_event = 'PgSleep' from pg_stat_activity where pid = %s", pids[-1])
        engine.run("select pg_terminate_backend(%s)", pids[-1])
        with pytest.raises(psycopg.OperationalError):
            running.finish()
        engine.wait_for("select not exists (select from pg_stat_activity where pid = %s)", pids[-1])
    engine.run("delete from app.pause")
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
    engine.run(f"insert into app.pause values ('{phase}', 'after')")
    engine.configure(operation_abandoned_after=10)
    session = engine.session()
    operation = DRAIN if phase == "copy" else ARCHIVE
    running = Background(lambda: operations.apply(*operation, session=session))
    engine.wait_for("select wait_event = 'PgSleep' from pg_stat_activity where pid = %s", session.info.backend_pid)
    engine.run("select pg_terminate_backend(%s)", session.info.backend_pid)
    with pytest.raises(psycopg.OperationalError):
        running.finish()
    engine.run("delete from app.pause")
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
