"""Bounds without an offset are meant in the time zone of the table's policy, as those of the policy are."""

from __future__ import annotations

from itertools import pairwise

import pytest
from psycopg import errors

pytestmark = pytest.mark.long_when_repeated

BERLIN = {"by": {"range": "at", "every": "month"}, "name": "e_{year}_{month}", "ahead": 0, "time_zone": "Europe/Berlin"}


@pytest.fixture
def bounds(operations):
    operations.engine.superuser.execute("set timezone = 'UTC'")
    return lambda: {name: bound for name, (bound, _) in operations.partitions().items()}


@pytest.mark.parametrize(("given", "bound"), [
    (("2024-03-01", "2024-04-01"), "FROM ('2024-02-29 23:00:00+00') TO ('2024-03-31 22:00:00+00')"),
    (("2024-03-31 12:00", "2024-10-27T12:00"), "FROM ('2024-03-31 10:00:00+00') TO ('2024-10-27 11:00:00+00')"),
    (("2024-03-01 00:00+00", "2024-04-01 00:00:00Z"), "FROM ('2024-03-01 00:00:00+00') TO ('2024-04-01 00:00:00+00')"),
    (("2024-03-01", "infinity"), "FROM ('2024-02-29 23:00:00+00') TO ('infinity')"),
    (("2024-05-01", None), "FROM ('2024-04-30 22:00:00+00') TO (MAXVALUE)"),
])  # fmt: skip
@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "UTC"])
def test_a_piece(operations, bounds, given, bound, zone):
    """Whatever time zone the session has."""
    operations.engine.as_owner('drop table app."Feb, 24"')
    operations.engine.set_policy(BERLIN, table=operations.root)
    session = operations.engine.session(options=f"-c timezone={zone}")
    operations.apply("add", {"name": "new", "from": given[0], "to": given[1]}, session=session, lock_budget_ms=900)
    assert bounds()["new"] == f"FOR VALUES {bound}"


def test_without_a_policy_it_is_utc(operations, bounds):
    session = operations.engine.session(options="-c timezone=Asia/Kathmandu")
    operations.apply("add", {"name": "new", "from": "2024-03-01", "to": "2024-04-01"}, session=session)
    assert bounds()["new"] == "FOR VALUES FROM ('2024-03-01 00:00:00+00') TO ('2024-04-01 00:00:00+00')"


def test_what_is_no_time_is_refused(operations):
    operations.engine.set_policy(BERLIN, table=operations.root)
    with pytest.raises(errors.DatabaseError, match="invalid input syntax"):
        operations.apply("add", {"name": "new", "from": "someday", "to": "2024-04-01"})


def test_pieces_of_a_length_follow_the_calendar_over_a_change_of_the_clock(operations, bounds):
    engine = operations.engine
    engine.as_owner('drop table app."Jan, 24", app."Feb, 24"')
    engine.set_policy(BERLIN, table=operations.root)
    operations.apply("add", {"name": "March", "from": "2024-03-01", "to": "2024-04-01"}, lock_budget_ms=900)
    before = operations.rows()
    operations.apply("split", {"partition": "March", "every": "10 days", "name": "e_{month}_{day}"}, lock_budget_ms=900)
    assert operations.rows() == before
    ends = ["2024-02-29 23", "2024-03-10 23", "2024-03-20 23", "2024-03-30 23", "2024-03-31 22"]
    expected = {
        f"e_03_{day}": f"FOR VALUES FROM ('{lower}:00:00+00') TO ('{upper}:00:00+00')"
        for day, lower, upper in zip(("01", "11", "21", "31"), ends, ends[1:], strict=False)
    }
    assert bounds() == expected | {"Rest": "DEFAULT"}
    operations.apply("merge", {"partitions": list(expected), "into": "March"}, lock_budget_ms=900)
    operations.apply("split", {"partition": "March", "every": "week", "name": "e_{year}w{week}"}, lock_budget_ms=900)
    assert bounds()["e_2024w13"] == "FOR VALUES FROM ('2024-03-28 23:00:00+00') TO ('2024-03-31 22:00:00+00')"


@pytest.mark.parametrize(("every", "name", "months"), [
    ("month", "e_{year}_{month}", range(1, 13)),
    ("quarter", "e_{year}_{quarter}", (1, 4, 7, 10)),
    ("year", "e_{year}", (1,)),
])  # fmt: skip
def test_months_quarters_and_years_over_changes_of_the_clock(operations, bounds, every, name, months):
    """Two years: each has a change to summer time and one back."""
    engine = operations.engine
    engine.as_owner('drop table app."Jan, 24", app."Feb, 24"')
    engine.set_policy(BERLIN, table=operations.root)
    operations.apply("add", {"name": "both", "from": "2023-01-01", "to": "2025-01-01"}, lock_budget_ms=900)
    operations.apply("split", {"partition": "both", "every": every, "name": name}, lock_budget_ms=900)
    begins = [f"{year}-{month:02}-01" for year in (2023, 2024) for month in months] + ["2025-01-01"]
    in_utc = dict(
        engine.run("select b, (b::timestamp at time zone 'Europe/Berlin')::text from unnest(%s::text[]) as b", begins)
    )
    ends = [in_utc[begin] for begin in begins]
    assert sorted(bounds().values()) == sorted(
        ["DEFAULT", *(f"FOR VALUES FROM ('{lower}') TO ('{upper}')" for lower, upper in pairwise(ends))]
    )
    hours = {end.partition(" ")[2] for end in ends}
    assert hours == ({"23:00:00+00"} if every == "year" else {"22:00:00+00", "23:00:00+00"})


def test_a_day_that_begins_twice(operations, bounds):
    """In Havana the clock goes back at one o'clock to midnight."""
    engine = operations.engine
    engine.as_owner('drop table app."Jan, 24", app."Feb, 24"')
    engine.set_policy(BERLIN | {"time_zone": "America/Havana"}, table=operations.root)
    operations.apply("add", {"name": "all", "from": "2024-11-02", "to": "2024-11-05"}, lock_budget_ms=900)
    operations.apply("split", {"partition": "all", "every": "day", "name": "e_{month}_{day}"}, lock_budget_ms=900)
    assert bounds() == {
        "e_11_02": "FOR VALUES FROM ('2024-11-02 04:00:00+00') TO ('2024-11-03 04:00:00+00')",
        "e_11_03": "FOR VALUES FROM ('2024-11-03 04:00:00+00') TO ('2024-11-04 05:00:00+00')",
        "e_11_04": "FOR VALUES FROM ('2024-11-04 05:00:00+00') TO ('2024-11-05 05:00:00+00')",
        "Rest": "DEFAULT",
    }


def test_a_level_below_has_the_time_zone_of_its_level(engine):
    engine.run("set timezone = 'UTC'")
    engine.as_owner("create table app.t1 (region text, at timestamptz) partition by list (region)")
    engine.set_policy({
        "by": {"list": "region"}, "partitions": [{"name": "np", "values": ["np"]}],
        "subpartitions": {
            "by": {"range": "at", "every": "month"}, "name": "{parent}_{year}_{month}", "time_zone": "Asia/Kathmandu",
            "ahead": 0, "default": False,
        },
    })  # fmt: skip
    engine.apply(as_of="2024-02-10 00:00+00")
    engine.run(
        'call pgops.operation_apply(\'app.np\', \'add\', \'{"name": "np_2023", "from": "2023-01-01", "to": "2024-01-01"}\')'
    )
    assert engine.tree()["np_2023"] == "FOR VALUES FROM ('2022-12-31 18:15:00+00') TO ('2023-12-31 18:15:00+00')"
