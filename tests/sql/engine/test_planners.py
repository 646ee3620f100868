"""Bounds of any content are written as the server reads them, and planners of every strategy keep what they promise:
pieces overlap neither each other nor what is there, cover what is wanted or say why not, and a second plan is empty."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row

SETTINGS = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
# What a partition key can hold, and what may be taken for a part of a bound.
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
    st.sampled_from(
        ["NULL", "MINVALUE", "MAXVALUE", "DEFAULT", "'", "''", "\\", "') TO ('", ", ", "true", "1e5", "%s", '"']
    ),
)
NUMBERS = st.integers(-30, 30)


@pytest.fixture(scope="module")
def tables(shared_engine):
    shared_engine.as_owner(
        "create table app.by_text (k text) partition by list (k);"
        "create table app.by_text_range (k text) partition by range (k);"
        "create table app.by_number (k int) partition by range (k);"
        "create table app.by_list (k int) partition by list (k);"
        "create table app.by_hash (k int) partition by hash (k)"
    )
    return shared_engine


def existing(engine, table: str) -> list[dict]:
    with engine.superuser.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "select * from pgops.existing_partitions(%s::regclass) order by partition::text", [table]
        ).fetchall()


def carry_out(engine, table: str, policy: dict) -> list[dict]:
    """Make the partitions of a plan; the reasons of those that cannot be."""
    steps = engine.plan(table=table, policy=policy)
    for step in steps:
        if step["operation"] == "create":
            engine.run(f"create table {step['partition_name']} partition of {table} {step['bound']}")
    blocked = [step for step in steps if step["operation"] == "blocked"]
    assert engine.plan(table=table, policy=policy) == [
        step | {"step": number} for number, step in enumerate(blocked, 1)
    ]
    return blocked


@SETTINGS
@given(values=st.lists(st.one_of(st.none(), TEXTS), min_size=1, max_size=5, unique=True))
def test_lists_of_any_text_are_read_as_they_were_written(tables, values):
    with tables.superuser.transaction(force_rollback=True):
        policy = {"by": {"list": "k"}, "partitions": [{"name": "p", "values": values}], "default": False}
        assert carry_out(tables, "app.by_text", policy) == []
        (found,) = existing(tables, "app.by_text")
        assert set(found["list_values"]) == set(values)
        assert tables.value("select pgops.write_bound(pgops.read_bound(%s))", found["bound"]) == found["bound"]


@SETTINGS
@given(ends=st.lists(TEXTS, min_size=2, max_size=2, unique=True))
def test_ranges_of_any_text_are_read_as_they_were_written(tables, ends):
    lower, upper = sorted(ends, key=str.encode)
    with tables.superuser.transaction(force_rollback=True):
        pieces = [
            {"name": "below", "to": lower},
            {"name": "p", "from": lower, "to": upper},
            {"name": "above", "from": upper},
        ]
        assert (
            carry_out(tables, "app.by_text_range", {"by": {"range": "k"}, "partitions": pieces[1:], "default": False})
            == []
        )
        assert (
            carry_out(tables, "app.by_text_range", {"by": {"range": "k"}, "partitions": pieces[:1], "default": False})
            == []
        )
        found = {(piece["lower_bound"], piece["upper_bound"]) for piece in existing(tables, "app.by_text_range")}
        assert found == {(None, lower), (lower, upper), (upper, None)}


def ranges(draw, names: str) -> list[dict]:
    """Pieces that do not overlap, with gaps, open at either end or not."""
    cuts = sorted(draw(st.sets(NUMBERS, min_size=2, max_size=8)))
    pieces = [{"from": cuts[i], "to": cuts[i + 1]} for i in range(len(cuts) - 1) if draw(st.booleans())]
    if draw(st.booleans()):
        pieces.insert(0, {"to": cuts[0]})
    if draw(st.booleans()):
        pieces.append({"from": cuts[-1]})
    return [piece | {"name": f"{names}{number}"} for number, piece in enumerate(pieces)]


RANGES = st.composite(ranges)


def points(piece: dict) -> set[int]:
    return set(range(max(piece.get("from", -40), -40), min(piece.get("to", 40), 40)))


@SETTINGS
@given(by_hand=RANGES("hand"), wanted=RANGES("p"))
def test_range_pieces_fill_what_is_free(tables, by_hand, wanted):
    with tables.superuser.transaction(force_rollback=True):
        for piece in by_hand:
            lower, upper = piece.get("from", "minvalue"), piece.get("to", "maxvalue")
            tables.run(
                f"create table app.{piece['name']} partition of app.by_number for values from ({lower}) to ({upper})"
            )
        if not wanted:
            return
        taken = set().union(*map(points, by_hand))
        blocked = carry_out(tables, "app.by_number", {"by": {"range": "k"}, "partitions": wanted, "default": False})
        covered = set(taken)
        for piece in existing(tables, "app.by_number"):
            ends = {"from": piece["lower_bound"], "to": piece["upper_bound"]}
            covered |= points({key: int(end) for key, end in ends.items() if end is not None})
        for piece in wanted:
            reasons = [step["description"] for step in blocked if step["partition_name"] == f"app.{piece['name']}"]
            if points(piece) <= covered:
                # Wholly covered: by its own partition, or by others, which is said where they are several or wider.
                assert all("its rows belong to app.hand" in reason for reason in reasons)
            else:
                assert len(reasons) == 1
                assert "leave gaps" in reasons[0]


LISTS = st.lists(st.sets(st.one_of(st.none(), st.integers(0, 9)), min_size=1, max_size=4), max_size=5)


def disjoint(sets: list[set], name: str) -> list[dict]:
    seen: set = set()
    pieces = []
    for number, values in enumerate(sets):
        if values - seen:
            pieces.append({"name": f"{name}{number}", "values": list(values - seen)})
        seen |= values
    return pieces


@SETTINGS
@given(by_hand=LISTS.map(lambda sets: disjoint(sets, "hand")), wanted=LISTS.map(lambda sets: disjoint(sets, "p")))
def test_list_pieces_are_there_or_free_or_blocked(tables, by_hand, wanted):
    with tables.superuser.transaction(force_rollback=True):
        for piece in by_hand:
            values = ", ".join("null" if value is None else str(value) for value in piece["values"])
            tables.run(f"create table app.{piece['name']} partition of app.by_list for values in ({values})")
        if not wanted:
            return
        blocked = carry_out(tables, "app.by_list", {"by": {"list": "k"}, "partitions": wanted, "default": False})
        taken = [set(piece["values"]) for piece in by_hand]
        assert {step["partition_name"] for step in blocked} == {
            f"app.{piece['name']}"
            for piece in wanted
            if set(piece["values"]) not in taken and any(values & set(piece["values"]) for values in taken)
        }


@SETTINGS
@given(
    modulus=st.sampled_from([1, 2, 3, 4, 6, 8]),
    by_hand=st.lists(st.tuples(st.sampled_from([2, 4, 8]), st.integers(0, 7)), max_size=4),
)
def test_hash_pieces_share_no_row_with_what_is_there(tables, modulus, by_hand):
    with tables.superuser.transaction(force_rollback=True):
        there: list[tuple[int, int]] = []
        for other, number in by_hand:
            remainder = number % other
            if all((remainder - r) % math.gcd(other, m) for m, r in there):
                there.append((other, remainder))
                tables.run(
                    f"create table app.hand{len(there)} partition of app.by_hash"
                    f" for values with (modulus {other}, remainder {remainder})"
                )
        blocked = carry_out(tables, "app.by_hash", {"by": {"hash": "k", "modulus": modulus}, "name": "p{remainder}"})
        free = {
            remainder
            for remainder in range(modulus)
            if all((remainder - r) % math.gcd(modulus, m) for m, r in there)
            and all(max(modulus, m) % min(modulus, m) == 0 for m, _ in there)
        }
        wanted = {(modulus, remainder) for remainder in range(modulus)}
        assert {step["partition_name"] for step in blocked} == {
            f"app.p{remainder}" for other, remainder in wanted - set(there) if remainder not in free
        }
        if not blocked:
            # Every row has its place.
            tables.run("insert into app.by_hash select i from generate_series(1, 100) i")


@SETTINGS
@given(every=st.integers(1, 10**15), keys=st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=3))
@example(every=322, keys=[4611686018427379539])
def test_every_number_lies_in_the_piece_that_its_name_says(tables, every, keys):
    policy = json.dumps({"by": {"range": "k", "every": every}, "name": "{from}_{to}"})
    for key in keys:
        first = key // every * every
        rows = tables.run(
            "select partition_name, lower_bound, upper_bound from"
            " pgops.pieces_of_numbers(%s, 'bigint', '', array[pgops.multiple_below(%s, %s)])",
            policy, key, every,
        )  # fmt: skip
        ((name, lower, upper),) = rows
        assert name == f"{first}_{first + every}"
        assert lower is None if first < -(2**63) else int(lower) <= key
        assert upper is None if first + every > 2**63 - 1 else key < int(upper)
