"""get_user_statistics against a model: each thing is counted once, however many there are of the other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

START = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.lists(st.integers(0, 400_000).map(lambda minutes: START + timedelta(minutes=minutes)), max_size=12)
STATISTICS = "select total_entries, total_events, last_activity from app.get_user_statistics(%s)"


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(users=st.lists(st.tuples(MOMENTS, MOMENTS), min_size=1, max_size=3))
def test_it_counts_what_each_user_has(database: psycopg.Connection, users):
    database.execute("delete from app.users; delete from app.events")
    numbers = []
    for entries, events in users:
        (number,) = database.execute(
            "insert into app.users (name, email) values ('u', gen_random_uuid() || '@example.org') returning id"
        ).fetchone()
        numbers.append(number)
        database.execute(
            "insert into app.data_entries (user_id, key, updated_at) select %s, 'k', unnest(%s::timestamptz[])",
            [number, entries],
        )
        database.execute(
            "insert into app.events (event_type, user_id, data, created_at) select 'e', %s, '{}', unnest(%s::timestamptz[])",
            [number, events],
        )
    for number, (entries, events) in zip(numbers, users, strict=True):
        expected = (len(entries), len(events), max([*entries, *events], default=None))
        assert database.execute(STATISTICS, [number]).fetchall() == [expected]


def test_who_is_not_there_has_none(database):
    assert database.execute(STATISTICS, [99]).fetchall() == []
    assert database.execute(STATISTICS, [None]).fetchall() == []
