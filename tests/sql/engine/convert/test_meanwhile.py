"""Partitions that come or go by DDL while a conversion is under way: their rows are neither lost nor brought back."""

from __future__ import annotations

import psycopg
import pytest
from background import Background

QUARTERS = {"by": {"range": "at", "every": "quarter"}, "name": "events_{year}_q{quarter}", "ahead": 0}
TREE = """
create table app.events (id bigint, at timestamptz not null, note text, primary key (id, at)) partition by range (at);
create table app.jan partition of app.events for values from ('2024-01-01+00') to ('2024-02-01+00');
create table app.feb partition of app.events for values from ('2024-02-01+00') to ('2024-03-01+00');
insert into app.events select i, '2024-01-01+00'::timestamptz + i * interval '1 hour', 'note ' || i from generate_series(0, 1000) as i;
"""


def count(conversion, table="app.events"):
    return conversion.engine.value(f"select count(*) from {table}")


@pytest.mark.parametrize("change", ["alter table app.events detach partition app.jan", "drop table app.jan"])
def test_a_partition_that_leaves_before_the_switch_is_not_brought_back(plain_events, change):
    engine = plain_events.engine
    engine.as_owner(TREE)
    session = engine.session()
    running = Background(lambda: plain_events.apply("convert", QUARTERS, session=session, switch="wait"))
    engine.wait_for("select bool_or(state = 'waiting') from pgops.operation")
    gone = count(plain_events, "app.jan")
    engine.as_owner(change)
    engine.wait_for("select true from pgops.operation where state = 'waiting' or phase = 'wait' limit 1")
    engine.run("select pgops.operation_switch(operation_id) from pgops.operation")
    running.finish()
    assert count(plain_events) == 1001 - gone
    assert plain_events.record()["state"] == "kept"
    if change.startswith("alter"):
        assert count(plain_events, "app.jan") == gone
        assert (
            engine.value("select count(*) from pg_trigger where tgrelid = 'app.jan'::regclass and not tgisinternal")
            == 0
        )
    plain_events.apply("finish", {"drop_old": True})
    assert plain_events.left_over() == []


def test_rows_attached_after_an_undo_compared_are_not_lost(plain_events):
    engine = plain_events.engine
    engine.as_owner(TREE)
    plain_events.apply("convert", QUARTERS)
    engine.configure(lock_tries=2, operation_lock_budget=100)
    reader = engine.session("postgres", autocommit=False)
    reader.execute("select count(*) from app.events")
    with pytest.raises(psycopg.errors.RaiseException):
        plain_events.apply("undo")
    assert plain_events.record()["progress"]["compared"]
    reader.rollback()
    engine.as_owner(
        """
        create table app.late (like app.events including all);
        insert into app.late select 5000 + i, '2030-01-01+00', 'late' from generate_series(1, 50) as i;
        alter table app.events attach partition app.late for values from ('2030-01-01+00') to ('2030-04-01+00')
        """
    )
    engine.configure(lock_tries=100, operation_lock_budget=800)
    with pytest.raises(psycopg.errors.RaiseException, match="the two tables of the conversion differ"):
        plain_events.apply("undo")
    assert count(plain_events) == 1051
    plain_events.apply("finish")
    assert count(plain_events) == 1051
