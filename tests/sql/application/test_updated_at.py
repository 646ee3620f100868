"""updated_at is the time of the last change, and no update that changes nothing touches it."""

from __future__ import annotations

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

USER = {
    "name": st.sampled_from(["Ada", "Grace"]),
    "email": st.sampled_from(["ada@example.org", "grace@example.org"]),
    "status": st.sampled_from(["active", "inactive", "blocked"]),
    "metadata": st.dictionaries(
        st.sampled_from("ab"), st.none() | st.integers(0, 2) | st.lists(st.booleans(), max_size=2)
    ),
}
ENTRY = {
    "key": st.sampled_from(["colour", "size"]),
    "value": st.none() | st.sampled_from(["", "blue"]),
    "type": st.sampled_from(["text", "number"]),
    "metadata": USER["metadata"],
}
CHANGES = {
    "users": st.lists(st.fixed_dictionaries({}, optional=USER).filter(bool), max_size=8),
    "data_entries": st.lists(st.fixed_dictionaries({}, optional=ENTRY).filter(bool), max_size=8),
}


@pytest.mark.parametrize("table", CHANGES)
@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_it_changes_with_the_row_and_only_with_it(database: psycopg.Connection, table: str, data: st.DataObject):
    database.execute("delete from app.users")
    (user,) = database.execute(
        "insert into app.users (name, email) values ('Ada', 'ada@example.org') returning id"
    ).fetchone()
    database.execute("insert into app.data_entries (user_id, key) values (%s, 'colour')", [user])
    model = state(database, table)
    for change in data.draw(CHANGES[table]):
        before = model["updated_at"]
        values = {name: Jsonb(value) if name == "metadata" else value for name, value in change.items()}
        database.execute(f"update app.{table} set {', '.join(f'{name} = %({name})s' for name in change)}", values)
        expected = model | change
        found = state(database, table)
        assert (found["updated_at"] > before) == (expected != model)
        assert found | {"updated_at": before} == expected
        model = found


def state(database: psycopg.Connection, table: str) -> dict:
    cursor = database.execute(f"select * from app.{table}")
    return dict(zip([column.name for column in cursor.description], cursor.fetchone(), strict=True))


def test_what_the_statement_says_of_it_does_not_count(database):
    database.execute("insert into app.users (name, email) values ('Ada', 'ada@example.org')")
    database.execute("update app.users set updated_at = '2001-01-01Z', name = 'Augusta'")
    assert database.execute("select updated_at > now() - interval '1 minute' from app.users").fetchone() == (True,)


def test_two_changes_in_one_transaction_can_be_told_apart(database):
    database.execute("insert into app.users (name, email) values ('Ada', 'ada@example.org')")
    with database.transaction():
        times = [
            database.execute("update app.users set name = name || '.' returning updated_at").fetchone()
            for _ in range(2)
        ]
    assert times[0] < times[1]
