"""Operations work for who may become the owner, and for nobody else; nobody gets more than he had."""

from __future__ import annotations

import contextlib
import json

import pytest
from background import Background
from partition_operations import MARCH
from psycopg import errors

ARGUMENTS = json.dumps({"partitions": [MARCH]})
CALLS = {
    "plan": f"select * from pgops.operation_plan('app.\"Event Log\"', 'drain', '{ARGUMENTS}')",
    "apply": f"call pgops.operation_apply('app.\"Event Log\"', 'drain', '{ARGUMENTS}')",
}
CALLS_BY_NUMBER = {
    "resume": "call pgops.operation_resume({})",
    "cancel": "call pgops.operation_cancel({})",
    "switch": "select pgops.operation_switch({})",
}


def abandoned(operations) -> int:
    return operations.engine.value(
        "select pgops.start_operation(%s::regclass, 'drain', %s, '{}')", operations.root, ARGUMENTS
    )


def test_an_operator_who_may_become_the_owner(operations):
    session = operations.engine.session()
    for call in CALLS.values():
        session.execute(call)
    assert operations.sizes()["March"] == 770
    assert session.execute("select current_user, current_setting('role')").fetchone() == ("engine_jobs", "none")
    assert operations.engine.run("select relowner::regrole::text from pg_class where relname in ('March', 'Rest')") == [
        ("engine_owner",), ("engine_owner",),
    ]  # fmt: skip
    assert operations.record()["who"] == "engine_jobs"
    with pytest.raises(errors.InsufficientPrivilege):
        session.execute('select * from app."March"')


@pytest.mark.parametrize("call", [*CALLS, *CALLS_BY_NUMBER])
def test_an_operator_who_may_not(operations, call):
    number = abandoned(operations)
    before = operations.state()
    with pytest.raises(errors.InsufficientPrivilege, match='may not SET ROLE to its owner "engine_owner"'):
        operations.engine.session("engine_operator").execute(CALLS.get(call) or CALLS_BY_NUMBER[call].format(number))
    assert operations.state() == before


@pytest.mark.parametrize("user", ["engine_stranger", "engine_monitor"])
@pytest.mark.parametrize("call", [*CALLS, *CALLS_BY_NUMBER, "reap"])
def test_others(operations, user, call):
    number = abandoned(operations)
    before = operations.state()
    command = CALLS.get(call) or CALLS_BY_NUMBER.get(call, "call pgops.reap_operations()").format(number)
    with pytest.raises(errors.InsufficientPrivilege):
        operations.engine.session(user).execute(command)
    assert operations.state() == before


def test_the_record_is_read_by_monitors_and_written_by_who_may_act(operations):
    number = abandoned(operations)
    assert operations.engine.session("engine_monitor").execute("select count(*) from pgops.operation").fetchone() == (
        1,
    )
    for command in (f"update pgops.operation set phase = 'done' where operation_id = {number}",
            "insert into pgops.operation (relation, relation_name, operation, arguments, options, phase, method, sources, targets,"
            " key_columns) select relation, '', 'x', '{}', '{}', 'clean', 'swap', '[]', '[]', '[]' from pgops.operation"):  # fmt: skip
        session = operations.engine.session("engine_operator")
        with contextlib.suppress(errors.InsufficientPrivilege):
            assert session.execute(command).rowcount == 0
    assert operations.engine.run("select phase from pgops.operation") == [("create",)]


def test_writers_need_no_right_on_what_notes_their_changes(operations):
    """A role that may only write to the table goes on writing to it, and may not touch the log itself."""
    engine = operations.engine
    engine.as_owner('grant select, insert, update, delete on app."Event Log" to engine_stranger')

    session = engine.session()
    running = Background(lambda: operations.apply("drain", {"partitions": [MARCH]}, session=session, switch="wait"))
    engine.wait_for("select bool_or(state = 'waiting') from pgops.operation")
    stranger = engine.session("engine_stranger")
    stranger.execute("insert into app.\"Event Log\" (at) values ('2024-03-03')")
    stranger.execute("update app.\"Event Log\" set at = at + interval '1 hour' where at >= '2024-03-01'")
    number = operations.record()["operation_id"]
    for command in (
        f"insert into app.pgops_operation_{number}_log default values",
        f"select app.pgops_operation_{number}_log()",
    ):
        with pytest.raises(errors.DatabaseError):
            stranger.execute(command)
    before = operations.rows()
    engine.run("select pgops.operation_switch(operation_id) from pgops.operation")
    running.finish()
    assert operations.rows() == before
