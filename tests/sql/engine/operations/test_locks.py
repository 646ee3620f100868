"""Locks: those that the plan names and no others, within their time, and given back when it is over."""

from __future__ import annotations

import json
import time

import pytest
from background import Background
from lock_witness import LEVELS, WITNESS, level_of, promised, tables
from partition_operations import APRIL, FOREIGN_KEYS, MARCH, WEEKS
from psycopg import errors

PHASES = {"settle": "replay", "wait": "replay", "catch_up": "replay", "clean": "drop"}
CASES = {
    "split": ("split", {"partition": "Feb, 24", "into": WEEKS}, 64),
    "split beside a large default": ("split", {"partition": "Feb, 24", "into": WEEKS}, 0),
    "drain": ("drain", {"partitions": [MARCH, APRIL]}, 64),
    "merge": ("merge", {"partitions": ["Jan, 24", "Feb, 24"], "into": "Feb, 24"}, 64),
    "add": ("add", MARCH, 64),
    "add an empty one": ("add", {"name": "May", "from": "2024-05-02", "to": "2024-06-01"}, 64),
    "detach": ("detach", {"partition": "Jan, 24"}, 64),
    "archive": ("archive", {"partition": "Jan, 24", "into": "app.kept"}, 64),
    "drop": ("drop", {"partition": "Jan, 24", "rows": "discard"}, 64),
}


def taken(engine, names: dict[int, str]) -> dict[tuple[str, str], str]:
    """The strongest lock of each action on each table that others use: was there before, or has been attached."""
    strongest: dict[tuple[str, str], str] = {}
    attached = {oid: name for oid, name in tables(engine).items() if name != "app.witnessed"}
    for phase, oid, mode in engine.run("select distinct * from app.witnessed"):
        level = level_of(mode)
        known = attached if phase == "uncheck" else names
        if oid in known:
            key = (PHASES.get(phase, phase), known[oid])
            strongest[key] = max(level, strongest.get(key, level), key=LEVELS.index)
    return strongest


@pytest.mark.parametrize(("operation", "arguments", "scan_blocks"), CASES.values(), ids=CASES)
def test_the_plan_names_the_locks_that_are_taken(operations, operation, arguments, scan_blocks):
    engine = operations.engine
    engine.configure(operation_scan_blocks=scan_blocks)
    names = tables(engine)
    engine.run(WITNESS)
    plan = operations.plan(operation, arguments)
    engine.session().execute(
        "call pgops.operation_apply(%s::regclass, %s, %s)",
        [operations.root, operation, json.dumps(arguments)],
    )
    words, locks = promised(plan), taken(engine, names)
    # ACCESS SHARE keeps out only those who want everything for themselves: the plan names it where rows are read.
    strong = {key: level for key, level in locks.items() if level != "ACCESS SHARE"}
    assert strong == {key: level for key, level in words.items() if level != "ACCESS SHARE"}
    # A step that the plan names is one that was done; nothing had to be carried along.
    assert {action for action, _ in words} - {"replay"} <= {action for action, _ in locks}


@pytest.mark.parametrize("operations", ["tree"], indirect=True)
@pytest.mark.parametrize("case", ["split", "merge", "detach", "drop"])
def test_the_plan_names_the_locks_of_what_is_partitioned_itself(operations, case):
    test_the_plan_names_the_locks_that_are_taken(operations, *CASES[case])


KEYED = ["split", "drain", "merge", "add", "add an empty one", "detach", "archive", "drop"]


@pytest.mark.parametrize(
    ("operations", "case"),
    [*[("range", case) for case in KEYED], *[("tree", case) for case in ("split", "merge")]],
    indirect=["operations"],
)
def test_the_plan_names_the_locks_on_tables_that_keys_lead_to_and_from(operations, case):
    engine = operations.engine
    engine.as_owner(FOREIGN_KEYS)
    engine.as_owner("delete from app.comments where at < '2024-02-01+00'")
    test_the_plan_names_the_locks_that_are_taken(operations, *CASES[case])


def test_the_plan_changes_nothing_and_counts_rows(operations):
    before = operations.state()
    for operation, arguments, _ in CASES.values():
        operations.plan(operation, arguments)
    assert operations.state() == before
    steps = {step["action"]: step["row_count"] for step in operations.plan("drain", {"partitions": [MARCH]})}
    assert steps["copy"] == steps["compare"] == 1510


def reader_of(engine):
    reader = engine.session("postgres", autocommit=False)
    reader.execute('select count(*) from app."Event Log"').fetchone()
    return reader


def test_writers_pass_while_a_switch_waits_for_a_long_reader(operations):
    engine = operations.engine
    engine.configure(lock_tries=10000)
    session, writer = engine.session("postgres"), engine.session("postgres")
    # Longer than the option lock_budget_ms with room for a busy computer: who queued until the reader ends would miss it.
    writer.execute("set lock_timeout = '5s'")
    running = Background(
        lambda: operations.apply("drain", {"partitions": [MARCH]}, session=session, switch="wait", lock_budget_ms=200)
    )
    engine.wait_for("select bool_or(state = 'waiting') from pgops.operation")
    reader = reader_of(engine)
    engine.run("select pgops.operation_switch(operation_id) from pgops.operation")
    for _ in range(10):
        engine.wait_for("select exists (select from pg_locks where pid = %s and not granted)", session.info.backend_pid)
        writer.execute("insert into app.\"Event Log\" (at) values ('2024-03-03'), ('2024-02-03')")
    assert "March" not in operations.partitions()
    assert running.is_alive()
    reader.rollback()
    running.finish()
    record = operations.record()
    assert record["tries"] >= 10
    assert operations.sizes()["March"] == 780


def test_who_never_gets_the_locks_gives_up_names_the_holder_and_can_go_on(operations):
    engine = operations.engine
    before = operations.rows()
    reader = None
    engine.configure(lock_tries=3)
    session = engine.session("postgres")
    running = Background(lambda: operations.apply("drain", {"partitions": [MARCH]}, session=session, switch="wait"))
    engine.wait_for("select bool_or(state = 'waiting') from pgops.operation")
    reader = reader_of(engine)
    engine.run("select pgops.operation_switch(operation_id) from pgops.operation")
    with pytest.raises(
        errors.RaiseException, match="stopped in phase catch_up: canceling statement due to lock timeout"
    ) as caught:
        running.finish()
    assert f"process {reader.info.backend_pid} (postgres" in caught.value.diag.message_detail
    assert operations.rows() == before
    assert "March" not in operations.partitions()
    reader.rollback()
    engine.run(f"call pgops.operation_resume({operations.record()['operation_id']})")
    assert operations.rows() == before
    assert operations.sizes()["March"] == 770


def test_a_switch_that_takes_too_long_is_undone(operations):
    """By the time that the last command has come its turn, the budget is used up: everything is as before."""
    engine = operations.engine
    engine.configure(lock_tries=2)
    engine.run(
        "create function app.dawdle() returns event_trigger language plpgsql as $$ begin"
        " if exists (select from pg_locks where pid = pg_backend_pid() and mode = 'AccessExclusiveLock'"
        " and relation = 'app.\"Event Log\"'::regclass) then perform pg_sleep(0.15); end if; end $$;"
        "create event trigger dawdle on ddl_command_end execute function app.dawdle()"
    )
    before, partitions = operations.rows(), operations.partitions()
    try:
        with pytest.raises(errors.RaiseException, match="time for work under locks was over"):
            operations.apply("drain", {"partitions": [MARCH]}, lock_budget_ms=100)
    finally:
        engine.run("drop event trigger dawdle")
    assert operations.rows() == before
    assert operations.partitions() == partitions
    record = operations.record()
    assert (record["tries"], record["lock_held_ms"]) == (2, None)
    started = time.monotonic()
    operations.apply("drain", {"partitions": [MARCH]}, lock_budget_ms=100)
    assert time.monotonic() > started
    assert operations.rows() == before


def test_two_appliers_at_once(operations):
    engine = operations.engine
    session = engine.session()
    running = Background(lambda: operations.apply("drain", {"partitions": [MARCH]}, session=session, switch="wait"))
    engine.wait_for("select bool_or(state = 'waiting') from pgops.operation")
    with pytest.raises(errors.ObjectInUse, match=rf"is being run by process {session.info.backend_pid}"):
        operations.apply("drain", {"partitions": [MARCH]}, session=engine.session())
    with pytest.raises(errors.ObjectInUse, match=r"\(drain with .*\) of .* is not finished"):
        operations.apply("split", {"partition": "Feb, 24", "into": WEEKS}, session=engine.session())
    with pytest.raises(errors.ObjectInUse, match="is being run by"):
        engine.session().execute(f"call pgops.operation_resume({operations.record()['operation_id']})")
    engine.run("select pgops.operation_switch(operation_id) from pgops.operation")
    running.finish()
    assert operations.sizes()["March"] == 770


def test_the_policy_waits_for_the_operation(operations):
    engine = operations.engine
    engine.set_policy(
        {"by": {"range": "at", "every": "month"}, "name": "e_{year}_{month}"}, table=operations.root, ahead=0
    )
    session = engine.session()
    running = Background(lambda: operations.apply("drain", {"partitions": [MARCH]}, session=session, switch="wait"))
    engine.wait_for("select bool_or(state = 'waiting') from pgops.operation")
    with pytest.raises(errors.ObjectInUse, match="changes the partitions of"):
        engine.apply(table=operations.root)
    engine.run("select pgops.operation_switch(operation_id) from pgops.operation")
    running.finish()
    engine.apply(table=operations.root)


def test_a_cancelled_session_lets_another_go_on(operations):
    engine = operations.engine
    session = engine.session()
    running = Background(lambda: operations.apply("drain", {"partitions": [MARCH]}, session=session, switch="wait"))
    engine.wait_for("select bool_or(state = 'waiting') from pgops.operation")
    session.cancel()
    with pytest.raises(errors.QueryCanceled):
        running.finish()
    engine.run("select pgops.operation_switch(operation_id) from pgops.operation")
    operations.apply("drain", {"partitions": [MARCH]})
    assert operations.sizes()["March"] == 770
