"""RANGE with given bounds: pieces of any length, open at the ends, of any type that can be sorted."""

from __future__ import annotations

import pytest
from psycopg import errors

EVENTS = {
    "by": {"range": "date"},
    "partitions": [
        {"name": "t1_old", "to": "2024-01-01"},
        {"name": "t1_january", "from": "2024-01-01", "to": "2024-02-01"},
        {"name": "t1_february", "from": "2024-02-01", "to": "2024-03-01"},
    ],
}


def test_partitions_of_the_bounds_are_made_in_their_order(engine):
    engine.table("date")
    engine.set_policy(EVENTS, partitions=EVENTS["partitions"][::-1])
    assert [(step["partition_name"], step["lower_bound"], step["upper_bound"]) for step in engine.plan()[1:]] == [
        ("app.t1_old", "MINVALUE", "2024-01-01"),
        ("app.t1_january", "2024-01-01", "2024-02-01"),
        ("app.t1_february", "2024-02-01", "2024-03-01"),
    ]
    engine.apply()
    engine.run(
        "insert into app.t1 values ('0044-03-15 BC', 1), ('2024-01-31', 2), ('2024-02-29', 3), ('2024-03-01', 4)"
    )
    assert engine.rows_by_partition() == {"t1_old": 1, "t1_january": 1, "t1_february": 1, "t1_default": 1}
    assert engine.plan() == []


def test_rows_of_the_default_partition_move(engine):
    engine.as_owner("create table app.t1 (date date, id int) partition by range (date)")
    engine.set_policy(EVENTS, partitions=EVENTS["partitions"][:1])
    engine.apply()
    engine.run(
        "insert into app.t1 select date '2024-01-01' + i, i from generate_series(0, 69) i union all select null, -1"
        " union all select 'infinity', -2 union all select '-infinity', -3"
    )
    before = engine.rows()
    engine.set_policy(EVENTS)
    assert [(step["operation"], step["row_count"]) for step in engine.plan()] == [
        ("create_from_default", 31), ("create_from_default", 29),
    ]  # fmt: skip
    engine.apply()
    assert engine.rows() == before
    assert engine.rows_by_partition() == {"t1_old": 1, "t1_january": 31, "t1_february": 29, "t1_default": 12}
    assert engine.plan() == []


@pytest.mark.parametrize("session_zone", ["Pacific/Kiritimati", "America/Adak"])
def test_days_begin_in_the_time_zone_of_the_policy(engine, session_zone):
    """Midnights that do not exist, that exist twice, and times with an offset of their own."""
    engine.table()
    engine.run(f"set timezone = '{session_zone}'")
    engine.set_policy({
        "by": {"range": "date"}, "time_zone": "America/Havana", "default": False,
        "partitions": [
            {"name": "a", "from": "2024-03-10", "to": "2024-03-11"},
            {"name": "b", "from": "2024-11-03", "to": "2024-11-03 12:00"},
            {"name": "c", "from": "2024-11-03 12:00:00", "to": "2024-11-04 00:00+03"},
            {"name": "d", "from": "2025-01-01", "to": "infinity"},
        ],
    })  # fmt: skip
    engine.apply()
    engine.run("set timezone = 'UTC'")
    assert engine.tree() == {
        "a": "FOR VALUES FROM ('2024-03-10 05:00:00+00') TO ('2024-03-11 04:00:00+00')",
        "b": "FOR VALUES FROM ('2024-11-03 04:00:00+00') TO ('2024-11-03 17:00:00+00')",
        "c": "FOR VALUES FROM ('2024-11-03 17:00:00+00') TO ('2024-11-03 21:00:00+00')",
        "d": "FOR VALUES FROM ('2025-01-01 05:00:00+00') TO ('infinity')",
    }
    assert engine.plan() == []


@pytest.mark.parametrize(
    ("column_type", "partitions", "bounds"),
    [
        ("text", [{"name": "a", "to": "MINVALUE"}, {"name": "b", "from": "MINVALUE", "to": "it's"}],
            ["FOR VALUES FROM (MINVALUE) TO ('MINVALUE')", "FOR VALUES FROM ('MINVALUE') TO ('it''s')"]),
        ("numeric(6,1)", [{"name": "a", "from": -1.25, "to": 0.5}], ["FOR VALUES FROM ('-1.3') TO (0.5)"]),
        ("int", [{"name": "a", "from": -5, "to": 5}], ["FOR VALUES FROM ('-5') TO (5)"]),
        ("timestamp", [{"name": "a", "from": "-infinity", "to": "2024-02-29 23:59:59.999999"}],
            ["FOR VALUES FROM ('-infinity') TO ('2024-02-29 23:59:59.999999')"]),
        ("inet", [{"name": "a", "from": "10.0.0.0", "to": "10.1.0.0"}], ["FOR VALUES FROM ('10.0.0.0') TO ('10.1.0.0')"]),
        ("interval", [{"name": "a", "from": "-1 day", "to": "1 mon -3 days"}],
            ["FOR VALUES FROM ('-1 days') TO ('1 mon -3 days')"]),
    ],
)  # fmt: skip
def test_types_are_read_and_compared_as_what_they_are(engine, column_type, partitions, bounds):
    engine.as_owner(f"create table app.t1 (date {column_type}) partition by range (date)")
    engine.set_policy({"by": {"range": "date"}, "partitions": partitions, "default": False})
    engine.run("set intervalstyle = 'sql_standard'")
    engine.apply()
    engine.run("set intervalstyle = 'postgres'")
    assert list(engine.tree().values()) == bounds
    assert engine.plan() == []


def test_what_is_there_already_is_respected(engine):
    engine.table("date")
    engine.as_owner(
        "create table app.by_hand partition of app.t1 for values from ('2024-01-01') to ('2024-02-01');"
        "create table app.week partition of app.t1 for values from ('2024-02-10') to ('2024-02-17')"
    )
    engine.set_policy(EVENTS)
    old, february = engine.plan()[1:]
    assert (old["operation"], february["operation"]) == ("create", "blocked")
    assert february["description"] == (
        "cannot make app.t1_february for date from 2024-02-01 up to 2024-03-01: parts of it belong to app.week (from"
        " 2024-02-10 up to 2024-02-17) and leave gaps from 2024-02-01 up to 2024-02-10, from 2024-02-17 up to 2024-03-01;"
        " make partitions for the gaps by hand"
    )
    engine.apply()
    assert set(engine.tree()) == {"by_hand", "t1_default", "t1_old", "week"}


def test_a_split_partition_blocks_the_one_that_it_was(engine):
    engine.table("date")
    engine.set_policy(EVENTS)
    engine.apply()
    engine.as_owner(
        "drop table app.t1_february;"
        "create table app.w1 partition of app.t1 for values from ('2024-02-01') to ('2024-02-15');"
        "create table app.w2 partition of app.t1 for values from ('2024-02-15') to ('2024-03-01')"
    )
    (step,) = engine.plan()
    assert (step["operation"], step["lock_level"]) == ("blocked", "none")
    assert "its rows belong to app.w1 (from 2024-02-01 up to 2024-02-15) and another partition" in step["description"]


@pytest.mark.parametrize(
    ("key_type", "from_", "keep", "gone"),
    [("date", ["2024-01-01", "2024-02-01", "2024-03-01"], "1 month", ["a"]), ("int", [0, 100, 200], 100, ["a"])],
)
def test_retention(engine, key_type, from_, keep, gone):
    engine.as_owner(f"create table app.t1 (date {key_type}) partition by range (date)")
    pieces = [{"name": name, "from": from_[i], "to": from_[i + 1]} for i, name in enumerate("ab")]
    engine.set_policy({"by": {"range": "date"}, "partitions": pieces, "retention": {"keep": keep, "then": "detach"}})
    engine.apply("2024-01-15")
    engine.run(f"insert into app.t1 values ('{from_[1]}'), ('{from_[2]}')")
    engine.apply("2024-03-15")
    assert set(engine.tree()) == {"a", "b", "t1_default"} - set(gone)
    # What retention took is not made again.
    assert engine.operations(as_of="2024-03-15") == []


def test_retention_that_keeps_does_nothing(engine):
    engine.table("date")
    engine.set_policy(EVENTS, retention={"keep": "1 day", "then": "keep"})
    engine.apply("2036-01-01")
    assert set(engine.tree()) == {"t1_old", "t1_january", "t1_february", "t1_default"}


def test_an_empty_bound_made_of_one_moment_is_refused(engine):
    """Midnight of a day that Samoa left out is midnight of the next."""
    engine.table()
    with pytest.raises(errors.InvalidParameterValue, match='"from" before "to"'):
        engine.set_policy({
            "by": {"range": "date"}, "time_zone": "Pacific/Apia",
            "partitions": [{"name": "a", "from": "2011-12-30", "to": "2011-12-31"}],
        })  # fmt: skip
