"""Obstacles that depend on the version, the operation or an extension."""

from __future__ import annotations

import pytest

JANUARY = "app.t1_2024_01"


def test_a_key_of_a_partitioned_table_is_an_obstacle_where_it_cannot_be_added_unchecked(tree):
    tree.engine.as_owner(
        "create table app.line (n int, id bigint, day date, constraint k foreign key (id, day) references app.t1)"
        " partition by list (n); create table app.line_1 partition of app.line default"
    )
    expected = [] if tree.engine.server.version >= 18 else [
        'foreign key "k" of app.line refers to app.t1, and PostgreSQL 16 cannot add a key of a partitioned table as NOT VALID:'
        " drop the key and add it again afterwards, or do this on PostgreSQL 18"
    ]  # fmt: skip
    assert tree.obstacles() == expected
    if not expected:
        tree.fill()
        tree.switch()
        assert tree.engine.value("select convalidated from pg_constraint where conname = 'k'")


def test_tables_that_are_merged_must_not_differ_in_who_may_what(tree):
    engine = tree.engine
    february = "app.t1_2024_02"
    engine.as_owner(f"create table {february} partition of app.t1 for values from ('2024-02-01') to ('2024-03-01')")
    assert tree.obstacles(JANUARY, february, operation="merge") == []
    engine.as_owner(f"grant select on {february} to carry_reader; create trigger t after insert on {JANUARY}"
        " for each row execute function app.touch()")  # fmt: skip
    texts = tree.obstacles(JANUARY, february, operation="merge")
    assert [text.split(" (")[0] for text in texts] == [
        f"{february} and {JANUARY}, which are to become one table, differ in their privilege",
        f"{JANUARY} and {february}, which are to become one table, differ in their trigger",
    ]
    assert "grant SELECT on table" in texts[0]
    assert tree.obstacles(JANUARY, february, operation="split") == []


@pytest.mark.parametrize(("operation", "count"), [("detach", 0), ("drop", 1), ("split", 2)])
def test_operations_that_make_no_tables_have_fewer_obstacles(tree, operation, count):
    tree.engine.run("create publication carry_all for all tables")
    tree.engine.as_owner("create view app.v as select id from app.t1_2024_01")
    assert len(tree.obstacles(operation=operation)) == count


def test_an_incremental_view_is_named(tree):
    engine = tree.engine
    engine.as_owner("create table app.plain (id int primary key, amount int)")
    assert tree.obstacles("app.plain", relation="app.plain", operation="convert") == []
    if not engine.value("select exists (select from pg_available_extensions where name = 'pg_ivm')"):
        return
    engine.run("create extension pg_ivm")
    try:
        engine.run("set search_path = app, public, pg_catalog")
        engine.run("select pgivm.create_immv('sums', 'select id, sum(amount) as total from app.plain group by id')")
        engine.run("reset search_path")
        texts = tree.obstacles("app.plain", relation="app.plain", operation="convert")
        assert any("app.sums is maintained from app.plain" in text and '"pg_ivm"' in text for text in texts), texts
    finally:
        engine.run("reset search_path; drop extension pg_ivm cascade")
