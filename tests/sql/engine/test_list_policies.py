"""LIST: partitions by the values that a policy gives, NULL among them."""

from __future__ import annotations

import pytest
from psycopg import errors

REGIONS = {
    "by": {"list": "region"},
    "partitions": [
        {"name": "t1_europe", "values": ["eu", "it's"]},
        {"name": "t1_america", "values": ["us"]},
        {"name": "t1_nowhere", "values": [None]},
    ],
}


@pytest.fixture
def table(engine):
    engine.as_owner(
        "create table app.t1 (id int, region text, note text) partition by list (region);create index on app.t1 (id)"
    )
    return engine


def test_partitions_of_the_values_are_made_and_rows_find_them(table):
    table.set_policy(REGIONS)
    table.run("set datestyle = 'German'")
    plan = table.plan()
    assert [(step["operation"], step["partition_name"], step["bound"]) for step in plan] == [
        ("create_default", "app.t1_default", "DEFAULT"),
        ("create", "app.t1_europe", "FOR VALUES IN ('eu', 'it''s')"),
        ("create", "app.t1_america", "FOR VALUES IN ('us')"),
        ("create", "app.t1_nowhere", "FOR VALUES IN (NULL)"),
    ]
    assert [(step["lower_bound"], step["upper_bound"], step["parent_name"]) for step in plan] == [
        (None, None, "app.t1")
    ] * 4
    table.apply()
    assert table.tree() == {step["partition_name"].removeprefix("app."): step["bound"] for step in plan}
    table.run("insert into app.t1 values (1, 'eu'), (2, 'it''s'), (3, 'us'), (4, null), (5, 'asia')")
    assert table.rows_by_partition() == {"t1_europe": 2, "t1_america": 1, "t1_nowhere": 1, "t1_default": 1}
    assert table.plan() == []
    table.apply()
    assert table.events("error") == []


def test_without_default_and_null_rows_are_refused_by_the_server(table):
    table.set_policy(REGIONS, partitions=REGIONS["partitions"][:1], default=False)
    table.apply()
    for value in ("null", "'us'"):
        with pytest.raises(errors.CheckViolation, match="no partition"):
            table.run(f"insert into app.t1 values (1, {value})")


def test_rows_of_the_default_partition_move_null_too(table):
    table.set_policy(REGIONS, partitions=REGIONS["partitions"][:1])
    table.apply()
    table.run(
        "insert into app.t1 select i, (array['us', null, 'asia'])[i % 3 + 1], 'n' || i from generate_series(1, 60) i"
    )
    before = table.rows()
    table.set_policy(REGIONS)
    assert [(step["operation"], step["row_count"]) for step in table.plan()] == [("create_from_default", 20)] * 2
    table.apply()
    assert table.rows() == before
    assert table.rows_by_partition() == {"t1_america": 20, "t1_nowhere": 20, "t1_default": 20}
    assert table.plan() == []
    (warning,) = table.events("warning")
    assert warning == "20 rows lie in the default partition app.t1_default, from asia to asia"


def test_values_that_look_like_something_else_move_too(table):
    odd = ["\\", "'", "NULL", "a, b", "') or true --"]
    table.set_policy({"by": {"list": "region"}, "partitions": [{"name": "none", "values": ["none"]}]})
    table.apply()
    for value in odd:
        table.run("insert into app.t1 values (1, %s)", value)
    table.set_policy({"by": {"list": "region"}, "partitions": [{"name": "odd", "values": odd}]})
    assert [step["row_count"] for step in table.plan()] == [len(odd)]
    table.apply()
    assert table.rows_by_partition() == {"odd": len(odd)}
    assert table.plan() == []


def test_partitions_made_by_hand_count_by_their_values(table):
    table.as_owner(
        "create table app.hers partition of app.t1 for values in ('it''s', 'eu');"
        "create table app.other partition of app.t1 for values in ('zz')"
    )
    table.set_policy(REGIONS, default=False)
    table.apply()
    assert set(table.tree()) == {"hers", "other", "t1_america", "t1_nowhere"}
    assert table.plan() == []


def test_a_value_that_another_partition_has_is_not_moved_silently(table):
    table.set_policy(REGIONS)
    table.apply()
    table.run("insert into app.t1 values (1, 'us'), (2, null)")
    table.set_policy(REGIONS, partitions=[
        {"name": "t1_europe", "values": ["eu", "it's", "us"]},
        {"name": "t1_america", "values": [None, "ca"]},
        {"name": "t1_asia", "values": ["asia"]},
    ])  # fmt: skip
    steps = {step["partition_name"]: step for step in table.plan()}
    assert {name: step["operation"] for name, step in steps.items()} == {
        "app.t1_europe": "blocked", "app.t1_america": "blocked", "app.t1_asia": "create",
    }  # fmt: skip
    assert steps["app.t1_europe"]["description"] == (
        "cannot make app.t1_europe for region in ('eu', 'it''s', 'us'): its values are taken: 'eu', 'it''s' by app.t1_europe"
        " (in ('eu', 'it''s')), 'us' by app.t1_america (in ('us')); the operations add, split and merge of"
        " pgops.operation_apply() move values between partitions"
    )
    assert "NULL by app.t1_nowhere (in (NULL))" in steps["app.t1_america"]["description"]
    table.apply()
    assert table.rows_by_partition() == {"t1_america": 1, "t1_nowhere": 1}
    assert "t1_asia" in table.tree()
    assert len(table.events("warning")) == 2
    assert table.value("select missing_partitions from pgops.partition_status") == 2


def test_a_value_left_out_of_the_policy_stays_where_it_is(table):
    table.set_policy(REGIONS)
    table.apply()
    table.set_policy(REGIONS, partitions=REGIONS["partitions"][1:])
    assert table.plan() == []
    table.apply()
    assert "t1_europe" in table.tree()


@pytest.mark.parametrize(
    ("column_type", "values", "expected"),
    [
        ("int", [1, -5, None], ["FOR VALUES IN (NULL, '-5', 1)", "FOR VALUES IN ('-5', 1, NULL)"]),
        ("numeric(6,2)", [1.005, "2"], ["FOR VALUES IN (1.01, 2.00)"]),
        ("boolean", [True], ["FOR VALUES IN (true)"]),
        ("date", ["2024-02-29", "infinity"], ["FOR VALUES IN ('2024-02-29', 'infinity')"]),
        ("timestamptz", ["2024-02-29 12:00", "2024-03-01"], [
            "FOR VALUES IN ('2024-02-29 12:00:00+00', '2024-03-01 00:00:00+00')"]),
        ("varchar(8)", ["a'b", "NULL", "MINVALUE", ""], ["FOR VALUES IN ('', 'MINVALUE', 'NULL', 'a''b')"]),
        ('app."Mood"', ["sad", "it's"], ["FOR VALUES IN ('sad', 'it''s')"]),
        ("app.positive", [2, 1], ["FOR VALUES IN ('1', '2')"]),
        ("uuid", ["A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"], ["FOR VALUES IN ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')"]),
    ],
)  # fmt: skip
def test_types_are_read_and_compared_as_what_they_are(engine, column_type, values, expected):
    engine.as_owner(
        "create type app.\"Mood\" as enum ('sad', 'it''s', 'happy'); create domain app.positive as int check (value > 0);"
        f'create table app.t1 ("Key %I" {column_type}) partition by list ("Key %I")'
    )
    policy = {"by": {"list": "Key %I"}, "partitions": [{"name": "It's", "values": values}]}
    engine.run("revoke usage on schema app from public")
    session, table = engine.session(), str(engine.value("select 'app.t1'::regclass::oid"))
    engine.set_policy(policy, table=table, session=session)
    engine.apply(table=table, session=session)
    assert engine.tree()["It's"] in expected
    assert engine.plan() == []
    assert engine.value("select missing_partitions from pgops.partition_status") == 0


def test_quoted_names_and_names_of_63_bytes(engine):
    name = "é" * 31 + "x"
    engine.as_owner('create table app."T 1" ("Re%gion" text) partition by list ("Re%gion")')
    engine.set_policy(
        {"by": {"list": "Re%gion"}, "partitions": [{"name": name, "values": ["a"]}, {"name": 'Q"%I', "values": ["%L"]}],
         "default": "The Rest"},
        table='app."T 1"',
    )  # fmt: skip
    engine.apply(table='app."T 1"')
    engine.run("""insert into app."T 1" values (null), ('a'), ('%L')""")
    assert engine.rows_by_partition('app."T 1"') == {"The Rest": 1, name: 1, 'Q"%I': 1}
    assert engine.plan(table='app."T 1"') == []
