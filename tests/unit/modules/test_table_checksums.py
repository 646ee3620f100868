"""How tables are cut into buckets, and how two sides' buckets are compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused
from ansible_collections.pgops.fleet.plugins.module_utils.table_checksums import (
    column_differences,
    cut_of,
    differing_buckets,
)

COLUMNS = {"id": "bigint", "date": "timestamp(3) with time zone", "day": "date", "amount": "numeric(18,2)"}


def declared(**options):
    return {"name": "app.t1", "key": None, "by": None, "buckets": 64, **options}


def test_defaults_follow_the_key():
    assert cut_of(declared(), COLUMNS, "date").by == "month"
    assert cut_of(declared(key="day", by="hour"), COLUMNS, "date").by == "hour"
    assert cut_of(declared(key="amount"), COLUMNS, "date").by == "hash"


def test_refusals():
    with pytest.raises(Refused, match="neither a partition key nor a primary key"):
        cut_of(declared(), COLUMNS, None)
    with pytest.raises(Refused, match=r"has no column nothing. Accepted as key: id, date, day, amount"):
        cut_of(declared(key="nothing"), COLUMNS, "date")
    with pytest.raises(Refused, match="by day needs a key of a time type, id is bigint"):
        cut_of(declared(key="id", by="day"), COLUMNS, "date")


def test_condition_of_periods_can_prune_and_others_name_their_buckets():
    cut = cut_of(declared(), COLUMNS, "date")
    assert cut.condition(["2026-11-01 00:00:00"]) == (
        "(t.\"date\" >= '2026-11-01 00:00:00'::timestamptz"
        " and t.\"date\" < ('2026-11-01 00:00:00'::timestamptz + interval '1 month'))"
    )
    assert "in ('infinity', '2026-11-01 00:00:00')" in cut.condition(["infinity", "2026-11-01 00:00:00"])
    assert "in ('7')" in cut_of(declared(key="id"), COLUMNS, "date").condition(["7"])


SIDE = st.dictionaries(
    st.sampled_from("abcd"), st.fixed_dictionaries({"rows": st.integers(1, 3), "checksum": st.just("1")})
)


@given(SIDE, SIDE)
def test_differing_buckets_are_those_that_are_not_the_same(here, there):
    differing = differing_buckets(here, there)
    assert {item["bucket"] for item in differing} == {b for b in {*here, *there} if here.get(b) != there.get(b)}
    assert differing == sorted(differing, key=lambda item: item["bucket"])
    assert all(item["here"] != item["there"] for item in differing)


def test_column_differences():
    assert column_differences({"a": "int", "b": "int"}, {"b": "text", "c": "int"}) == {
        "columns_only_here": ["a"],
        "columns_only_there": ["c"],
        "types_that_differ": [{"column": "b", "here": "int", "there": "text"}],
    }
