"""Bad rows are refused by the tables themselves, with errors that name the rule; what depends on a row goes or stays with it."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors, sql
from psycopg.types.json import Jsonb

GOOD = {
    "users": {"name": "Ada", "email": "ada@example.org"},
    "data_entries": {"user_id": 1, "key": "colour", "value": "blue"},
    "events": {"event_type": "login", "user_id": 1, "data": Jsonb({})},
    "metrics": {"metric_name": "requests", "metric_value": 1},
}
BAD = [
    ("users", {"name": None}, errors.NotNullViolation, '"name"'),
    ("users", {"name": " \t"}, errors.CheckViolation, '"name must not be blank"'),
    ("users", {"email": None}, errors.NotNullViolation, '"email"'),
    ("users", {"email": "ada@example.org"}, errors.UniqueViolation, "users_email_key"),
    ("users", {"email": "nobody"}, errors.CheckViolation, '"email must have a name, @ and a domain"'),
    ("users", {"email": "a b@c"}, errors.CheckViolation, '"email must have a name, @ and a domain"'),
    ("users", {"status": "gone"}, errors.CheckViolation, '"status must be active, inactive or blocked"'),
    ("users", {"status": None}, errors.NotNullViolation, '"status"'),
    ("users", {"metadata": Jsonb([])}, errors.CheckViolation, '"metadata must be a JSON object"'),
    ("users", {"metadata": None}, errors.NotNullViolation, '"metadata"'),
    ("users", {"id": 7}, errors.GeneratedAlways, '"id"'),
    ("users", {"created_at": "infinity"}, errors.CheckViolation, '"created_at and updated_at must be finite"'),
    ("data_entries", {"user_id": 99}, errors.ForeignKeyViolation, "data_entries_user_id_fkey"),
    ("data_entries", {"user_id": None}, errors.NotNullViolation, '"user_id"'),
    ("data_entries", {"key": ""}, errors.CheckViolation, '"key must not be blank"'),
    ("data_entries", {"type": ""}, errors.CheckViolation, '"type must not be blank"'),
    ("data_entries", {"metadata": Jsonb("x")}, errors.CheckViolation, '"metadata must be a JSON object"'),
    ("events", {"data": None}, errors.NotNullViolation, '"data"'),
    ("events", {"event_type": " "}, errors.CheckViolation, '"event_type must not be blank"'),
    ("events", {"user_id": 99}, errors.ForeignKeyViolation, "events_user_id_fkey"),
    ("events", {"created_at": "infinity"}, errors.CheckViolation, '"created_at must be finite"'),
    ("events", {"status": "new"}, errors.CheckViolation, '"status must be pending, processing, processed or failed"'),
    ("events", {"status": "processed"}, errors.CheckViolation, '"processed_at goes with status processed or failed'),
    ("events", {"status": "failed"}, errors.CheckViolation, '"processed_at goes with status processed or failed'),
    (
        "events",
        {"processed_at": "2026-01-01Z"},
        errors.CheckViolation,
        '"processed_at goes with status processed or failed',
    ),
    ("metrics", {"metric_name": ""}, errors.CheckViolation, '"metric_name must not be blank"'),
    ("metrics", {"metric_value": None}, errors.NotNullViolation, '"metric_value"'),
    (
        "events",
        {"processed_at": "infinity", "status": "failed"},
        errors.CheckViolation,
        '"processed_at must be finite"',
    ),
    ("data_entries", {"updated_at": "-infinity"}, errors.CheckViolation, '"created_at and updated_at must be finite"'),
    ("metrics", {"metric_value": "NaN"}, errors.CheckViolation, '"metric_value must be a finite number"'),
    ("metrics", {"metric_value": "-Infinity"}, errors.CheckViolation, '"metric_value must be a finite number"'),
    ("metrics", {"timestamp": "-infinity"}, errors.CheckViolation, '"timestamp must be finite"'),
    ("metrics", {"tags": Jsonb(1)}, errors.CheckViolation, '"tags must be a JSON object"'),
]


def insert(connection: psycopg.Connection, table: str, **columns) -> None:
    row = GOOD[table] | columns
    statement = sql.SQL("insert into {} ({}) values ({})").format(
        sql.Identifier("app", table),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(sql.Placeholder() * len(row)),
    )
    connection.execute(statement, list(row.values()))


@pytest.fixture
def rows(database: psycopg.Connection) -> psycopg.Connection:
    """A row of each table."""
    for table in GOOD:
        insert(database, table)
    return database


@pytest.mark.parametrize(("table", "columns", "error", "text"), BAD, ids=str)
def test_a_bad_row_is_refused(rows, table, columns, error, text):
    before = rows.execute(f"select count(*) from app.{table}").fetchone()
    # Whatever else is asked of the row is fulfilled.
    other = {"email": "grace@example.org"} if table == "users" else {}
    with pytest.raises(error) as raised:
        insert(rows, table, **other | columns)
    assert text in str(raised.value)
    assert rows.execute(f"select count(*) from app.{table}").fetchone() == before


@pytest.mark.parametrize("status", ["processed", "failed"])
def test_an_event_that_is_done_says_when(rows, status):
    rows.execute("update app.events set status = %s, processed_at = now()", [status])
    with pytest.raises(errors.CheckViolation):
        rows.execute("update app.events set status = 'pending'")


def test_entries_go_with_their_user_and_events_stay(rows):
    rows.execute("delete from app.users")
    assert rows.execute("select count(*) from app.data_entries").fetchone() == (0,)
    assert rows.execute("select event_type, user_id from app.events").fetchall() == [("login", None)]


def test_events_and_metrics_are_in_the_partitions_of_their_months(rows):
    month = rows.execute("select to_char(now() at time zone 'UTC', 'YYYY_MM')").fetchone()[0]
    for table in ("events", "metrics"):
        found = rows.execute(f"select distinct tableoid::regclass::text from app.{table}").fetchall()
        assert found == [(f"app.{table}_{month}",)]


def test_every_foreign_key_has_an_index(database):
    without = database.execute(
        """
        select k.conrelid::regclass, k.conname from pg_constraint as k
        where k.contype = 'f' and k.connamespace = 'app'::regnamespace and not exists (
            select from pg_index as i where i.indrelid = k.conrelid and i.indisvalid and i.indpred is null
                and (i.indkey::smallint[])[0 : cardinality(k.conkey) - 1] = k.conkey
        )
        """
    ).fetchall()
    assert without == []
