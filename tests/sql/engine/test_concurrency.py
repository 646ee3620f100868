"""Readers, writers, other appliers and sudden deaths beside an applier."""

from __future__ import annotations

import contextlib
import time

import psycopg
import pytest
from background import Background
from psycopg import errors

NOW = "2026-11-21 12:00+00"
# Longer than lock_timeout (100 ms) with room for a busy computer: a writer that queued behind a waiting step until the
# reader ended would miss it by far, because the reader ends only after the writers are done.
WRITER_TIMEOUT = "set lock_timeout = '5s'"

PAUSING_HOOKS = """
create table app.pause (point text);
create function app.pause_at(point text) returns void language plpgsql as $$
begin
    if exists (select from app.pause as p where p.point = pause_at.point) then
        perform pg_sleep(120);
    end if;
end $$;
create function app.attached(partition regclass) returns void language sql as $$ select app.pause_at('attached ' || partition) $$;
create function app.moved(source regclass, target regclass) returns void language sql as
    $$ select app.pause_at('moved ' || target) $$;
create function app.detaching(partition regclass) returns void language sql as
    $$ select app.pause_at('detaching ' || partition) $$;
"""
HOOKS = {"attached": "app.attached", "moved": "app.moved", "detaching": "app.detaching"}


def wait_until_blocked(engine, session: psycopg.Connection) -> None:
    engine.wait_for("select exists (select from pg_locks where pid = %s and not granted)", session.info.backend_pid)


@pytest.fixture
def busy_table(engine):
    engine.table()
    engine.set_policy(ahead=0)
    engine.apply(NOW)
    engine.run("insert into app.t1 values ('2026-11-05+00', 1), ('2030-01-01+00', 2)")
    return engine


def test_writers_go_on_while_a_step_waits_for_a_long_reader(busy_table):
    engine = busy_table
    engine.configure(lock_tries=10000)
    reader = engine.session("postgres", autocommit=False)
    assert reader.execute("select count(*) from app.t1").fetchone() == (2,)  # holds locks on all partitions
    applier = engine.session("postgres")
    background = Background(lambda: engine.apply("2026-12-21", session=applier))
    waits = 0
    writer, other_reader = engine.session("postgres"), engine.session("postgres")
    for session in (writer, other_reader):
        session.execute(WRITER_TIMEOUT)
    for number in range(20):
        wait_until_blocked(engine, applier)
        waits += 1
        # Into the default partition, whose lock the step waits for, into another one, and reading all of them.
        writer.execute("insert into app.t1 values ('2031-01-01+00', %s), ('2026-11-06+00', %s)", [number, number])
        writer.execute("update app.t1 set note = 'seen' where id = %s", [number])
        assert other_reader.execute("select count(*) from app.t1").fetchone()[0] >= 2 * number
    assert background.is_alive()
    assert "t1_2026_12" not in engine.partitions()
    reader.rollback()
    background.finish()
    assert waits == 20
    assert {"t1_2026_12", "t1_2030_01"} <= set(engine.partitions())
    assert engine.rows()[0] == 42


def test_the_engine_lets_go_of_its_locks_between_tries(busy_table):
    engine = busy_table
    engine.configure(lock_tries=10000, retry_delay_minimum=60000, retry_delay_maximum=60000)
    reader = engine.session("postgres", autocommit=False)
    reader.execute("select * from app.t1").fetchall()
    applier = engine.session("postgres")
    with pytest.raises(errors.AdminShutdown):
        background = Background(lambda: engine.apply("2026-12-21", session=applier))
        pid = applier.info.backend_pid
        engine.wait_for("select wait_event = 'PgSleep' from pg_stat_activity where pid = %s", pid)
        held = "select count(*) from pg_locks where pid = %s and locktype in ('relation', 'advisory') and mode <> 'AccessShareLock'"
        assert engine.value(held, pid) == 0
        engine.run("select pg_terminate_backend(%s)", pid)
        background.finish()


def test_a_step_gives_up_and_names_who_holds_the_lock(busy_table):
    engine = busy_table
    reader = engine.session("postgres", autocommit=False)
    reader.execute("select * from app.t1").fetchall()
    with pytest.raises(errors.RaiseException) as caught:
        engine.apply("2026-12-21")
    assert "canceling statement due to lock timeout" in str(caught.value)
    assert f"locks held by process {reader.info.backend_pid} (postgres" in str(caught.value)
    assert engine.value("select last_error is not null from pgops.partition_status") is True
    # The other steps need the same locks: they are left to the next run.
    assert len(engine.events("error")) == 1
    reader.rollback()
    engine.apply("2026-12-21")
    assert {"t1_2026_12", "t1_2030_01"} <= set(engine.partitions())


def test_detach_and_drop_wait_no_longer_either(busy_table):
    engine = busy_table
    engine.set_policy(ahead=0, retention={"keep": "1 month", "then": "drop"})
    engine.configure(lock_tries=10000)
    reader = engine.session("postgres", autocommit=False)
    reader.execute("select * from app.t1").fetchall()
    applier, writer = engine.session("postgres"), engine.session("postgres")
    writer.execute(WRITER_TIMEOUT)
    engine.run("delete from app.t1 where id = 2")  # nothing to move: the only step is the drop
    engine.set_policy(ahead=0, behind=0, retention={"keep": "1 month", "then": "drop"})
    background = Background(lambda: engine.apply("2026-12-31 23:59", session=applier))
    for number in range(10):
        wait_until_blocked(engine, applier)
        writer.execute("insert into app.t1 values ('2026-11-06+00', %s)", [100 + number])
    reader.rollback()
    background.finish()
    assert "t1_2026_11" in engine.partitions()
    background = Background(lambda: engine.apply("2027-01-01", session=applier))
    background.finish()
    assert "t1_2026_11" not in engine.partitions()


def test_two_appliers_at_once_do_each_step_once(engine):
    engine.table()
    engine.configure(lock_tries=1000)
    engine.set_policy(by={"range": "date", "every": "day"}, name="d_{year}_{month}_{day}", ahead=12)
    engine.as_owner("create table app.rest partition of app.t1 default")
    engine.run(
        "insert into app.t1 select '2026-11-01+00'::timestamptz + i * interval '1 hour', i from generate_series(1, 480) i"
    )
    before = engine.rows()
    appliers = [engine.session() for _ in range(3)]
    backgrounds = [Background(lambda session=session: engine.apply(NOW, session=session)) for session in appliers]
    for background in backgrounds:
        background.finish()
    assert engine.rows() == before
    assert engine.plan(as_of=NOW) == []
    done = list(engine.events("info"))
    assert len(done) == len(set(done)) == len(engine.partitions()) - 1
    assert engine.events("error") == []


def test_the_second_applier_waits_for_the_first_only_within_bounds(engine):
    engine.table()
    engine.set_policy(ahead=0)
    other = engine.session("postgres")
    other.execute("select pg_advisory_lock(hashtextextended('pgops.partition', 'app.t1'::regclass::oid::bigint))")
    with pytest.raises(
        errors.RaiseException, match=r"create_default app\.t1_default: canceling statement due to lock timeout"
    ):
        engine.apply(NOW)
    assert engine.partitions() == []
    other.close()
    engine.wait_for("select not exists (select from pg_locks where locktype = 'advisory')")
    engine.apply(NOW)
    assert engine.partitions() == ["t1_2026_11", "t1_default"]


def test_a_cancelled_apply_leaves_its_session_without_locks(engine):
    engine.table()
    engine.as_owner(PAUSING_HOOKS)
    engine.as_owner("insert into app.pause values ('attached app.t1_2026_11')")
    engine.set_policy(ahead=0, hooks=HOOKS)
    first = engine.session()
    background = Background(lambda: engine.apply(NOW, session=first))
    engine.wait_for("select wait_event = 'PgSleep' from pg_stat_activity where pid = %s", first.info.backend_pid)
    # Meanwhile the default partition cannot be read: a plan does not wait for ever.
    with pytest.raises(errors.LockNotAvailable):
        engine.plan()
    first.cancel()
    with pytest.raises(errors.QueryCanceled):
        background.finish()
    engine.run("truncate app.pause")
    engine.apply(NOW)
    assert engine.partitions() == ["t1_2026_11", "t1_default"]


STEPS = [
    "attached app.t1_default", "attached app.t1_2026_12", "attached app.t1_2026_10", "moved app.t1_2026_10",
    "detaching app.t1_2026_09",
]  # fmt: skip
DEATHS = {
    "terminated": lambda engine, pid: engine.run("select pg_terminate_backend(%s)", pid),
    "killed": lambda engine, pid: engine.server.kill_backend(pid),
}


@pytest.mark.parametrize("death", DEATHS)
@pytest.mark.parametrize("point", STEPS)
def test_killed_at_each_step_and_run_again(engine, point, death):
    engine.table()
    engine.as_owner(PAUSING_HOOKS)
    engine.as_owner(
        "create table app.t1_2026_09 partition of app.t1 for values from ('2026-09-01+00') to ('2026-10-01+00')"
    )
    engine.run("insert into app.t1 values ('2026-09-05+00', 1)")
    if "default" not in point:
        engine.as_owner("create table app.t1_default partition of app.t1 default")
        engine.run(
            "insert into app.t1 select '2026-10-01+00'::timestamptz + i * interval '1 minute', i from generate_series(0, 999) i"
        )
    before = engine.rows()
    engine.set_policy(ahead=1, hooks=HOOKS, retention={"keep": "50 days", "then": "detach"})
    engine.as_owner(f"insert into app.pause values ('{point}')")

    applier = engine.session()
    background = Background(lambda: engine.apply(NOW, session=applier))
    engine.wait_for("select wait_event = 'PgSleep' from pg_stat_activity where pid = %s", applier.info.backend_pid)
    DEATHS[death](engine, applier.info.backend_pid)
    with pytest.raises(psycopg.OperationalError):
        background.finish()
    with contextlib.suppress(psycopg.OperationalError):
        engine.superuser.close()
    with engine.server.connect(engine.database) as engine.superuser:
        engine.wait_for("select not exists (select from pg_stat_activity where pid = %s)", applier.info.backend_pid)
        if "detaching" not in point:
            assert engine.rows() == before
        assert engine.value("select count(*) from pg_class where relname like 'pgops_moving%'") == 0
        engine.run("truncate app.pause")
        engine.apply(NOW)
        rest = "t1_2026_10" if "default" not in point else None
        assert engine.partitions() == [*filter(None, [rest, "t1_2026_11", "t1_2026_12"]), "t1_default"]
        assert engine.rows()[0] + engine.value("select count(*) from app.t1_2026_09") == before[0]
        assert (
            engine.value(
                "select count(*) from pg_trigger where tgrelid = 'app.t1_default'::regclass and tgenabled = 'D'"
            )
            == 0
        )
        assert engine.plan(as_of=NOW) == []


def test_rows_written_all_the_time_are_all_there(engine):
    """Writers into periods that have no partition yet, while the engine makes one after the other."""
    engine.table()
    engine.configure(lock_tries=1000)
    engine.set_policy(by={"range": "date", "every": "day"}, name="d_{year}_{month}_{day}", ahead=0)
    engine.apply(NOW)
    written = [0, 0]
    stop = time.monotonic() + 2

    def write(session, number):
        while time.monotonic() < stop:
            session.execute(
                "insert into app.t1 select '2026-11-01+00'::timestamptz + random() * interval '20 days', %s + i"
                " from generate_series(1, 10) i",
                [number * 10**9 + written[number]],
            )
            written[number] += 10

    writers = [engine.session("postgres") for _ in written]
    backgrounds = [Background(lambda s=session, n=number: write(s, n)) for number, session in enumerate(writers)]
    while any(background.is_alive() for background in backgrounds):
        engine.apply(NOW)
    for background in backgrounds:
        background.finish()
    engine.apply(NOW)
    assert engine.rows()[0] == sum(written) > 0
    assert "t1_default" not in engine.rows_by_partition()
