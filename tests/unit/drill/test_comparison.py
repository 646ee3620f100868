"""Two sides are equal, or every difference is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pgops_drill.comparison import compare, sequence_difference
from pgops_drill.contents import Contents

KEYS = st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["s.t1", "s.t2", "s.t3"]))
FIGURES = st.fixed_dictionaries({"rows": st.integers(0, 2), "checksum": st.sampled_from(["1", "2"])})
TABLES = st.dictionaries(KEYS, FIGURES)
SEQUENCE = {"increment_by": 1, "cycle": False}


def contents(tables=None, sequences=None, left_out=()):
    return Contents(tables or {}, sequences or {}, list(left_out))


@given(TABLES, TABLES)
def test_just_what_differs_is_named(here, there):
    differences = compare(contents(here), contents(there))
    named = [(item["database"], item["object"]) for item in differences]
    assert named == sorted(key for key in {*here, *there} if here.get(key) != there.get(key))
    for item in differences:
        key = item["database"], item["object"]
        for side, tables in (("here", here), ("there", there)):
            assert item[side] == tables.get(key, "missing")


@given(TABLES)
def test_a_side_equals_itself(tables):
    assert compare(contents(tables), contents(tables)) == []


@given(TABLES, TABLES)
def test_what_is_missing_on_one_side_is_missing_on_the_other_way_round(here, there):
    one, other = compare(contents(here), contents(there)), compare(contents(there), contents(here))
    assert [(item["object"], item["here"], item["there"]) for item in one] == [
        (item["object"], item["there"], item["here"]) for item in other
    ]


def test_what_is_said_of_a_difference():
    here = {("d", "s.only_here"): {"rows": 1, "checksum": "1"}, ("d", "s.rows"): {"rows": 1, "checksum": "1"}}
    there = {("d", "s.rows"): {"rows": 2, "checksum": "1"}, ("d", "s.only_there"): {"rows": 0, "checksum": "0"}}
    here["d", "s.checksum"], there["d", "s.checksum"] = {"rows": 1, "checksum": "1"}, {"rows": 1, "checksum": "2"}
    here["d", "s.broken"], there["d", "s.broken"] = {"rows": 1, "checksum": "1"}, {"error": "invalid page in block 7"}
    said = {item["object"]: item["what"] for item in compare(contents(here), contents(there))}
    assert said == {
        "s.only_here": "missing in the copy",
        "s.only_there": "missing in the source",
        "s.rows": "another number of rows",
        "s.checksum": "as many rows, another checksum",
        "s.broken": "cannot be read in the copy: invalid page in block 7",
    }


def test_a_table_that_cannot_be_read_on_either_side_is_a_difference():
    broken = {("d", "s.t"): {"error": "invalid page"}}
    assert [item["what"] for item in compare(contents(broken), contents(broken))] == [
        "cannot be read in the source: invalid page"
    ]


def test_what_was_rewritten_while_it_was_read_is_not_held_against_the_copy():
    here = contents(left_out=[{"database": "d", "table": "s.view", "why": "rewritten"}])
    assert compare(here, contents({("d", "s.view"): {"rows": 1, "checksum": "1"}})) == []


def said(here, there, used=None, **more):
    found = sequence_difference(
        ("d", "s.q"),
        None if here is None else SEQUENCE | {"last_value": here} | more,
        None if there is None else SEQUENCE | {"last_value": there} | more,
        used,
    )
    return [item["what"] for item in found]


@given(st.integers(1, 100), st.integers(1, 100))
def test_a_sequence_may_be_ahead_and_never_behind(here, there):
    assert said(here, there) == (["behind"] if there < here else [])
    assert said(-here, -there, increment_by=-1) == (["behind"] if there < here else [])


@given(st.integers(1, 100), st.integers(1, 100), st.integers(1, 100))
def test_a_sequence_is_not_behind_the_rows_that_have_taken_its_values(before, later, used):
    """Unless the source's own sequence is: then the rows did not come by it."""
    there = before
    expected = ["behind"] if used > before and max(before, later) >= used else []
    assert said(before, there, used, later_value=max(before, later)) == expected


def test_sequences_that_are_not_there_or_start_anew():
    assert said(None, 5) == ["missing in the source"]
    assert said(5, None) == ["missing in the copy"]
    assert said(5, 1, cycle=True) == []


def test_a_sequence_that_was_never_used():
    assert (
        sequence_difference(("d", "s.q"), SEQUENCE | {"last_value": None}, SEQUENCE | {"last_value": None}, None) == []
    )
    (found,) = sequence_difference(("d", "s.q"), SEQUENCE | {"last_value": 7}, SEQUENCE | {"last_value": None}, None)
    assert found["there"] is None


@pytest.mark.parametrize("sign", [1, -1])
def test_a_source_that_was_promoted_stands_where_its_wal_was_in_advance(sign):
    def difference(here, there, used=None):
        return sequence_difference(
            ("d", "s.q"), SEQUENCE | {"increment_by": sign} | here, SEQUENCE | {"increment_by": sign} | there, used
        )

    promoted, copy = {"last_value": 33 * sign, "log_cnt": 0}, {"last_value": 1 * sign, "log_cnt": 32}
    assert difference(promoted, copy) == []
    assert difference(promoted | {"log_cnt": 5}, copy) != []  # somebody was given these values
    assert difference(promoted, copy | {"log_cnt": 31}) != []
    assert difference(promoted, copy | {"log_cnt": 0}) != []
    assert difference(promoted, {"last_value": None, "log_cnt": 0}) != []


def test_rows_that_have_taken_values_are_needed_whatever_the_source_stands_at():
    promoted = SEQUENCE | {"last_value": 33, "log_cnt": 0, "later_value": 33}
    (found,) = sequence_difference(("d", "s.q"), promoted, SEQUENCE | {"last_value": 1, "log_cnt": 32}, 7)
    assert (found["here"], found["there"]) == (7, 1)
