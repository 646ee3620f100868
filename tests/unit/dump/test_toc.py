"""Choices from a list of contents."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pgops_dump import toc

LISTED = """;
; Archive created at 2026-11-21 18:12:03 UTC
;     dbname: transactions
;
11; 2615 16712 SCHEMA - app owner
3; 3079 16451 EXTENSION - pg_ivm
242; 1259 16700 TABLE app month_total owner
;	depends on: 11
261; 1259 17149 TABLE app totals owner
;	depends on: 11 242 242
270; 1259 17200 TABLE app TABLE DATA app owner
;	depends on: 11
271; 1259 17201 SEQUENCE app seq owner
;	depends on: 270 11
4600; 0 0 SEQUENCE OWNED BY app seq owner
;	depends on: 271
4529; 0 0 ACL app TABLE totals owner
;	depends on: 261
280; 1259 17300 VIEW app over_totals owner
;	depends on: 261 11
3500; 2604 17202 DEFAULT app TABLE DATA id owner
;	depends on: 271 270
4066; 0 17149 TABLE DATA app totals owner
;	depends on: 261
4067; 0 17200 TABLE DATA app TABLE DATA app owner
;	depends on: 270
3818; 1259 17167 INDEX app totals_index owner
;	depends on: 261 261
3900; 2606 17205 FK CONSTRAINT app TABLE DATA fk owner
;	depends on: 242 270
3901; 2620 17206 TRIGGER app TABLE DATA up owner
;	depends on: 270
3611; 3466 16872 EVENT TRIGGER - t1_ddl postgres
"""


def numbers(entries):
    return {entry.number for entry in entries}


def test_entries_are_known_by_kind_and_oid():
    entries = {entry.number: entry for entry in toc.parse(LISTED)}
    assert len(entries) == 16
    assert entries[270].kind == "TABLE"
    assert entries[4067].kind == "TABLE DATA"
    assert entries[3611].kind == "EVENT TRIGGER"
    assert entries[280].kind == ""
    assert entries[261].depends_on == {11, 242}
    assert toc.text([entries[261]]) == "261; 1259 17149 TABLE app totals owner\n"


def test_all_that_depends_on_a_view_comes_after_it():
    entries = toc.parse(LISTED)
    made = toc.relations(entries, {17149})
    assert made == {261}
    assert toc.all_dependents(entries, made) == {261, 4529, 280, 4066, 3818}


def test_a_chosen_table_takes_along_what_belongs_to_it():
    entries = toc.parse(LISTED)
    choice = toc.choose(entries, {17200, 17201}, {(toc.PG_TRIGGER, 17206), (toc.PG_CONSTRAINT, 17205)}, set())
    assert numbers(choice.entries) == {270, 271, 4600, 3500, 4067}
    assert numbers(choice.left_out) == {3900, 3901}


def test_a_default_stays_away_without_its_sequence():
    entries = toc.parse(LISTED)
    choice = toc.choose(entries, {17200}, set(), set())
    assert 3500 not in numbers(choice.entries)
    assert 3500 in numbers(choice.left_out)
    assert 3900 in numbers(choice.entries)
    assert toc.sequences_of_defaults(entries, {17200}) == {17201}


def test_types_come_along_with_a_table():
    entries = toc.parse(
        "900; 1247 1 DOMAIN app amount owner\n901; 1247 2 TYPE app pair owner\n;\tdepends on: 900\n"
        "902; 0 0 COMMENT app TYPE pair owner\n;\tdepends on: 901\n903; 1247 3 TYPE app other owner\n"
        "904; 1259 4 TABLE app t owner\n;\tdepends on: 901\n905; 1259 5 TABLE app other_t owner\n;\tdepends on: 901\n"
        "906; 2606 6 CONSTRAINT app other_t key owner\n;\tdepends on: 901 905\n"
    )
    types = toc.types_of(entries, {4})
    assert types == {900, 901}
    assert numbers(toc.choose(entries, {4}, set(), types).entries) == {900, 901, 902, 904}


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\n\r\0"), min_size=1, max_size=15)


@given(kind=st.sampled_from(toc.KINDS), words=WORDS, number=st.integers(1, 9999), oid=st.integers(0, 2**32 - 1))
def test_a_line_stays_as_it_is(kind, words, number, oid):
    line = f"{number}; 1259 {oid} {kind} - {words} owner"
    entries = toc.parse(f"; a comment\n{line}\n;\tdepends on: 1 2\n")
    assert [(entry.number, entry.oid, entry.kind) for entry in entries] == [(number, oid, kind)]
    assert toc.text(entries) == f"{line}\n"


@given(
    edges=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=40), seeds=st.sets(st.integers(0, 20))
)
def test_what_is_not_chosen_depends_on_nothing_chosen(edges, seeds):
    entries = [
        toc.Entry(number, 0, number, "TABLE", "", frozenset(there for here, there in edges if here == number))
        for number in range(21)
    ]
    found = toc.all_dependents(entries, set(seeds))
    assert seeds <= found
    assert all(entry.number in found or not entry.depends_on & found for entry in entries)
