"""Schedules of pg_cron: what is right is taken, what is one step from right is refused with its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.pgops.fleet.plugins.module_utils.cron_schedule import (
    FIELDS,
    KEYWORDS,
    MONTHS,
    WEEKDAYS,
    normal_cron,
    normal_interval,
    version_problem,
)


def element(low, high, names):
    """One element of a field's list: a number, a name, a range, a step."""
    number = st.integers(low, high)
    values = [number.map(str)]
    if names:
        values.append(st.sampled_from(names).flatmap(lambda name: st.sampled_from([name, name.upper(), name.title()])))
    span = st.lists(number, min_size=2, max_size=2).map(sorted).map(lambda pair: f"{pair[0]}-{pair[1]}")
    stepped = st.tuples(st.one_of(st.just("*"), span), st.integers(1, high)).map(lambda pair: f"{pair[0]}/{pair[1]}")
    return st.one_of(*values, st.just("*"), span, stepped)


def field(low, high, names):
    return st.lists(element(low, high, names), min_size=1, max_size=3).map(",".join)


FIELD_STRATEGIES = [
    st.one_of(field(low, high, names), st.just("$")) if name == "day of month" else field(low, high, names)
    for name, low, high, names in FIELDS
]
SCHEDULES = st.tuples(*FIELD_STRATEGIES).map(list)
# What the grammar has no place for, and what pg_cron would ignore or never run.
BROKEN_ELEMENTS = ["", "60", "-1", "1-", "-", "*/0", "*/61", "5/10", "9-2", "1,", ",1", "x", "5;", "1--3", "*-3", "1.5"]
BROKEN_ELEMENTS += ["$$", "foo", "monday", "@daily"]


@given(SCHEDULES)
def test_valid_schedules_are_taken_as_they_are(fields):
    assert normal_cron(" ".join(fields)) == " ".join(fields)


@given(SCHEDULES, st.integers(0, 4), st.sampled_from(BROKEN_ELEMENTS), st.booleans())
def test_a_broken_element_is_refused_with_its_field(fields, position, broken, listed):
    fields[position] = f"*,{broken}" if listed else broken
    # A keyword at the front is taken for one that stands alone.
    with pytest.raises(ValueError, match=f"{FIELDS[position][0]} '|fields instead of 5|is no keyword of pg_cron"):
        normal_cron(" ".join(fields))


@given(SCHEDULES, st.integers(0, 4), st.data())
def test_a_number_out_of_range_is_refused(fields, position, data):
    name, low, high, _names = FIELDS[position]
    number = data.draw(st.one_of(st.integers(high + 1, 999), st.integers(0, low - 1) if low else st.nothing()))
    fields[position] = str(number)
    with pytest.raises(ValueError, match=f"{name} '{number}': {number} is not between {low} and {high}"):
        normal_cron(" ".join(fields))


@given(SCHEDULES, st.integers(0, 4))
def test_fields_too_few_and_too_many_are_refused(fields, position):
    with pytest.raises(ValueError, match="6 fields instead of 5"):
        normal_cron(" ".join([*fields, "*"]))
    del fields[position]
    with pytest.raises(ValueError, match="4 fields instead of 5"):
        normal_cron(" ".join(fields))


@given(SCHEDULES, st.sampled_from([" ", "  ", "\t", " \n "]))
def test_blanks_do_not_matter(fields, blank):
    assert normal_cron(blank + blank.join(fields) + blank) == " ".join(fields)


def test_names_belong_to_their_field():
    assert normal_cron("0 0 * jan-dec sun") == "0 0 * jan-dec sun"
    for wrong in ("0 0 * sun *", "0 0 * * jan", "jan * * * *", "* * mon * *"):
        with pytest.raises(ValueError, match="is not between"):
            normal_cron(wrong)
    with pytest.raises(ValueError, match="runs backwards"):
        normal_cron("0 0 * * fri-sun")
    assert len(MONTHS) == 12
    assert len(WEEKDAYS) == 7


def test_last_day_of_the_month_stands_alone_in_its_field():
    assert normal_cron("0 0 $ * *") == "0 0 $ * *"
    for wrong in ("$ 0 * * *", "0 0 1,$ * *", "0 0 $/2 * *", "0 0 * $ *"):
        with pytest.raises(ValueError, match="accepted: five fields"):
            normal_cron(wrong)


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_keywords(keyword):
    assert normal_cron(f"@{keyword}") == f"@{keyword}"
    with pytest.raises(ValueError, match="no keyword of pg_cron"):
        normal_cron(f"@{keyword}s")


@given(st.integers(1, 59), st.sampled_from(["second", "seconds", "SECONDS"]), st.sampled_from([" ", "   "]))
def test_intervals(seconds, unit, blank):
    assert normal_interval(f"{seconds}{blank}{unit} ") == f"{seconds} second{'s' if seconds > 1 else ''}"


@given(st.one_of(st.integers(max_value=0), st.integers(min_value=60)).map(lambda n: f"{n} seconds") | st.text())
def test_other_intervals_are_refused_with_the_accepted_form(text):
    with pytest.raises(ValueError, match="accepted: 1 to 59 seconds"):
        normal_interval(text)


@pytest.mark.parametrize(
    ("schedule", "version", "problem"),
    [
        ("5 seconds", "1.4-1", "need pg_cron 1.5"),
        ("5 seconds", "1.5", None),
        ("1 second", "1.4", "need pg_cron 1.5"),
        ("0 0 $ * *", "1.5", "needs pg_cron 1.6"),
        ("0 0 $ * *", "1.6", None),
        ("0 0 $ * *", "1.10", None),
        ("* * * * *", "1.4", None),
    ],
)
def test_versions(schedule, version, problem):
    found = version_problem(schedule, version)
    assert problem is None if found is None else problem in found
