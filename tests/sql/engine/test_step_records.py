"""Each step of a policy leaves a record: who, how long, how many tries, the longest wait that it caused, rows."""

from __future__ import annotations

import pytest
from background import Background
from psycopg import errors

pytestmark = pytest.mark.long_when_repeated

NOW = "2026-11-21 12:00+00"


def details(engine, message: str) -> dict:
    (found,) = engine.run("select details from pgops.event where message = %s", message)
    return found[0]


@pytest.fixture
def table(engine):
    engine.table()
    engine.set_policy(ahead=0)
    engine.apply(NOW)
    return engine


def test_a_step_that_makes_and_fills_a_partition(table):
    table.run(
        "insert into app.t1 select '2026-03-01+00'::timestamptz + i * interval '1 hour', i from generate_series(1, 77) i"
    )
    table.apply(NOW, session=table.session())
    record = details(table, "create_from_default app.t1_2026_03")
    assert (record["who"], record["tries"], record["row_count"]) == ("engine_jobs", 1, 77)
    assert 0 < record["longest_wait_ms"] <= record["duration_ms"]
    assert record["bound"] == "FOR VALUES FROM ('2026-03-01 00:00:00+00') TO ('2026-04-01 00:00:00+00')"
    empty = details(table, "create app.t1_2026_11")
    assert (empty["who"], empty["tries"], empty["row_count"]) == ("postgres", 1, 0)
    assert "row_count" not in details(table, "create_default app.t1_default")


@pytest.mark.parametrize("then", ["detach", "drop"])
def test_rows_that_leave_are_counted(table, then):
    table.run(
        "insert into app.t1 select '2026-11-01+00'::timestamptz + i * interval '1 hour', i from generate_series(1, 55) i"
    )
    table.set_policy(ahead=0, retention={"keep": "1 month", "then": then})
    table.apply("2027-01-02+00", session=table.session())
    record = details(table, f"{then} app.t1_2026_11")
    assert (record["who"], record["tries"], record["row_count"]) == ("engine_jobs", 1, 55)
    assert 0 < record["longest_wait_ms"] <= record["duration_ms"]
    assert "row_count_estimated" not in record


def test_of_a_large_partition_the_number_is_estimated(table):
    table.as_owner("alter table app.t1_2026_11 alter note set storage plain")
    table.run(
        "insert into app.t1 select '2026-11-01+00'::timestamptz, i, repeat('x', 4000) from generate_series(1, 2200) i"
    )
    table.set_policy(ahead=0, retention={"keep": "1 month", "then": "drop"})
    table.run("analyze app.t1_2026_11")
    table.apply("2027-01-02+00")
    record = details(table, "drop app.t1_2026_11")
    assert (record["row_count"], record["row_count_estimated"]) == (2200, True)


def test_rows_that_cannot_be_counted_keep_no_step_from_being_done(table):
    table.as_owner("alter table app.t1_2026_11 enable row level security, force row level security")
    table.set_policy(ahead=0, retention={"keep": "1 month", "then": "drop"})
    table.apply("2027-01-02+00")
    record = details(table, "drop app.t1_2026_11")
    assert "row-level security" in record["row_count_problem"]
    assert "row_count" not in record


def test_tries_and_waits_that_led_to_success(table):
    table.configure(lock_tries=10000)
    reader = table.session("postgres", autocommit=False)
    reader.execute("select * from app.t1").fetchall()
    applier = table.session()
    running = Background(lambda: table.apply("2026-12-21", session=applier))
    for _ in range(3):
        table.wait_for("select exists (select from pg_locks where pid = %s and not granted)", applier.info.backend_pid)
        table.wait_for("select wait_event = 'PgSleep' from pg_stat_activity where pid = %s", applier.info.backend_pid)
    reader.rollback()
    running.finish()
    record = details(table, "create app.t1_2026_12")
    assert record["tries"] > 3
    assert 95 <= record["longest_wait_ms"] < record["duration_ms"]
    assert record["duration_ms"] > 300


@pytest.mark.parametrize("then", [None, "drop"])
def test_a_step_that_gives_up_leaves_a_record_too(table, then):
    as_of = "2026-12-21"
    if then:
        table.ensure("2026-12-01+00", "2027-02-01+00")
        table.set_policy(ahead=0, retention={"keep": "1 month", "then": "drop"})
        as_of = "2027-01-02+00"
    reader = table.session("postgres", autocommit=False)
    reader.execute("select * from app.t1").fetchall()
    with pytest.raises(errors.RaiseException):
        table.apply(as_of, session=table.session())
    (message, record), *others = table.run("select message, details from pgops.event where severity = 'error'")
    assert others == []
    assert "locks held by" in message
    assert (record["who"], record["tries"]) == ("engine_jobs", 4)
    assert 95 <= record["longest_wait_ms"] < record["duration_ms"]
    assert record["bound"].startswith("FOR VALUES")


def test_the_wait_lasts_until_the_commit_is_over(table):
    """A constraint trigger that is due at the commit takes its time while the locks are held."""
    table.as_owner(
        "create table app.made (name text);"
        "create function app.dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(0.3); return null; end $$;"
        "create constraint trigger dawdle after insert on app.made deferrable initially deferred"
        " for each row execute function app.dawdle();"
        "create function app.attached(partition regclass) returns void language plpgsql as $$ begin"
        " set constraints all deferred; insert into app.made values (partition); end $$"
    )
    table.set_policy(ahead=0, hooks={"attached": "app.attached"})
    table.apply("2026-12-21")
    record = details(table, "create app.t1_2026_12")
    assert 300 <= record["longest_wait_ms"] <= record["duration_ms"]


def test_what_a_hook_does_without_locks_is_not_waited_for(table):
    table.as_owner(
        "create function app.detaching(partition regclass) returns void language plpgsql as"
        " $$ begin perform pg_sleep(0.4); end $$"
    )
    table.set_policy(ahead=0, hooks={"detaching": "app.detaching"}, retention={"keep": "1 month", "then": "drop"})
    table.apply("2027-01-02+00")
    record = details(table, "drop app.t1_2026_11")
    assert record["longest_wait_ms"] < 400 <= record["duration_ms"]


def test_an_event_is_completed_only_by_whom_it_is_of_and_keeps_what_it_has(table):
    one, other = table.session("engine_jobs"), table.session("engine_operator")
    number = one.execute("select pgops.begin_event('info', 'test', null, 'x', '{\"n\": 1}')").fetchone()[0]
    question = "select details from pgops.event where event_id = %s"
    other.execute("select pgops.complete_event(%s, '{\"other\": 1}')", [number])
    assert table.value(question, number) == {"n": 1}
    one.execute('select pgops.complete_event(%s, \'{"n": 2, "more": 3}\')', [number])
    assert table.value(question, number) == {"n": 1, "more": 3}
