"""Rows at the ends of a key's type and rows without a key go where the server has them."""

from __future__ import annotations

import pytest
from partition_operations import Operations
from psycopg import errors

pytestmark = pytest.mark.long_when_repeated

# Some value, the bounds of the partition that is there, another value, and what lies at the ends of the type.
TYPES = {
    "timestamptz": ("2023-07-01", "2024-01-01", "2024-02-01", "2024-07-01", "-infinity", ["infinity"]),
    "timestamp": ("2023-07-01", "2024-01-01", "2024-02-01", "2024-07-01", "-infinity", ["infinity"]),
    "date": ("2023-07-01", "2024-01-01", "2024-02-01", "2024-07-01", "-infinity", ["infinity"]),
    "numeric": ("-7.5", "0", "10", "20", "-Infinity", ["Infinity", "NaN"]),
    "float8": ("-7.5", "0", "10", "20", "-Infinity", ["Infinity", "NaN"]),
}


@pytest.mark.parametrize(
    ("key_type", "values"),
    [
        pytest.param(*case, id=case[0], marks=[] if case[0] in ("timestamptz", "numeric") else pytest.mark.long)
        for case in TYPES.items()
    ],
)
def test_rows_at_the_ends_of_the_type(engine, key_type, values):
    below, start, end, above, lowest, highest = values
    engine.run("set datestyle = 'ISO'")
    engine.as_owner(
        f"create table app.ends (k {key_type} not null, id integer, note text, primary key (id, k)) partition by range (k);"
        f"create table app.middle partition of app.ends for values from ('{start}') to ('{end}');"
        "create table app.rest partition of app.ends default"
    )
    operations = Operations(engine, "app.ends")
    for number, value in enumerate((below, start, above, lowest, *highest)):
        engine.run(f"insert into app.ends select '{value}', {number} * 100 + i, 'n' from generate_series(1, 50) as i")

    def change_and_switch(operation: str, arguments: dict) -> dict[str, set[str]]:
        """Values by the partition that their rows lie in."""
        running = operations.begin(operation, arguments)
        # Rows that change meanwhile are found again by such a key, too.
        engine.run("update app.ends set note = %s where id %% 10 = 1", operation)
        engine.run("delete from app.ends where id = (select min(id) from app.ends where k = %s)", lowest)
        for value in (lowest, *highest):
            engine.run("insert into app.ends select %s, max(id) + 1, 'new' from app.ends", value)
        before = operations.rows()
        operations.switch(running)
        assert (operations.rows(), operations.left_over()) == (before, [])
        found: dict[str, set[str]] = {}
        for partition, value in engine.run("select distinct tableoid::regclass::text, k::text from app.ends"):
            found.setdefault(partition.removeprefix("app."), set()).add(value)
        return found

    def shown(*texts: str) -> set:
        return {value for (value,) in engine.run(f"select unnest(%s::{key_type}[])::text", list(texts))}

    drained = change_and_switch("drain", {"partitions": [{"name": "low", "to": start}, {"name": "high", "from": end}]})
    assert drained == {"low": shown(below, lowest), "middle": shown(start), "high": shown(above, *highest)}
    top = highest[0]
    halves = [{"name": "high", "from": end, "to": top}, {"name": "top", "from": top}]
    split = change_and_switch("split", {"partition": "high", "into": halves})
    assert split == drained | {"high": shown(above), "top": shown(*highest)}
    # What lies at the very end remains for the default partition.
    split = change_and_switch("split", {"partition": "low", "into": [{"name": "low", "from": below, "to": start}]})
    assert split == drained | {"low": shown(below), "high": shown(above), "top": shown(*highest), "rest": shown(lowest)}
    merged = change_and_switch("merge", {"partitions": ["high", "top"], "into": "high"})
    del split["top"]
    assert merged == split | {"high": drained["high"]}


def test_a_policy_leaves_rows_without_a_finite_key_where_they_are(operations):
    engine = operations.engine
    engine.run(
        "insert into app.\"Event Log\" (at, \"No,te\") values ('infinity', 'never'), ('-infinity', 'always'), ('infinity', 'x')"
    )
    engine.set_policy(
        {"by": {"range": "at", "every": "month"}, "name": "e_{year}_{month}"}, table=operations.root, ahead=0
    )
    running = operations.begin("drain", {})
    engine.run("update app.\"Event Log\" set \"No,te\" = 'then' where at = 'infinity'")
    before = operations.rows()
    operations.switch(running)
    assert operations.rows() == before
    assert engine.run('select at::text, "No,te" from app."Rest" order by 1, 2') == [
        ("-infinity", "always"), ("infinity", "then"), ("infinity", "then")
    ]  # fmt: skip


A, AB, NULLS = {"a": "in ('A', 'a')"}, {"ab": "in ('A', 'B', null)"}, {"name": "nulls", "values": [None]}
# How the table is partitioned, the operation, where rows without a key are then.
WITHOUT_KEY = {
    "drain a list": ("list (k)", A, "drain", {"partitions": [NULLS]}, "nulls"),
    "drain a list, with others": ("list (k)", A, "drain", {"partitions": [NULLS | {"values": ["c", None]}]}, "nulls"),
    "drain a list of others": ("list (k)", A, "drain", {"partitions": [{"name": "c", "values": ["c"]}]}, "rest"),
    "add to a list": ("list (k)", A, "add", NULLS, "nulls"),
    "split a list": ("list (upper(k))", AB, "split", {"partition": "ab", "into": [NULLS, {"name": "ab", "values": ["A", "B"]}]}, "nulls"),
    "drain a range": ("range (k)", {"a": "from ('a') to ('b')"}, "drain",
        {"partitions": [{"name": "b", "from": "b", "to": "c"}, {"name": "z", "from": "c"}]}, "rest"),
    "split a remainder": ("hash (upper(k))", {"h": "with (modulus 1, remainder 0)"}, "split",
        {"partition": "h", "into": [{"name": f"h{n}", "modulus": 2, "remainder": n} for n in (0, 1)]}, "h0"),
}  # fmt: skip


def plant(engine, key: str, partitions: dict[str, str]) -> Operations:
    """Such a table has no primary key: each partition has a unique index of its own, by which rows are found again."""
    engine.as_owner(f"create table app.n (id integer not null, k text, note text) partition by {key}")
    for name, bound in partitions.items():
        engine.as_owner(f"create table app.{name} partition of app.n for values {bound}")
    if "hash" not in key:
        engine.as_owner("create table app.rest partition of app.n default")
    for name in engine.tree("app.n"):
        engine.as_owner(f"create unique index on app.{name} (id)")
    engine.run(
        "insert into app.n select i, (array['a', 'b', 'c', null])[1 + i % 4], 'n' from generate_series(1, 400) as i"
    )
    return Operations(engine, "app.n")


@pytest.mark.parametrize(
    ("key", "partitions", "operation", "arguments", "place"), WITHOUT_KEY.values(), ids=WITHOUT_KEY
)
def test_rows_without_a_key(engine, key, partitions, operation, arguments, place):
    operations = plant(engine, key, partitions)
    running = operations.begin(operation, arguments)
    # Rows lose their key and get one while they are copied, and without one are changed and deleted.
    engine.run("update app.n set k = null where id % 20 = 1; update app.n set k = 'b' where id % 20 = 3 and k is null")
    engine.run(
        "update app.n set note = 'new' where k is null and id % 3 = 1; delete from app.n where k is null and id % 7 = 1"
    )
    engine.run("insert into app.n values (1000, null, 'new')")
    before = engine.rows("app.n")
    operations.switch(running)
    assert (engine.rows("app.n"), operations.left_over()) == (before, [])
    assert engine.run("select distinct tableoid::regclass::text from app.n where k is null") == [(f"app.{place}",)]


@pytest.mark.parametrize(
    ("key", "operation", "arguments"),
    [
        ("list (k)", "merge", {"partitions": ["ab", "c"], "into": "x"}),
        ("list (upper(k))", "split", {"partition": "ab", "into": [{"name": "a", "values": ["A"]}]}),
    ],
    ids=["merge", "split, the rest into the default"],
)
def test_rows_without_a_key_in_two_partitions_are_not_found_again(engine, key, operation, arguments):
    operations = plant(engine, key, AB | {"c": "in ('C')"})
    before = operations.state()
    with pytest.raises(errors.ObjectNotInPrerequisiteState, match="neither a primary key nor a unique index"):
        operations.apply(operation, arguments)
    assert operations.state() == before
