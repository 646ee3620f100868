"""HASH: every remainder of the modulus, and care where partitions of another modulus are."""

from __future__ import annotations

import pytest
from psycopg import errors

FOUR = {"by": {"hash": "id", "modulus": 4}, "name": "t1_p{remainder}"}


@pytest.fixture
def table(engine):
    engine.as_owner("create table app.t1 (id int, country text) partition by hash (id)")
    return engine


def test_all_remainders_are_made_and_all_rows_find_a_place(table):
    table.set_policy(FOUR)
    assert [(step["operation"], step["bound"]) for step in table.plan()] == [
        ("create", f"FOR VALUES WITH (modulus 4, remainder {remainder})") for remainder in range(4)
    ]
    table.apply()
    assert list(table.tree()) == ["t1_p0", "t1_p1", "t1_p2", "t1_p3"]
    table.run("insert into app.t1 select i, 'de' from generate_series(1, 200) i union all select null, 'fr'")
    assert sum(table.rows_by_partition().values()) == 201
    assert table.plan() == []
    assert table.run("select strategy, missing_partitions, default_partition, default_has_rows from pgops.partition_status"
        ) == [("hash", 0, None, None)]  # fmt: skip


def test_a_missing_remainder_is_made_so_that_its_rows_are_taken_again(table):
    table.set_policy(FOUR)
    table.apply()
    table.as_owner("drop table app.t1_p2")
    assert table.value("select missing_partitions from pgops.partition_status") == 1
    with pytest.raises(errors.CheckViolation):
        table.run("insert into app.t1 select i from generate_series(1, 100) i")
    assert table.operations() == [("create", "app.t1_p2")]
    table.apply()
    table.run("insert into app.t1 select i from generate_series(1, 100) i")


@pytest.mark.parametrize("modulus", [2, 3, 8])
def test_another_modulus_is_blocked_where_rows_have_their_place(table, modulus):
    table.set_policy(FOUR)
    table.apply()
    table.run("insert into app.t1 select i, 'de' from generate_series(1, 200) i")
    before = table.rows_by_partition()
    table.set_policy(FOUR, by={"hash": "id", "modulus": modulus}, name="other_{remainder}")
    plan = table.plan()
    assert [step["operation"] for step in plan] == ["blocked"] * modulus
    assert "its rows belong to app.t1_p" in plan[1]["description"]
    assert "the operation convert of pgops.operation_apply() changes the modulus" in plan[1]["description"]
    table.apply()
    assert table.rows_by_partition() == before
    assert len(table.events("warning")) == modulus


def test_remainders_that_nobody_has_are_made_beside_another_modulus(table):
    """Two of modulus 4 by hand: of modulus 8 fit those that share no row with them."""
    table.as_owner(
        "create table app.a partition of app.t1 for values with (modulus 4, remainder 0);"
        "create table app.b partition of app.t1 for values with (modulus 4, remainder 1)"
    )
    table.set_policy(FOUR, by={"hash": "id", "modulus": 8}, name="t1_p{remainder}")
    table.apply()
    assert set(table.tree()) == {"a", "b", "t1_p2", "t1_p3", "t1_p6", "t1_p7"}
    table.run("insert into app.t1 select i from generate_series(1, 500) i")
    assert {step["partition_name"] for step in table.plan() if step["operation"] == "blocked"} == {
        "app.t1_p0", "app.t1_p1", "app.t1_p4", "app.t1_p5",
    }  # fmt: skip


def test_a_modulus_that_does_not_go_with_the_others_is_blocked(table):
    table.as_owner("create table app.a partition of app.t1 for values with (modulus 6, remainder 1)")
    table.set_policy(FOUR)
    assert table.operations() == [
        ("blocked", "app.t1_p0"), ("blocked", "app.t1_p1"), ("blocked", "app.t1_p2"), ("blocked", "app.t1_p3"),
    ]  # fmt: skip
    reasons = [step["description"].partition(": ")[2] for step in table.plan()]
    assert reasons[0] == (
        "its modulus does not go with app.a (modulus 6, remainder 1): one of two must be a multiple of the other"
    )
    assert reasons[1].startswith("its rows belong to app.a (modulus 6, remainder 1)")


def test_partitions_of_the_same_bounds_count_whatever_their_names(table):
    table.as_owner("create table app.mine partition of app.t1 for values with (modulus 4, remainder 3)")
    table.set_policy(FOUR)
    table.apply()
    assert set(table.tree()) == {"mine", "t1_p0", "t1_p1", "t1_p2"}


def test_any_type_and_a_name_of_63_bytes(engine):
    engine.as_owner(
        "create type app.pair as (a int, b text); create table app.t1 (id app.pair, n int) partition by hash (id)"
    )
    engine.set_policy(FOUR, by={"hash": "id", "modulus": 2}, name="x" * 62 + "{remainder}")
    engine.apply()
    assert list(engine.tree()) == ["x" * 62 + "0", "x" * 62 + "1"]
