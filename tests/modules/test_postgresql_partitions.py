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
        ({"by": None}, "table app.t1: the policy has no by"),
        ({"by": {"range": "date"}}, "table app.t1: the policy has no by.every"),
        ({"by": {"list": "date"}, "name": None}, "table app.t1: the policy has no partitions"),
        ({"by": {"range": "date", "list": "date"}}, 'accepted: one of "range", "list" and "hash"'),
        ({"by": {"hash": "id", "modulus": 2}, "name": "a_{remainder}"}, 'unknown key "ahead"'),
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


STRATEGIES = {
    "list": (
        "create table app.t2 (region text, id int) partition by list (region)",
        {"by": {"list": "region"}, "partitions": [{"name": "t2_eu", "values": ["eu", None]}, {"name": "t2_7", "values": [7]}]},
        {"t2_eu": "FOR VALUES IN ('eu', NULL)", "t2_7": "FOR VALUES IN ('7')", "t2_default": "DEFAULT"},
    ),
    "hash": (
        "create table app.t2 (region text, id int) partition by hash (id)",
        {"by": {"hash": "id", "modulus": 2}, "name": "t2_{remainder}"},
        {f"t2_{number}": f"FOR VALUES WITH (modulus 2, remainder {number})" for number in (0, 1)},
    ),
    "number": (
        "create table app.t2 (region text, id int) partition by range (id)",
        {"by": {"range": "id", "every": 1000}, "name": "t2_{from}", "ahead": 1, "default": "no",
         "retention": {"keep": 5000, "then": "drop"}},
        {"t2_0": "FOR VALUES FROM (0) TO (1000)", "t2_1000": "FOR VALUES FROM (1000) TO (2000)"},
    ),
    "bounds": (
        "create table app.t2 (date date, id int) partition by range (date)",
        {"by": {"range": "date"}, "default": False, "indexes": [{"columns": ["id"], "unique": True}],
         "partitions": [{"name": "t2_a", "to": "2024-01-01"}, {"name": "t2_b", "from": "2024-01-01", "to": None}]},
        {"t2_a": "FOR VALUES FROM (MINVALUE) TO ('2024-01-01')", "t2_b": "FOR VALUES FROM ('2024-01-01') TO (MAXVALUE)"},
    ),
    "nested": (
        "create table app.t2 (region text, id int) partition by list (region)",
        {"by": {"list": "region"}, "default": False, "partitions": [{"name": "t2_eu", "values": ["eu"]}],
         "subpartitions": {"by": {"hash": "id", "modulus": 2}, "name": "{parent}_{remainder}", "default": None}},
        {"t2_eu": "FOR VALUES IN ('eu')", **{f"t2_eu_{number}": f"FOR VALUES WITH (modulus 2, remainder {number})"
            for number in (0, 1)}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_is_shown_and_done(modules, database, pattern, owner, strategy):
    definition, policy, tree = STRATEGIES[strategy]
    database.execute(f"set role {owner}; {definition}; reset role")

    def state():
        return dict(
            database.execute(
                "select c.relname, pg_get_expr(c.relpartbound, c.oid) from pg_partition_tree('app.t2') t"
                " join pg_class c on c.oid = t.relid where t.level > 0"
            ).fetchall()
        ), database.execute("select policy from pgops.partition_policy").fetchall()

    done = pattern(MODULE, state, policies=[{"table": "app.t2", **policy}])
    assert state()[0] == tree
    (shown,) = done["policies"]
    assert {step["parent_name"] for step in shown["steps"]} == {"app.t2"}
    assert len(done["diff"][0]["after"]["steps"]) == len(shown["steps"])
    leaf = max(tree)
    database.execute(f"drop table app.{leaf}")
    mended = pattern(MODULE, state, policies=[{"table": "app.t2", **policy}])
    assert [step["partition_name"] for step in mended["policies"][0]["steps"]] == [f"app.{leaf}"]
    assert state()[0] == tree


def test_a_value_that_would_move_is_a_warning_and_no_change(modules, database, owner):
    definition, policy, _ = STRATEGIES["list"]
    database.execute(f"set role {owner}; {definition}; reset role")
    modules.run(MODULE, policies=[{"table": "app.t2", **policy}])
    moved = {**policy, "partitions": [{"name": "t2_eu", "values": ["eu", None, 7]}]}
    modules.run(MODULE, policies=[{"table": "app.t2", **moved}])
    again = modules.run(MODULE, policies=[{"table": "app.t2", **moved}])
    assert again["changed"] is False
    ((step,),) = [entry["steps"] for entry in again["policies"]]
    assert step["operation"] == "blocked"
    assert any("its values are taken: '7' by app.t2_7" in warning for warning in again["warnings"])


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
