"""What stands in pgops.operation is run as the owner of its table: nobody else may write it, and nothing else is touched by it."""

from __future__ import annotations

import contextlib
import json

import psycopg
import pytest
from psycopg import errors
from servers import SQL_SETS, apply_set

OPERATOR = "engine_operator"
TABLE = """
create table app.t (id bigint not null, v text, primary key (id)) partition by range (id);
create table app.p1 partition of app.t for values from (0) to (1000);
create table app.p2 partition of app.t for values from (1000) to (2000);
insert into app.t select i, 'v' || i from generate_series(1, 1999) as i
"""
COLUMNS = "relation_name, operation, arguments, options, phase, method, sources, targets, key_columns, heartbeat_at"
VALUES = """'x', 'split', '{}', '{"lock_budget_ms": 100}', 'follow_up', 'swap', '[]', '[]', '[]', '2000-01-01'"""
PROGRESS = json.dumps({"after_switch": ["reset role; create table app.who as select current_user u, session_user s"]})
SPLIT = {"partition": "p1", "into": [{"name": "a", "from": 0, "to": 500}, {"name": "b", "from": 500, "to": 1000}]}


@pytest.fixture
def table(engine):
    engine.as_owner(TABLE)
    return engine


def plant(session, relation: str) -> None:
    """Write rows by hand for the OIDs that an expression gives, as somebody may who knows the columns of this version or the last."""
    columns = {
        name
        for (name,) in session.execute(
            "select attname::text from pg_attribute where attrelid = 'pgops.operation'::regclass and attnum > 0"
        )
    }
    more = ", relation_number, relation_owner" if "relation_owner" in columns else ""
    values = ", r.oid, coalesce(pg_get_userbyid(c.relowner), current_user)" if more else ""
    session.execute(
        f"insert into pgops.operation (relation, {COLUMNS}{more}) select r.oid::regclass, {VALUES}{values}"
        f" from ({relation}) as r (oid) left join pg_class as c on c.oid = r.oid"
    )
    session.execute("update pgops.operation set progress = %s where relation_name = 'x'", [PROGRESS])


def begin(engine, operation: str, arguments: dict, phases: tuple[str, ...] = (), session=None) -> int:
    """Begin an operation and leave it after some of its phases, as somebody whose session dies."""
    session = session or engine.session()
    number = session.execute(
        "select pgops.start_operation('app.t', %s, %s, '{}')", [operation, json.dumps(arguments)]
    ).fetchone()[0]
    for phase in phases:
        for _ in range(20):
            following, problem = session.execute(
                "select next_phase, problem from pgops.try_operation_step(%s, %s)", [number, phase]
            ).fetchone()
            assert problem is None
            if following != phase:
                break
    session.close()
    return number


def abandon(engine) -> None:
    engine.run("update pgops.operation set heartbeat_at = '2000-01-01'")


def test_a_table_that_does_not_exist_yet_is_nobodys(engine):
    """OIDs ascend: who writes rows for those to come would have commands run as the owner of what comes."""
    engine.run("create table app.next (n int)")
    oid = engine.value("select 'app.next'::regclass::oid::bigint")
    session = engine.session(OPERATOR)
    with contextlib.suppress(errors.InsufficientPrivilege):
        plant(session, f"select o::oid from generate_series({oid + 1}, {oid + 3000}) as o")
    engine.as_owner(TABLE)
    with contextlib.suppress(psycopg.Error):
        engine.session().execute("call pgops.maintain()")
        engine.run("call pgops.maintain()")
    assert engine.value("select to_regclass('app.who') is null")
    # Nor does a row for it keep others from working on it.
    engine.session().execute("call pgops.operation_apply('app.t', 'detach', '{\"partition\": \"p1\"}')")


@pytest.mark.parametrize("relation", ["select 'app.t'::regclass::oid", "select 'pg_temp.mine'::regclass::oid"])
def test_nobody_writes_a_row_for_a_table_that_is_not_his_or_that_anybody_can_make(table, relation):
    session = table.session(OPERATOR)
    session.execute("create temp table mine (n int)")
    with contextlib.suppress(errors.InsufficientPrivilege):
        plant(session, relation)
    with contextlib.suppress(psycopg.Error):
        table.run("call pgops.maintain()")
    assert table.value("select to_regclass('app.who') is null")
    assert table.value("select count(*) from pgops.operation") == 0


def test_a_row_of_a_table_that_is_gone_stays_with_who_could_act_on_it(table):
    number = begin(table, "split", SPLIT, ("create",))
    table.as_owner("drop table app.t")
    operator = table.session(OPERATOR)
    assert operator.execute("update pgops.operation set progress = %s", [PROGRESS]).rowcount == 0
    with pytest.raises(
        errors.InsufficientPrivilege, match='may not SET ROLE to "engine_owner", to whom app.t belonged'
    ):
        operator.execute(f"call pgops.operation_cancel({number})")
    abandon(table)
    operator.execute("call pgops.maintain()")
    assert table.run("select state from pgops.operation") == [("copying",)]
    table.session().execute("call pgops.maintain()")
    assert table.run("select state from pgops.operation") == [("cancelled",)]
    assert table.run("select relname from pg_class where relname like 'pgops\\_operation\\_%%'") == []


def test_a_policy_for_a_table_that_does_not_exist_yet_is_refused(table):
    """A policy of a dropped table is cleared away by anybody, but not changed."""
    table.as_owner("create table app.u (id bigint primary key) partition by range (id)")
    table.set_policy({"by": {"range": "id", "every": 1000}, "name": "p_{from}"}, table="app.u")
    table.as_owner("drop table app.u")
    operator = table.session(OPERATOR)
    assert operator.execute("update pgops.partition_policy set last_error = 'x'").rowcount == 0
    operator.execute("call pgops.maintain()")
    assert table.value("select count(*) from pgops.partition_policy") == 0


def test_a_table_that_was_given_away_is_left_alone_until_it_is_given_back(table):
    """What the former owner has had written would be run as the new one."""
    number = begin(table, "split", SPLIT, ("create", "capture"))
    table.run("create role engine_heir nologin")
    try:
        table.run("alter table app.t owner to engine_heir")
        with pytest.raises(psycopg.Error, match='belonged to "engine_owner".*belongs to "engine_heir" now') as refused:
            table.run(f"call pgops.operation_resume({number})")
        assert "ALTER TABLE app.t OWNER TO engine_owner" in refused.value.diag.message_hint
        # Nobody becomes the one to write it by becoming the new owner.
        table.run("grant engine_heir to engine_operator")
        assert table.session(OPERATOR).execute("update pgops.operation set progress = %s", [PROGRESS]).rowcount == 0
        table.run("alter table app.t owner to engine_owner")
    finally:
        for session in table.sessions:
            session.close()
        table.run("drop owned by engine_heir; drop role engine_heir")
    table.session().execute(f"call pgops.operation_resume({number})")
    assert table.run("select state from pgops.operation") == [("done",)]


def test_an_operation_on_a_table_that_was_given_away_is_ended(table):
    number = begin(table, "split", SPLIT, ("create", "capture"))
    table.run("create role engine_heir nologin")
    try:
        table.run("alter table app.t owner to engine_heir")
        table.run(f"call pgops.operation_cancel({number})")
        assert table.run("select state from pgops.operation") == [("cancelled",)]
        assert table.value("select count(*) from pg_class where relname like 'pgops\\_operation\\_%%'") == 0
        assert table.value("select count(*) from pg_trigger where tgname like 'pgops\\_operation\\_%%'") == 0
        assert table.value("select count(*) from app.t") == 1999
    finally:
        table.run("drop owned by engine_heir cascade; drop role engine_heir")


def test_somebody_elses_row_is_no_conversion_of_a_table(table):
    """A conversion that names a table as the one that it has made is one of that table's owner."""
    table.run("grant create on schema app to engine_operator")
    session = table.session(OPERATOR)
    session.execute("create table app.mine (n int)")
    plant(session, "select 'app.mine'::regclass::oid")
    session.execute(
        "update pgops.operation set phase = 'kept', method = 'convert', targets ="
        " jsonb_build_array(jsonb_build_object('oid', 'app.t'::regclass::oid::bigint, 'name', 'app.t'))"
    )
    table.run("update pgops.operation set operation = 'convert'")
    with pytest.raises(psycopg.Error, match="it has no conversion that is not finished"):
        table.run("call pgops.operation_apply('app.t', 'finish')")


@pytest.fixture
def loaded(table, server):
    """Loads the operations of the engine into another database, as a dump does, where other tables have their OIDs."""
    name = server.create_database()
    with server.connect(name) as connection:
        apply_set(connection, "pgops")
        connection.execute("create schema app authorization engine_owner; grant usage on schema app to public")
        yield connection
    server.drop_database(name)


def load(engine, connection, changes: str = "") -> None:
    """Copy pgops.operation as pg_dump does, after the tables that the test has made there."""
    columns = engine.value(
        "select string_agg(attname, ', ' order by attnum) from pg_attribute"
        " where attrelid = 'pgops.operation'::regclass and attnum > 0 and attgenerated = '' and not attisdropped"
    )
    with (
        engine.superuser.cursor().copy(f"copy pgops.operation ({columns}) to stdout") as source,
        connection.cursor().copy(f"copy pgops.operation ({columns}) from stdin") as target,
    ):
        for block in source:
            target.write(block)
    if changes:
        connection.execute(changes)


def as_owner(connection, command: str) -> None:
    with connection.transaction():
        connection.execute("set local role engine_owner")
        connection.execute(command)


# The OID of the victim is put where a table of the other database had it.
STALE = {
    "old table": (
        "drop", {"partition": "p1", "rows": "discard"}, ("wait", "switch"), "clean",
        "update pgops.operation set sources = jsonb_set(sources, '{0,oid}', to_jsonb('app.victim'::regclass::oid::bigint))",
    ),
    "archive": (
        "archive", {"partition": "p1", "into": "app.archive", "reason": "r"}, ("wait", "switch"), "archive",
        "update pgops.operation set sources = jsonb_set(sources, '{0,oid}', to_jsonb('app.victim'::regclass::oid::bigint))",
    ),
    "new table": (
        "add", {"name": "p3", "from": 2000, "to": 3000}, ("create",), "index",
        "update pgops.operation set targets = jsonb_set(targets, '{0,oid}', to_jsonb('app.victim'::regclass::oid::bigint))",
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", ["resume", "cancel", "maintain"])
@pytest.mark.parametrize("case", STALE)
def test_what_a_dump_has_brought_touches_no_other_table(table, loaded, case, way):
    operation, arguments, phases, phase, changes = STALE[case]
    number = begin(table, operation, arguments, phases)
    assert table.value("select phase from pgops.operation") == phase
    abandon(table)
    loaded.execute("create table public.other_numbers (n int)")
    as_owner(loaded, TABLE)
    as_owner(loaded, "create table app.victim (id bigint, v text); insert into app.victim values (1, 'kept')")
    load(table, loaded, changes)
    with contextlib.suppress(psycopg.Error):
        loaded.execute("call pgops.maintain()" if way == "maintain" else f"call pgops.operation_{way}({number})")
    assert loaded.execute("select * from app.victim").fetchall() == [(1, "kept")]
    assert loaded.execute("select count(*) from app.t").fetchone() == (1999,)
    state = loaded.execute("select state from pgops.operation").fetchone()[0]
    assert state == "cancelled" if way != "resume" else state != "done"


def test_the_same_numbers_by_chance_are_told_by_the_names(table):
    """In a cluster that was made anew in the same way a table may have the number of another by chance."""
    number = begin(table, "drop", {"partition": "p1", "rows": "discard"}, ("wait", "switch"))
    table.as_owner("create table app.victim (id bigint)")
    table.run(STALE["old table"][4])
    table.session().execute(f"call pgops.operation_resume({number})")
    assert table.value("select to_regclass('app.victim') is not null")


def test_the_load_of_a_dump_leaves_nothing_that_taxes_writers(table, loaded):
    """Triggers and tables of an operation come along; they are found by their names."""
    number = begin(table, "split", SPLIT, ("create", "capture"))
    as_owner(loaded, TABLE)
    as_owner(
        loaded,
        f"""
        create table app.pgops_operation_{number}_log (k1 bigint, truncated boolean);
        create function app.pgops_operation_{number}_log() returns trigger language plpgsql as 'begin return null; end';
        create trigger pgops_operation_{number} after insert on app.p1 for each row execute function app.pgops_operation_{number}_log();
        create trigger pgops_operation_{number}7 after insert on app.p1 for each row execute function app.pgops_operation_{number}_log();
        drop trigger pgops_operation_{number}7 on app.p1;
        create table app.pgops_operation_{number}_new_1 (n int);
        create table app.pgops_operation_{number}7_new_1 (n int);
        """,
    )
    load(table, loaded)
    with pytest.raises(psycopg.Error, match=f"operation {number} of app.t was begun in another database"):
        loaded.execute(f"call pgops.operation_resume({number})")
    with pytest.raises(errors.ObjectInUse, match="is not finished"):
        loaded.execute("call pgops.operation_apply('app.t', 'detach', '{\"partition\": \"p1\"}')")
    loaded.execute(f"call pgops.operation_cancel({number})")
    assert loaded.execute("select relname from pg_class where relname like 'pgops\\_operation\\_%%'").fetchall() == [
        (f"pgops_operation_{number}7_new_1",)
    ]
    assert loaded.execute("select count(*) from pg_trigger where tgrelid = 'app.p1'::regclass").fetchone() == (0,)
    loaded.execute("call pgops.operation_apply('app.t', 'detach', '{\"partition\": \"p1\"}')")


def test_rows_of_the_last_version_keep_their_owner(engine, server):
    """Those that somebody has written for a table that was not his do not become its owner's."""
    name = server.create_database()
    try:
        with server.connect(name) as connection:
            apply_set(connection, "pgops")
            connection.execute("create schema app authorization engine_owner")
            as_owner(connection, TABLE)
            connection.execute("alter table pgops.operation disable row level security")
            connection.execute(
                "drop policy operator_adds on pgops.operation; drop policy operator_changes on pgops.operation"
            )
            connection.execute("alter table pgops.operation drop column relation_owner, drop column relation_number")
            for who, partition in (("engine_jobs", "app.p1"), (OPERATOR, "app.p2")):
                oid = connection.execute("select %s::regclass::oid", [partition]).fetchone()[0]
                with server.connect(name, user=who) as session:
                    session.execute(f"insert into pgops.operation (relation, {COLUMNS}) values ({oid}, {VALUES})")
            connection.execute((SQL_SETS / "pgops" / "V036__keep_operations_to_their_owner.sql").read_text())
            assert connection.execute(
                "select who::text, relation_owner::text, relation_number = relation from pgops.operation order by 1"
            ).fetchall() == [("engine_jobs", "engine_owner", True), (OPERATOR, OPERATOR, True)]
    finally:
        server.drop_database(name)


def test_triggers_of_another_operation_are_not_counted(table):
    """Those of operation 57 are none of operation 5."""
    number = begin(table, "split", SPLIT, ("create", "capture", "copy", "settle", "index", "watch"))
    table.as_owner(
        "create function app.other() returns trigger language plpgsql as 'begin return null; end';"
        f"create trigger pgops_operation_{number}7 after insert on app.p1 for each row execute function app.other();"
        f"alter table app.p1 enable always trigger pgops_operation_{number}7"
    )
    with contextlib.suppress(psycopg.Error):
        table.session().execute(f"call pgops.operation_resume({number})")
    assert table.run("select state, error from pgops.operation") == [("done", None)]


def test_not_null_that_nobody_has_looked_at_is_no_key(table):
    table.as_owner(
        """
        create table app.u (id bigint, a bigint) partition by range (id);
        create table app.u1 partition of app.u for values from (0) to (1000);
        insert into app.u values (1, null), (2, null), (3, 3);
        create unique index on app.u (id, a)
        """
    )
    not_valid = "alter table app.u add constraint given not null a not valid, add constraint known not null id"
    if table.value("select current_setting('server_version_num')::int") < 180000:
        with pytest.raises(psycopg.errors.SyntaxError):
            table.as_owner(not_valid)
        return
    table.as_owner(not_valid)
    split = json.dumps({"partition": "u1", "every": 500, "name": "u_{from}"})
    with pytest.raises(psycopg.Error, match="neither a primary key nor a unique index"):
        table.session().execute("select * from pgops.operation_plan('app.u', 'split', %s)", [split])
    table.as_owner("update app.u set a = id; alter table app.u validate constraint given")
    table.session().execute("call pgops.operation_apply('app.u', 'split', %s)", [split])
