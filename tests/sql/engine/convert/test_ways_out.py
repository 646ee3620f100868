"""A conversion that is kept can be ended, whatever has become of its two tables meanwhile; and nobody reads more than he may."""

from __future__ import annotations

import psycopg
import pytest
from conversions import MONTHS, ROWS, Conversion

STRANGER = "engine_stranger"


@pytest.fixture
def kept(plain_events) -> Conversion:
    """A converted table whose first month has been dropped, as a retention does."""
    plain_events.engine.as_owner(
        f"""
        create table app.events (id bigint not null, at timestamptz not null, note text, primary key (id, at));
        insert into app.events select i, '2024-01-01 00:00+00'::timestamptz + i * interval '97 minutes', 'note ' || i
        from generate_series(1, {ROWS}) as i
        """
    )
    plain_events.apply("convert", MONTHS)
    return plain_events


def drop_a_month(conversion: Conversion) -> int:
    """Take the rows of one partition away as DDL does; returns how many there were."""
    rows = conversion.engine.value("select count(*) from app.events_2024_01")
    conversion.engine.as_owner("drop table app.events_2024_01")
    assert rows > 0
    return rows


def count(conversion: Conversion, table: str = "app.events") -> int:
    return conversion.engine.value(f"select count(*) from {table}")


@pytest.mark.parametrize(
    ("operation", "arguments", "words"),
    [
        ("finish", '{"drop_odl": true}', 'arguments of finish have "drop_odl"; accepted: .* drop_old'),
        ("finish", '{"drop_old": "yes"}', '"drop_old" is "yes"; accepted: true or false'),
        ("undo", '{"discard_changes": 1}', '"discard_changes" is 1; accepted: true or false'),
        ("undo", "[]", r"arguments of undo are \[\]; accepted: an object"),
    ],
)
def test_arguments_of_an_end_are_looked_at_by_plan_and_apply(kept, operation, arguments, words):
    for call in (
        "select * from pgops.operation_plan('app.events', %s, %s)",
        "call pgops.operation_apply('app.events', %s, %s)",
    ):
        with pytest.raises(psycopg.errors.InvalidParameterValue, match=words):
            kept.engine.session().execute(call, [operation, arguments])
    assert kept.record()["phase"] == "kept"


def test_finish_keeps_both_tables_when_rows_have_been_taken_out(kept):
    gone = drop_a_month(kept)
    kept.apply("finish")
    assert kept.record()["state"] == "done"
    assert (count(kept), count(kept, "app.events_old")) == (ROWS - gone, ROWS)
    assert kept.left_over() == []


def test_the_old_table_is_not_dropped_while_it_alone_has_rows(kept):
    gone = drop_a_month(kept)
    with pytest.raises(psycopg.errors.RaiseException, match="in the table that is written to"):
        kept.apply("finish", {"drop_old": True})
    assert count(kept, "app.events_old") == ROWS
    # Another way out is still open, and the first again when its cause is mended.
    kept.engine.as_owner("delete from app.events_old where at < '2024-02-01 00:00+00'")
    kept.apply("finish", {"drop_old": True})
    assert kept.record()["state"] == "done"
    assert count(kept) == ROWS - gone
    assert kept.engine.value("select to_regclass('app.events_old') is null")
    assert kept.left_over() == []


def test_undo_gives_rows_back_only_when_told(kept):
    drop_a_month(kept)
    with pytest.raises(psycopg.errors.RaiseException, match='"discard_changes": true gives them back|the two tables'):
        kept.apply("undo")
    kept.apply("undo", {"discard_changes": True})
    assert kept.record()["state"] == "undone"
    assert count(kept) == ROWS
    assert kept.left_over() == []


def test_after_an_undo_that_failed_finish_is_possible(kept):
    drop_a_month(kept)
    with pytest.raises(psycopg.errors.RaiseException):
        kept.apply("undo")
    kept.apply("finish")
    assert kept.record()["state"] == "done"
    assert kept.left_over() == []


def test_an_undo_that_would_lose_rows_is_refused(kept):
    kept.engine.as_owner("delete from app.events_old where id = 7")
    with pytest.raises(psycopg.errors.RaiseException, match="1 rows of the new table are not in the old one"):
        kept.apply("undo", {"discard_changes": True})
    assert kept.engine.value("select note from app.events where id = 7") == "note 7"
    kept.apply("finish")
    assert kept.record()["state"] == "done"


def test_finish_after_the_old_table_was_dropped_by_hand(kept):
    kept.engine.as_owner("drop table app.events_old")
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="the old table is not there any more"):
        kept.apply("undo")
    kept.apply("finish")
    assert kept.record()["state"] == "done"
    assert kept.left_over() == []
    kept.engine.as_owner("insert into app.events values (99999, '2024-02-02 00:00+00', 'more')")
    assert count(kept) == ROWS + 1


def may_select(conversion: Conversion, table: str, role: str = STRANGER) -> bool:
    return conversion.engine.value("select has_any_column_privilege(%s, %s, 'SELECT')", role, table)


def test_the_old_table_is_the_owner_s_alone_while_it_is_kept(plain_events):
    engine = plain_events.engine
    engine.as_owner(
        "create table app.events (id bigint not null, at timestamptz not null, note text, primary key (id, at))"
    )
    engine.as_owner(f"grant select (id, note), update (note) on app.events to {STRANGER} with grant option")
    engine.as_owner("grant select on app.events to engine_monitor")
    plain_events.apply("convert", MONTHS)
    assert may_select(plain_events, "app.events") and may_select(plain_events, "app.events", "engine_monitor")
    assert not may_select(plain_events, "app.events_old")
    assert not may_select(plain_events, "app.events_old", "engine_monitor")
    # What is taken from somebody now is not given back with the old table.
    engine.as_owner("revoke all on app.events from engine_monitor")
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="its definition was changed"):
        plain_events.apply("undo")
    plain_events.apply("undo", {"discard_changes": True})
    assert may_select(plain_events, "app.events")
    assert not may_select(plain_events, "app.events", "engine_monitor")
    assert engine.value(f"select has_column_privilege('{STRANGER}', 'app.events', 'note', 'UPDATE WITH GRANT OPTION')")


def test_a_long_name_of_many_bytes(plain_events):
    table = 'app."' + "é" * 31 + '"'
    plain_events.engine.as_owner(f"create table {table} (id bigint primary key, v text)")
    plain_events.engine.as_owner(f"insert into {table} select i, 'x' from generate_series(1, 30) as i")
    plain_events.apply("convert", {"by": {"range": "id", "every": 10}, "name": "t_{from}"}, table=table)
    plain_events.apply("finish", table=table)
    names = [name for name, _kind in plain_events.relations()]
    assert any(name.endswith("_default") and len(name.encode()) <= 63 for name in names)
    assert plain_events.engine.value(f"select count(*) from {table}") == 30
