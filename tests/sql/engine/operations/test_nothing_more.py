"""What operations make is nobody's but the owner's, and what cannot be done is refused before a partition leaves its table."""

from __future__ import annotations

import json
import time

import psycopg
import pytest
from background import Background

STRANGER = "engine_stranger"
TABLE = """
create table app.t (id bigint not null, v text, primary key (id)) partition by range (id);
create table app.p1 partition of app.t for values from (0) to (1000);
create table app.p2 partition of app.t for values from (1000) to (2000);
insert into app.t select i, 'secret ' || i from generate_series(1, 1999) as i
"""


@pytest.fixture
def table(engine):
    engine.as_owner(TABLE)
    engine.configure(operation_lock_budget=800, lock_tries=100)
    return engine


def apply(engine, operation, arguments, **options):
    engine.session().execute(
        "call pgops.operation_apply('app.t', %s, %s, %s)", [operation, json.dumps(arguments), json.dumps(options)]
    )


def plan(engine, operation, arguments):
    return (
        engine.session()
        .execute("select * from pgops.operation_plan('app.t', %s, %s)", [operation, json.dumps(arguments)])
        .fetchall()
    )


def readable(engine):
    """Tables of the schema that the stranger may read something of."""
    return [
        name
        for (name,) in engine.run(
            "select relname::text from pg_class where relnamespace = 'app'::regnamespace and relkind in ('r', 'p')"
            " and has_any_column_privilege(%s, oid, 'SELECT') order by 1", STRANGER,
        )
    ]  # fmt: skip


def test_default_privileges_give_nobody_the_rows(table):
    table.as_owner(f"alter default privileges for role engine_owner in schema app grant all on tables to {STRANGER}")
    try:
        pieces = [{"name": "a", "from": 0, "to": 500}, {"name": "b", "from": 500, "to": 1000}]
        running = Background(lambda: apply(table, "split", {"partition": "p1", "into": pieces}, switch="wait"))
        wait_until(lambda: state(table) == "waiting")
        made = [
            name for (name,) in table.run("select relname::text from pg_class where relname like 'pgops%%operation%%'")
        ]
        assert any(name.endswith("route") for name in made) and any(name.endswith("log") for name in made)
        assert readable(table) == []
        table.session().execute("select pgops.operation_switch(%s)", [last(table)])
        running.finish()
        assert readable(table) == []
        apply(table, "archive", {"partition": "p2", "into": "app.archive", "reason": "old"})
        assert readable(table) == []
        assert table.value("select count(*) from app.archive") == 1000
    finally:
        table.as_owner(
            f"alter default privileges for role engine_owner in schema app revoke all on tables from {STRANGER}"
        )


def test_default_privileges_give_nobody_what_is_added_and_drained(table):
    table.as_owner(
        "create table app.rest partition of app.t default; insert into app.t select i, 's' from generate_series(2000, 2999) i"
    )
    table.as_owner(f"alter default privileges for role engine_owner in schema app grant all on tables to {STRANGER}")
    try:
        apply(table, "add", {"name": "far", "from": 5000, "to": 6000})
        assert readable(table) == []
        for number, operation in enumerate(["add", "drain"]):
            piece = {"name": f"p{3 + number}", "from": 2000 + 500 * number, "to": 2500 + 500 * number}
            arguments = piece if operation == "add" else {"partitions": [piece]}
            running = Background(lambda o=operation, a=arguments: apply(table, o, a, switch="wait"))
            wait_until(lambda: state(table) == "waiting")
            assert readable(table) == []
            table.session().execute("select pgops.operation_switch(%s)", [last(table)])
            running.finish()
            assert readable(table) == []
            assert table.value(f"select count(*) from app.{piece['name']}") == 500
    finally:
        table.as_owner(
            f"alter default privileges for role engine_owner in schema app revoke all on tables from {STRANGER}"
        )


def state(engine):
    rows = engine.run("select state from pgops.operation order by operation_id desc limit 1")
    return rows[0][0] if rows else None


def last(engine):
    return engine.value("select max(operation_id) from pgops.operation")


def made_for_operations(engine):
    return engine.run(
        "select relname::text from pg_class where relname like 'pgops\\_operation%%' and relkind in ('r', 'p')"
        " and relnamespace = 'app'::regnamespace union all select proname from pg_proc where proname like 'pgops\\_operation\\__\\_%%'"
    )


def test_a_table_that_is_dropped_while_a_split_waits_leaves_nothing(table):
    pieces = [{"name": "a", "from": 0, "to": 500}, {"name": "b", "from": 500, "to": 1000}]
    running = Background(lambda: apply(table, "split", {"partition": "p1", "into": pieces}, switch="wait"))
    wait_until(lambda: state(table) == "waiting")
    number = table.value("select max(operation_id) from pgops.operation")
    table.as_owner("drop table app.t")
    with pytest.raises(psycopg.Error, match=f"the table app.t of operation {number} is gone"):
        running.finish()
    assert made_for_operations(table)
    with pytest.raises(psycopg.Error, match=rf"is gone[\s\S]*CALL pgops.operation_cancel\({number}\)"):
        table.session().execute(f"call pgops.operation_resume({number})")
    table.session().execute(f"call pgops.operation_cancel({number})")
    assert state(table) == "cancelled"
    assert made_for_operations(table) == []


def test_a_table_that_is_dropped_in_the_middle_of_a_step_is_named(table):
    """The step has its snapshot, in which the table is still there, and waits for the operation's row."""
    pieces = [{"name": "a", "from": 0, "to": 500}, {"name": "b", "from": 500, "to": 1000}]
    running = Background(lambda: apply(table, "split", {"partition": "p1", "into": pieces}, switch="wait"))
    wait_until(lambda: state(table) == "waiting")
    number = last(table)
    with table.superuser.transaction():
        table.run("select 1 from pgops.operation for update")
        wait_until(lambda: table.run("select 1 from pg_locks where not granted"))
        table.as_owner("drop table app.t")
    with pytest.raises(psycopg.Error, match=f"^the table app.t of operation {number} is gone"):
        running.finish()
    assert "app.t" in table.value("select error from pgops.operation")
    table.session().execute(f"call pgops.operation_cancel({number})")
    assert made_for_operations(table) == []


def test_what_a_dropped_table_has_left_is_cleared_by_the_maintenance(table):
    pieces = [{"name": "a", "from": 0, "to": 500}, {"name": "b", "from": 500, "to": 1000}]
    running = Background(lambda: apply(table, "split", {"partition": "p1", "into": pieces}, switch="wait"))
    wait_until(lambda: state(table) == "waiting")
    table.as_owner("drop table app.t")
    with pytest.raises(psycopg.Error, match="is gone"):
        running.finish()
    table.run("update pgops.operation set heartbeat_at = clock_timestamp() - interval '1 day'")
    table.session().execute("call pgops.maintain()")
    assert state(table) == "cancelled"
    assert made_for_operations(table) == []


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("split", {"partition": "p1", "every": 500, "name": "p_{from}"}),
        ("merge", {"partitions": ["p1", "p2"], "into": "p"}),
        ("archive", {"partition": "p1", "into": "app.kept"}),
    ],
    ids=["split", "merge", "archive"],
)
def test_rights_that_the_owner_has_taken_from_himself_are_named(table, operation, arguments):
    table.as_owner("revoke all on app.p1 from engine_owner")
    with pytest.raises(psycopg.Error, match=r"GRANT SELECT, UPDATE, TRIGGER ON app\.p1 TO engine_owner"):
        plan(table, operation, arguments)
    table.as_owner("grant select, update, trigger on app.p1 to engine_owner")
    apply(table, operation, arguments)
    assert state(table) == "done"


@pytest.mark.parametrize("column", ["who", "started_at", "operation", "arguments", "relation", "relation_name"])
def test_nobody_changes_who_did_what(table, column):
    apply(table, "detach", {"partition": "p2"})
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        table.session().execute(f"update pgops.operation set {column} = {column}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        table.session().execute("delete from pgops.operation")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        table.session().execute("insert into pgops.operation (who) values ('somebody')")


def wait_until(condition):
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it does not come")


ARCHIVES = {
    "a column of its own name": ("alter table app.t add column archived_at int", "app.archive", "has a column archived_at"),
    "a long name": ("", "app." + "a" * 70, "63 bytes"),
    "a schema without rights": ("create schema other", "other.archive", "may not make a table in schema other"),
    "a type": ("create type app.archive as enum ('a')", "app.archive", "there is a type of that name"),
    "of somebody else": (
        "create table app.archive (id bigint, v text, archived_at timestamptz, archive_reason text)",
        "app.archive", "may not read, insert into and delete from",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ARCHIVES)
def test_an_archive_that_cannot_be_is_refused_by_the_plan(table, case):
    command, into, words = ARCHIVES[case]
    if command:
        table.run(command)
    try:
        for way in (plan, apply):
            with pytest.raises(psycopg.errors.InvalidParameterValue, match=words):
                way(table, "archive", {"partition": "p1", "into": into, "reason": "old"})
        assert table.value("select count(*) from app.t") == 1999
        assert table.value("select count(*) from pgops.operation") == 0
    finally:
        table.run("drop schema if exists other cascade")


LIKE = "create table app.archive (id bigint, v text, archived_at timestamptz, archive_reason text)"
REFUSING = {
    "check": (f"{LIKE}; alter table app.archive add check (v <> 'secret 7')", 'violates check constraint "archive_v_check"'),
    "not null": (f"{LIKE}; alter table app.archive add column more int not null", 'null value in column "more"'),
    "unique": (f"{LIKE}; alter table app.archive add unique (archive_reason)", "duplicate key value"),
    "trigger": (
        f"{LIKE}; create trigger none before insert on app.archive for each row execute function app.none()",
        "does not keep the rows",
    ),
    "rule": (f"{LIKE}; create rule none as on insert to app.archive do instead nothing", "does not keep the rows"),
    "no partition": (f"{LIKE.replace('text)', 'text) partition by range (id)')}", "no partition of relation"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSING)
def test_an_archive_that_does_not_take_the_rows_is_found_before_they_leave(table, case):
    command, words = REFUSING[case]
    table.as_owner("create function app.none() returns trigger language plpgsql as 'begin return null; end'")
    table.as_owner(command)
    with pytest.raises(psycopg.errors.RaiseException, match=words):
        apply(table, "archive", {"partition": "p1", "into": "app.archive", "reason": "old"})
    assert table.value("select count(*) from app.t") == 1999
    assert table.value("select count(*) from app.archive") == 0
    table.session().execute("call pgops.operation_cancel(%s)", [last(table)])
    assert table.value("select state from pgops.operation order by operation_id desc limit 1") == "cancelled"


def test_an_archive_that_fails_later_can_be_given_up(table):
    """The last row is refused: after the partition was taken out, and after others were copied."""
    table.as_owner('create table app."P 3" partition of app.t for values from (2000) to (6000)')
    table.as_owner("insert into app.t select i, 'more' from generate_series(2000, 5999) as i")
    table.as_owner(f"{LIKE}; alter table app.archive add constraint last check (id <> 5999)")
    with pytest.raises(psycopg.errors.RaiseException, match="violates check constraint") as refused:
        apply(table, "archive", {"partition": "P 3", "into": "app.archive", "reason": "old"}, batch_blocks=1)
    assert "is no partition any more" in refused.value.diag.message_hint
    assert table.value("select count(*) from app.t") == 1999
    assert table.value("select count(*) from app.archive") > 0
    table.session().execute("call pgops.operation_cancel(%s)", [last(table)])
    assert table.value("select count(*) from app.archive") == 0
    assert table.value('select count(*) from app."P 3"') == 4000
    table.as_owner('alter table app.t attach partition app."P 3" for values from (2000) to (6000)')
    # Nothing of it stands in the way of the next.
    table.as_owner("alter table app.archive drop constraint last")
    apply(table, "archive", {"partition": "P 3", "into": "app.archive", "reason": "old"})
    assert table.value("select count(*) from app.archive") == 4000


@pytest.mark.parametrize("operation", ["archive", "detach", "drop"])
def test_rows_that_others_refer_to_are_named_before(table, operation):
    table.as_owner(
        "create table app.c (a bigint, constraint to_t foreign key (a) references app.t); insert into app.c values (5)"
    )
    arguments = {
        "archive": {"partition": "p1", "into": "app.archive", "reason": "old"},
        "detach": {"partition": "p1"},
        "drop": {"partition": "p1", "rows": "discard"},
    }[operation]
    for way in (plan, apply):
        with pytest.raises(
            psycopg.errors.InvalidParameterValue, match='rows of app.c refer to its rows by foreign key "to_t"'
        ):
            way(table, operation, arguments)
    assert table.value("select count(*) from pgops.operation") == 0
    # Those of another partition are not concerned.
    apply(table, operation, {**arguments, "partition": "p2"})
    assert table.value("select count(*) from app.t") == 999


def test_indexes_of_a_partition_with_a_long_name_keep_theirs(engine):
    name = "d" * 63
    engine.as_owner(
        f"""
        create table app.t (id bigint primary key, v text) partition by range (id);
        create table app."{name}" partition of app.t default;
        create index on app.t (v);
        insert into app.t select i, 's' from generate_series(1, 3000) as i
        """
    )
    before = indexes(engine, name)
    apply(engine, "drain", {"partitions": [{"name": "y1", "from": 0, "to": 1000}]})
    assert indexes(engine, name) == before


def indexes(engine, table):
    return engine.run(
        "select indexrelid::regclass::text from pg_index where indrelid = format('app.%%I', %s::text)::regclass order by 1",
        table,
    )
