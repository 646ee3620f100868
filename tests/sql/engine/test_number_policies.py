"""RANGE by number: cut at multiples, ahead of the highest key."""

from __future__ import annotations

import json

import pytest
from psycopg import errors

THOUSANDS = {"by": {"range": "id", "every": 1000}, "name": "t1_{from}", "ahead": 2}


@pytest.fixture
def table(engine):
    engine.as_owner("create table app.t1 (id bigint primary key, note text) partition by range (id)")
    return engine


def test_ahead_and_behind_count_from_the_highest_key(table):
    table.set_policy(THOUSANDS)
    table.apply()
    assert list(table.tree()) == ["t1_0", "t1_1000", "t1_2000", "t1_default"]
    table.run("insert into app.t1 values (2999)")
    table.set_policy(THOUSANDS, behind=4)
    assert [(step["partition_name"], step["lower_bound"], step["upper_bound"]) for step in table.plan()] == [
        ('app."t1_-2000"', "-2000", "-1000"), ('app."t1_-1000"', "-1000", "0"), ("app.t1_3000", "3000", "4000"),
        ("app.t1_4000", "4000", "5000"),
    ]  # fmt: skip
    table.apply()
    table.run("insert into app.t1 select i from generate_series(-2000, 4999) i where i <> 2999")
    assert set(table.rows_by_partition().values()) == {1000}
    assert table.tree()["t1_-2000"] == "FOR VALUES FROM ('-2000') TO ('-1000')"


def test_rows_of_the_default_partition_get_partitions(table):
    table.set_policy(THOUSANDS)
    table.apply()
    table.run("insert into app.t1 select i, 'n' || i from generate_series(5500, 6499) i")
    before = table.rows()
    steps = [(step["operation"], step["partition_name"], step["row_count"]) for step in table.plan()]
    assert steps == [
        ("create_from_default", "app.t1_5000", 500), ("create_from_default", "app.t1_6000", 500),
        ("create", "app.t1_7000", None), ("create", "app.t1_8000", None),
    ]  # fmt: skip
    table.apply()
    assert table.rows() == before
    assert table.rows_by_partition() == {"t1_5000": 500, "t1_6000": 500}
    assert table.plan() == []
    assert table.events("warning") == []


def test_the_highest_key_is_found_beneath_empty_partitions(table):
    table.set_policy(THOUSANDS, default=False)
    table.apply()
    table.run("insert into app.t1 values (7)")
    assert table.plan() == []
    table.run("insert into app.t1 values (1500)")
    assert table.operations() == [("create", "app.t1_3000")]


@pytest.mark.parametrize(
    ("key_type", "highest", "last", "name"),
    [
        ("smallint", 32767, "FOR VALUES FROM ('32000') TO (MAXVALUE)", "t1_32000"),
        ("int", 2147483647, "FOR VALUES FROM (2147483000) TO (MAXVALUE)", "t1_2147483000"),
        (
            "bigint",
            9223372036854775807,
            "FOR VALUES FROM ('9223372036854775000') TO (MAXVALUE)",
            "t1_9223372036854775000",
        ),
    ],
)
def test_at_the_end_of_the_type_there_is_nothing_beyond(engine, key_type, highest, last, name):
    engine.as_owner(f"create table app.t1 (id {key_type}) partition by range (id)")
    engine.set_policy(THOUSANDS, default=True)
    engine.apply()
    engine.run("insert into app.t1 values (%s - 3), (%s)", highest, highest)
    engine.apply()
    assert engine.tree()[name] == last
    assert engine.rows_by_partition() == {name: 2}
    assert engine.plan() == []


def test_numeric_keys_and_what_is_no_finite_number(engine):
    engine.as_owner("create table app.t1 (id numeric(20,3)) partition by range (id)")
    engine.set_policy(THOUSANDS)
    engine.apply()
    engine.run("insert into app.t1 values (2999.999), (-0.001), ('NaN'), (null), (3000)")
    engine.apply()
    assert engine.tree()["t1_-1000"] == "FOR VALUES FROM ('-1000.000') TO (0.000)"
    assert engine.rows_by_partition() == {"t1_-1000": 1, "t1_2000": 1, "t1_3000": 1, "t1_default": 2}
    assert engine.plan() == []
    assert engine.events("warning")[-1].startswith("2 rows lie in the default partition app.t1_default")


def test_keys_of_many_digits_are_cut_exactly(table):
    """A quotient of numeric has so few digits behind the point here that it is rounded up to the next piece."""
    every = 322
    keys = [4611686018427379539, 4611686018427379539 - 10 * every, -4611686018427379539]
    pieces = {f"t1_{key // every * every}": 1 for key in keys}
    table.set_policy(THOUSANDS, by={"range": "id", "every": every})
    table.apply()
    table.run("insert into app.t1 select unnest(%s::bigint[])", keys)
    table.apply()
    assert table.rows_by_partition() == pieces
    assert table.plan() == []
    table.run("drop table app.t1; create table app.t1 (id bigint primary key)")
    table.run("insert into app.t1 select unnest(%s::bigint[])", keys)
    table.run("call pgops.operation_apply('app.t1', 'convert', %s)",
        json.dumps({"by": {"range": "id", "every": every}, "name": "t1_{from}"}))  # fmt: skip
    assert table.rows_by_partition() == pieces


def test_ensure_makes_what_keys_need(table):
    table.set_policy(THOUSANDS)
    for _ in range(2):
        table.session().execute("call pgops.partition_ensure_numbers('app.t1', 1500, 4000.5)")
    assert list(table.tree()) == ["t1_1000", "t1_2000", "t1_3000", "t1_4000"]
    for arguments in ("5, 5", "6, 5", "null, 5", "1, 'infinity'"):
        with pytest.raises(errors.InvalidParameterValue, match="is no range; accepted: two numbers"):
            table.run(f"call pgops.partition_ensure_numbers('app.t1', {arguments})")
    with pytest.raises(errors.ProgramLimitExceeded, match="more than 1200 partitions of 1000"):
        table.run("call pgops.partition_ensure_numbers('app.t1', 0, 1e9)")
    with pytest.raises(errors.InvalidParameterValue, match=r"policy of app\.t1 is not by time") as refused:
        table.ensure("2026-01-01", "2026-02-01")
    assert "partition_ensure_numbers" in refused.value.diag.message_hint


def test_retention_counts_below_the_highest_key(table):
    table.set_policy(THOUSANDS, ahead=0, retention={"keep": 2500, "then": "drop"})
    table.run("call pgops.partition_ensure_numbers('app.t1', 0, 5000)")
    table.run("insert into app.t1 select i from generate_series(1, 4499) i")
    assert table.operations() == [("create_default", "app.t1_default"), ("drop", "app.t1_0")]
    table.run("insert into app.t1 values (4500)")
    steps = [step for step in table.plan() if step["operation"] == "drop"]
    assert [(step["partition_name"], step["upper_bound"]) for step in steps] == [
        ("app.t1_0", "1000"), ("app.t1_1000", "2000"),
    ]  # fmt: skip
    assert steps[0]["description"] == "drop app.t1_0, all of it more than 2500 below the highest key"
    table.apply()
    assert list(table.tree()) == ["t1_2000", "t1_3000", "t1_4000", "t1_default"]


def test_another_size_goes_on_where_the_partitions_end(table):
    table.set_policy(THOUSANDS)
    table.apply()
    table.run("insert into app.t1 values (2500)")
    table.set_policy(THOUSANDS, by={"range": "id", "every": 2000}, name="big_{from}_{to}", ahead=1)
    assert table.operations() == [("create", "app.big_2000_4000"), ("create", "app.big_4000_6000")]
    assert table.plan()[0]["description"] == (
        "make app.big_2000_4000 for id from 3000 up to 4000, the rest beside app.t1_2000 (from 2000 up to 3000)"
    )
    table.apply()
    assert table.plan() == []


def test_rows_hidden_from_the_owner_are_an_error(table):
    table.set_policy(THOUSANDS)
    table.apply()
    table.as_owner("alter table app.t1_0 enable row level security; alter table app.t1_0 force row level security")
    with pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
        table.plan()


def test_nobody_gets_more_than_he_has(table):
    table.set_policy(THOUSANDS)
    call = "call pgops.partition_ensure_numbers('app.t1', 0, 1)"
    for role, message in (
        ("engine_operator", 'may not SET ROLE to its owner "engine_owner"'),
        ("engine_monitor", "permission denied for procedure"),
        ("engine_stranger", "permission denied for schema pgops"),
    ):
        session = table.session(role)
        for question in (call, "select pgops.highest_key('app.t1')"):
            with pytest.raises(errors.InsufficientPrivilege) as refused:
                session.execute(question)
            assert message in str(refused.value) or "permission denied for function" in str(refused.value)
    jobs = table.session()
    jobs.execute(call)
    with pytest.raises(errors.InsufficientPrivilege):
        jobs.execute("select * from app.t1")
    assert list(table.tree()) == ["t1_0"]


def test_an_empty_table_set_up_twice(engine):
    engine.as_owner("create table app.t1 (id int) partition by range (id)")
    for _ in range(2):
        engine.set_policy(THOUSANDS)
        engine.session().execute("call pgops.maintain()")
    assert list(engine.tree()) == ["t1_0", "t1_1000", "t1_2000", "t1_default"]
    assert len(engine.events()) == 4
