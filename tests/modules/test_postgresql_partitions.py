"""postgresql_partitions with the real engine: its plan shown, applied, mended."""

from __future__ import annotations

import datetime

import pytest

from tests.sql.servers import apply_set

MODULE = "postgresql_partitions"
POLICY = {
    "table": "app.t1",
    "by": {"range": "date", "every": "month"},
    "name": "t1_{year}_{month}",
    "ahead": 2,
    "retention": {"keep": "24 months", "then": "detach"},
}


@pytest.fixture
def database(server, owner):
    template = server.template("pgops", lambda connection: apply_set(connection, "pgops"))
    with server.database(template) as connection:
        connection.execute(
            f"""
            create schema app authorization {owner};
            set role {owner};
            create table app.t1 (id int, date timestamptz not null) partition by range (date);
            reset role
            """
        )
        yield connection


@pytest.fixture
def state(database):
    def read():
        partitions = database.execute(
            "select inhrelid::regclass::text, pg_get_expr(relpartbound, oid) from pg_inherits"
            " join pg_class on oid = inhrelid where inhparent = 'app.t1'::regclass order by 1"
        ).fetchall()
        return partitions, database.execute("select policy from pgops.partition_policy").fetchall()

    return read


def month(offset):
    today = datetime.datetime.now(datetime.UTC)
    number = today.year * 12 + today.month - 1 + offset
    return f"app.t1_{number // 12}_{number % 12 + 1:02}"


def test_pattern(state, pattern, owner, database):
    done = pattern(MODULE, state, policies=[POLICY])
    assert [row[0] for row in state()[0]] == sorted([month(0), month(1), month(2), "app.t1_default"])
    assert done["policies"][0]["change"] == "declared"
    assert [step["operation"] for step in done["policies"][0]["steps"]] == ["create_default", *["create"] * 3]
    assert done["diff"][0]["before"]["policy"] is None
    assert done["diff"][0]["after"]["policy"]["ahead"] == 2
    assert len(done["diff"][0]["after"]["steps"]) == 4
    assert database.execute(
        "select distinct relowner::regrole::text from pg_class where relispartition"
    ).fetchall() == [(owner,)]


def test_altered_policy_shows_both_and_makes_the_missing_partition(modules, state, pattern):
    modules.run(MODULE, policies=[POLICY])
    done = pattern(MODULE, state, policies=[{**POLICY, "ahead": 3, "default": "yes"}])
    assert done["policies"][0]["change"] == "altered"
    assert [step["partition_name"] for step in done["policies"][0]["steps"]] == [month(3)]
    assert done["diff"][0]["before"]["policy"]["ahead"] == 2
    assert done["diff"][0]["after"]["policy"]["ahead"] == 3


def test_dropped_partition_is_mended_with_the_rows_that_came_meanwhile(modules, database, state, pattern):
    modules.run(MODULE, policies=[POLICY])
    database.execute(f"drop table {month(0)}; insert into app.t1 values (1, now())")
    done = pattern(MODULE, state, policies=[POLICY])
    assert done["policies"][0]["change"] == "none"
    assert [(step["operation"], step["row_count"]) for step in done["policies"][0]["steps"]] == [
        ("create_from_default", 1)
    ]
    assert database.execute("select tableoid::regclass::text from app.t1").fetchall() == [(month(0),)]


def test_policy_without_apply_and_removal(modules, state, pattern):
    pattern(MODULE, state, policies=[POLICY], apply=False)
    assert state()[0] == []
    modules.run(MODULE, policies=[POLICY])
    assert modules.run(MODULE, policies=[])["undeclared"] == ["app.t1"]
    partitions = state()[0]
    done = pattern(MODULE, state, policies=[{"table": "app.t1", "state": "absent"}])
    assert done["policies"][0]["change"] == "removed"
    assert state() == (partitions, [])


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ({"ahead": -1}, "table app.t1: the policy is refused"),
        ({"by": {"range": "date", "every": "fortnight"}}, "fortnight"),
        ({"by": {"range": "nothing", "every": "month"}}, "nothing"),
        ({"retention": {"keep": "24 moons", "then": "detach"}}, "24 moons"),
        ({"name": None}, "table app.t1: the policy has no name"),
        ({"table": "t1"}, "accepted is a name with its schema"),
        ({"table": "app.nowhere"}, "table app.nowhere does not exist"),
    ],
)
def test_bad_policy_is_refused_before_any_is_stored(modules, database, state, policy, message):
    database.execute("create table app.good (date date) partition by range (date)")
    before = state()
    good = {**POLICY, "table": "app.good", "name": "good_{year}_{month}"}
    assert message in modules.fails(MODULE, policies=[good, {**POLICY, **policy}])
    assert state() == before


def test_check_mode_before_table_engine_and_database_exist(modules, server):
    other = server.create_database()
    try:
        for options in ({"login_db": "not_there_yet"}, {"login_db": other}, {}):
            promised = modules.run(MODULE, check=True, policies=[{**POLICY, "table": "app.not_yet"}], **options)
            assert promised["policies"][0]["change"] == "declared"
            assert promised["diff"][0]["after"]["policy"]["name"] == "t1_{year}_{month}"
        assert "has no partition engine" in modules.fails(MODULE, login_db=other, policies=[POLICY])
    finally:
        server.drop_database(other)
