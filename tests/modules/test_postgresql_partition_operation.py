"""postgresql_partition_operation with the real engine: planned, run, found done, taken up again, taken back, refused."""

from __future__ import annotations

import pytest

from tests.modules.harness import VOLATILE, without
from tests.sql.servers import apply_set

MODULE = "postgresql_partition_operation"
INFO = "postgresql_partition_operation_info"
TABLE = "app.Event Log"
FEBRUARY, MARCH = "logs 2024-02", "logs 2024-03"
HALVES = {
    "table": TABLE,
    "operation": "split",
    "arguments": {
        "partition": FEBRUARY,
        "into": [
            {"name": "logs 2024-02a", "from": "2024-02-01", "to": "2024-02-15"},
            {"name": "logs 2024-02b", "from": "2024-02-15", "to": "2024-03-01"},
        ],
    },
}
# What a run knows and check mode cannot.
MEASURED = (*VOLATILE, "reason", "record")


@pytest.fixture
def database(server, owner):
    template = server.template("pgops", lambda connection: apply_set(connection, "pgops"))
    with server.database(template) as connection:
        connection.execute(
            f"""
            create schema app authorization {owner};
            set role {owner};
            create table app."Event Log" (id int, at date not null, note text, primary key (id, at)) partition by range (at);
            create table app."{FEBRUARY}" partition of app."Event Log" for values from ('2024-02-01') to ('2024-03-01');
            create table app."{MARCH}" partition of app."Event Log" for values from ('2024-03-01') to ('2024-04-01');
            create table app."logs rest" partition of app."Event Log" default;
            insert into app."Event Log" select n, date '2024-02-01' + n % 80, 'x' from generate_series(1, 1000) n;
            reset role
            """
        )
        yield connection


@pytest.fixture
def state(database):
    """Partitions, rows by partition, and operations that were begun."""

    def read():
        partitions = database.execute(
            "select relname, pg_get_expr(relpartbound, oid) from pg_class join pg_inherits on inhrelid = oid"
            """ where inhparent = 'app."Event Log"'::regclass and relkind = 'r' order by 1"""
        ).fetchall()
        rows = database.execute(
            """select tableoid::regclass::text, count(*), sum(id) from app."Event Log" group by 1 order by 1"""
        ).fetchall()
        operations = database.execute("select operation, state from pgops.operation order by operation_id").fetchall()
        others = database.execute(
            "select relname from pg_class where relnamespace = 'app'::regnamespace and not relispartition and relkind = 'r'"
            " order by 1"
        ).fetchall()
        return partitions, rows, operations, others

    return read


def names(state):
    return [name for name, _bound in state()[0]]


def run_by_the_pattern(modules, state, **options):
    """Check mode tells the truth and changes nothing; the run does it; a second run finds nothing to do, and says why."""
    before = state()
    promised = modules.run(MODULE, check=True, **options)
    assert promised["changed"]
    assert state() == before, "check mode changed the database"
    done = modules.run(MODULE, **options)
    assert without(done, MEASURED) == without(promised, MEASURED), "check mode said something else than the run did"
    after = state()
    assert after != before
    for check in (True, False):
        again = modules.run(MODULE, check=check, **options)
        assert not again["changed"], again
        assert again["reason"]
        assert (again["diff"], again["queries"], again["plan"]) == ([], [], [])
    assert state() == after
    return done


def count(state):
    return sum(rows for _partition, rows, _sum in state()[1])


def test_split_by_the_pattern(modules, state):
    rows = count(state)
    done = run_by_the_pattern(modules, state, **HALVES)
    assert names(state) == ["logs 2024-02a", "logs 2024-02b", MARCH, "logs rest"]
    assert count(state) == rows
    (difference,) = done["diff"]
    assert f'app."{FEBRUARY}"' in difference["before"]
    assert difference["after"]['app."logs 2024-02b"'] == "for values from ('2024-02-15') to ('2024-03-01')"
    assert [step["action"] for step in done["plan"]].count("copy") == 1
    assert sum(step["row_count"] for step in done["plan"] if step["action"] == "copy") == 376
    assert done["record"]["state"] == "done"
    assert done["record"]["row_count"] == done["record"]["copied_rows"] == 376
    assert done["record"]["lock_held_ms"] > 0
    assert "done, 376 rows" in done["reason"]


@pytest.mark.parametrize(
    ("operation", "arguments", "left"),
    [
        ("add", {"name": "april", "from": "2024-04-01", "to": "2024-05-01"}, ["april", FEBRUARY, MARCH, "logs rest"]),
        ("split", {"partition": MARCH, "every": "10 days", "name": "{from}"},
            ["2024-03-01", "2024-03-11", "2024-03-21", "2024-03-31", FEBRUARY, "logs rest"]),
        ("merge", {"partitions": [FEBRUARY, MARCH], "into": "both"}, ["both", "logs rest"]),
        ("drain", {"partitions": [{"name": "april", "from": "2024-04-01", "to": "2024-05-01"}]},
            ["april", FEBRUARY, MARCH, "logs rest"]),
        ("detach", {"partition": FEBRUARY}, [MARCH, "logs rest"]),
        ("archive", {"partition": FEBRUARY, "into": "app.old", "reason": "over"}, [MARCH, "logs rest"]),
        ("drop", {"partition": FEBRUARY, "rows": "discard"}, [MARCH, "logs rest"]),
    ],
)  # fmt: skip
def test_every_operation_by_the_pattern(modules, state, operation, arguments, left):
    done = run_by_the_pattern(modules, state, table=TABLE, operation=operation, arguments=arguments)
    assert names(state) == left
    assert done["record"]["operation"] == operation


@pytest.mark.parametrize(
    ("operation", "arguments", "reason"),
    [
        ("split", HALVES["arguments"], "with these bounds already"),
        ("detach", {"partition": "kept"}, "a table of its own already"),
        ("drop", {"partition": "app.never"}, "there is no app.never"),
        ("resume", {}, "no operation is under way"),
        ("cancel", {}, "no operation is under way"),
    ],
)
def test_what_others_have_made_so_is_left_alone(modules, database, state, operation, arguments, reason):
    database.execute(
        f"""
        create table app.kept ();
        drop table app."{FEBRUARY}";
        create table app."logs 2024-02a" partition of app."Event Log" for values from ('2024-02-01') to ('2024-02-15');
        create table app."logs 2024-02b" partition of app."Event Log" for values from ('2024-02-15') to ('2024-03-01')
        """
    )
    before = state()
    for check in (True, False):
        found = modules.run(MODULE, check=check, table=TABLE, operation=operation, arguments=arguments)
        assert not found["changed"]
        assert reason in found["reason"]
    assert state() == before


def test_what_was_damaged_afterwards_is_done_again(modules, database, state):
    add = {"table": TABLE, "operation": "add", "arguments": {"name": "may", "from": "2024-05-01", "to": "2024-06-01"}}
    modules.run(MODULE, **add)
    database.execute("drop table app.may")
    assert modules.run(MODULE, **add)["changed"]
    assert "may" in names(state)


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("detach", {"partition": FEBRUARY}),
        ("archive", {"partition": FEBRUARY, "into": "app.old"}),
        ("drop", {"partition": FEBRUARY, "rows": "discard"}),
    ],
)
def test_a_partition_that_has_come_to_the_name_of_one_that_left_leaves_too(
    modules, database, owner, state, operation, arguments
):
    leave = {"table": TABLE, "operation": operation, "arguments": arguments}
    run_by_the_pattern(modules, state, **leave)
    database.execute(
        f"""
        set role {owner};
        alter table if exists app."{FEBRUARY}" rename to first;
        create table app."{FEBRUARY}" partition of app."Event Log" for values from ('2024-02-01') to ('2024-03-01');
        insert into app."Event Log" values (1, '2024-02-02', 'again');
        reset role
        """
    )
    done = run_by_the_pattern(modules, state, **leave)
    assert done["record"]["operation_id"] == 2
    assert names(state) == [MARCH, "logs rest"]
    if operation == "archive":
        assert database.execute("select count(*), count(distinct archived_at) from app.old").fetchone() == (377, 2)


def test_drain_by_policy_is_asked_of_the_rows_that_are_there(modules, database, state):
    database.execute(
        """select pgops.set_partition_policy('app."Event Log"',
            '{"by": {"range": "at", "every": "month"}, "name": "m_{year}_{month}", "ahead": 0, "default": "logs rest"}')"""
    )
    drain = {"table": TABLE, "operation": "drain"}
    run_by_the_pattern(modules, state, **drain)
    assert "m_2024_04" in names(state)
    database.execute("""insert into app."Event Log" values (5000, '2024-07-01', 'late')""")
    assert modules.run(MODULE, **drain)["changed"]
    assert "m_2024_07" in names(state)


def test_begun_elsewhere_resumed_here_and_told(modules, state):
    begun = modules.run(MODULE, run=False, **HALVES)
    assert begun["changed"]
    assert begun["diff"] == []
    assert begun["record"]["state"] == "planned"
    assert names(state) == [FEBRUARY, MARCH, "logs rest"]
    assert not modules.run(MODULE, run=False, **HALVES)["changed"]
    look = modules.run(INFO, table=TABLE)
    assert look["record"]["is_run"] is False
    assert "nobody runs it at the moment" in look["words"]
    promised = modules.run(MODULE, check=True, table=TABLE, operation="resume")
    done = modules.run(MODULE, table=TABLE, operation="resume")
    assert promised["diff"] == done["diff"]
    assert names(state)[:2] == ["logs 2024-02a", "logs 2024-02b"]
    assert modules.run(INFO, table=TABLE)["words"] == done["reason"]
    assert modules.run(INFO, table=TABLE, operation_id=begun["record"]["operation_id"])["record"]["state"] == "done"
    assert not modules.run(MODULE, **HALVES)["changed"]


def test_conversion_taken_back_done_again_and_finished(modules, database, owner):
    database.execute(
        f"""
        set role {owner};
        create table app.plain (id int, at date, note text, primary key (id, at));
        insert into app.plain select n, date '2024-02-01' + n % 80, 'x' from generate_series(1, 500) n;
        reset role
        """
    )
    policy = {"by": {"range": "at", "every": "month"}, "name": "plain_{year}_{month}", "ahead": 0}
    convert = {"table": "app.plain", "operation": "convert", "arguments": policy}

    def run(**options):
        promised = modules.run(MODULE, check=True, **options)
        done = modules.run(MODULE, **options)
        assert promised["changed"]
        assert (promised["diff"], promised["queries"]) == (done["diff"], done["queries"])
        for check in (True, False):
            again = modules.run(MODULE, check=check, **options)
            assert not again["changed"], again
            assert again["reason"]
        return done

    def rows():
        return database.execute("select count(*), sum(id) from app.plain").fetchone()

    def kind():
        return database.execute("select relkind::text from pg_class where oid = 'app.plain'::regclass").fetchone()[0]

    assert "no conversion" in modules.fails(MODULE, check=True, table="app.plain", operation="undo")
    before = rows()
    done = run(**convert)
    assert (kind(), done["record"]["state"]) == ("p", "kept")
    assert done["diff"][0]["before"] == {"partitioned by": None}
    assert done["diff"][0]["after"] == {"partitioned by": "RANGE (at)"}
    assert "kept in step" in done["reason"]
    database.execute("insert into app.plain values (501, '2024-02-02', 'since')")
    assert run(table="app.plain", operation="undo")["diff"][0]["after"] == {"partitioned by": None}
    assert (kind(), rows()) == ("r", (before[0] + 1, before[1] + 501))
    run(**convert)
    assert run(table="app.plain", operation="finish", arguments={"drop_old": True})["diff"] == []
    assert (kind(), rows()[0]) == ("p", before[0] + 1)
    assert not modules.run(MODULE, **convert)["changed"]


def test_an_unfinished_operation_keeps_others_away_and_can_be_taken_back(modules, state):
    before = state()[:2]
    modules.run(MODULE, run=False, **HALVES)
    message = modules.fails(MODULE, table=TABLE, operation="detach", arguments={"partition": MARCH})
    assert "another operation of this table is not finished" in message
    assert "Operation resume goes on with it, cancel takes it back" in message
    cancelled = modules.run(MODULE, table=TABLE, operation="cancel")
    assert cancelled["record"]["state"] == "cancelled"
    assert state()[:2] == before
    assert modules.run(MODULE, **HALVES)["changed"]


def test_an_operation_that_others_stopped_goes_on(modules, server, database, state):
    database.execute("update pgops.configuration set value = 2 where name = 'lock_tries'")
    with server.connect(database.info.dbname, autocommit=False) as other:
        other.execute(f'lock table app."{FEBRUARY}" in share mode')
        message = modules.fails(MODULE, **HALVES)
    assert "split of app.Event Log" in message
    assert "Run the same again to go on" in message
    assert names(state) == [FEBRUARY, MARCH, "logs rest"]
    promised = modules.run(MODULE, check=True, **HALVES)
    assert "goes on with operation" in promised["reason"]
    done = modules.run(MODULE, **HALVES)
    assert done["diff"] == promised["diff"]
    # A busy computer may miss its own locks once more.
    assert done["record"]["tries"] >= 2
    assert names(state) == ["logs 2024-02a", "logs 2024-02b", MARCH, "logs rest"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"table": "event_log"}, "table is 'event_log'; accepted: a name with its schema"),
        ({"table": "app.nowhere"}, "table app.nowhere does not exist"),
        ({"arguments": {"partition": "nothing", "every": "week", "name": "x"}}, 'has no partition "nothing"'),
        ({"arguments": {"partition": FEBRUARY, "each": "week"}}, 'arguments of split have "each"'),
        ({"arguments": {"partition": FEBRUARY, "into": [{"name": "a", "from": "2024-01-01", "to": "2024-03-01"}]}},
            "not within"),
        ({"lock_budget_ms": 0}, 'option "lock_budget_ms" is 0'),
        ({"operation": "drop", "arguments": {"partition": FEBRUARY}}, '"rows": "discard" drops them'),
        ({"operation": "cancel"}, "operation cancel takes no arguments"),
    ],
)  # fmt: skip
def test_refusals_say_what_is_accepted(modules, state, options, message):
    before = state()
    for check in (True, False):
        if not (check and options.get("table") == "app.nowhere"):
            assert message in modules.fails(MODULE, check=check, **{**HALVES, **options})
    assert state() == before


def test_check_mode_before_table_engine_and_database_exist(modules, server):
    other = server.create_database()
    try:
        for options in ({"login_db": "not_there_yet"}, {"login_db": other}, {"table": "app.not_yet"}):
            promised = modules.run(MODULE, check=True, **{**HALVES, **options})
            assert promised["changed"]
            assert promised["plan"] == []
        assert "has no partition engine" in modules.fails(MODULE, login_db=other, **HALVES)
        assert modules.run(INFO, check=True, login_db=other, table=TABLE)["record"] == {}
        assert "has no partition engine" in modules.fails(INFO, login_db=other, table=TABLE)
        assert "table app.not_yet does not exist" in modules.fails(INFO, table="app.not_yet")
        assert "there is no operation 7" in modules.fails(INFO, table=TABLE, operation_id=7)
    finally:
        server.drop_database(other)
