"""Shapes, weeks and quarters: bounds that follow one another without a gap."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pgops.lab import scenarios
from pgops.lab.seed import LARGEST_SCALE
from pgops.lab.shapes import EVENTS, SALES, SHAPES, month

DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))


@given(st.integers(1900, 2200), st.integers(1, 12))
def test_a_month_is_a_calendar_month(year: int, number: int) -> None:
    found = month(year, number)
    start, end = date.fromisoformat(found["from"]), date.fromisoformat(found["to"])
    assert (start.day, end.day) == (1, 1)
    assert (end - timedelta(days=1)).month == start.month == number
    assert found["name"] == f"event_logs_{start:%Y_%m}"


@given(DAYS, DAYS)
def test_quarters_cover_every_day_once(one: date, other: date) -> None:
    first, last = sorted((one, other))
    found = scenarios.quarters(first, last)
    assert found[0] <= first
    assert all(start.day == 1 and start.month in (1, 4, 7, 10) for start in found)
    bounds = [scenarios._quarter(start) for start in found]
    assert all(before["to"] == after["from"] for before, after in pairwise(bounds))
    assert date.fromisoformat(bounds[-1]["from"]) <= last < date.fromisoformat(bounds[-1]["to"])
    assert len({each["name"] for each in bounds}) == len(bounds)


def test_the_weeks_are_february() -> None:
    assert scenarios.WEEKS[0]["from"] == scenarios.FEBRUARY["from"]
    assert scenarios.WEEKS[-1]["to"] == scenarios.FEBRUARY["to"]
    assert all(before["to"] == after["from"] for before, after in pairwise(scenarios.WEEKS))
    assert len(scenarios.WEEKS) == 4


def test_the_shapes_are_those_of_the_specification() -> None:
    assert [part["name"] for part in EVENTS.policy["partitions"]] == [
        "event_logs_2024_01", "event_logs_2024_02", "event_logs_2024_03",
    ]  # fmt: skip
    assert len(SALES.policy["partitions"]) * (len(SALES.policy["subpartitions"]["partitions"]) + 1) == 6
    assert [shape.strategy for shape in SHAPES] == ["range", "hash", "list", "composite"]


@given(st.integers(1, LARGEST_SCALE))
def test_rows_grow_with_the_scale(scale: int) -> None:
    assert sum(shape.rows_at(scale) for shape in SHAPES) == 900 * scale
