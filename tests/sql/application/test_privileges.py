"""The matrix of privileges, each cell tried: role, object, action; objects that are made later, too."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors

APP, READER, STRANGER = "app_user_a", "readonly_user_a", "application_stranger"
# Logins that take turns when a password is replaced.
APPS, READERS = (APP, "app_user_b"), (READER, "readonly_user_b")
TABLES = ["users", "data_entries", "events", "metrics", "later"]
ACTIONS = {
    "select": "select count(*) from app.{table}",
    "insert": "insert into app.{table} ({columns}) values ({values})",
    "update": "update app.{table} set {column} = {column}",
    "delete": "delete from app.{table} where false",
    "truncate": "truncate app.{table}",
    "alter": "alter table app.{table} add column more text",
    "drop": "drop table app.{table}",
    "index": "create index on app.{table} (({column}))",
    "trigger": "create trigger mine after insert on app.{table} execute function pg_catalog.suppress_redundant_updates_trigger()",
    # By itself: without REFERENCES the command would fail for the right to make a table.
    "references": "do $$ begin if not has_table_privilege('app.{table}', 'references') then raise insufficient_privilege; end if; end $$",
    "set up rows' security": "alter table app.{table} enable row level security",
}
ROWS = {
    "users": ("name", "name, email", "'Grace', 'grace@example.org'"),
    "data_entries": ("key", "user_id, key", "1, 'size'"),
    "events": ("event_type", "event_type, data", "'logout', '{}'"),
    "metrics": ("metric_name", "metric_name, metric_value", "'errors', 0"),
    "later": ("note", "note", "'more'"),
}
ALLOWED = {
    **{role: {"select", "insert", "update", "delete"} for role in APPS},
    **{role: {"select"} for role in READERS},
    STRANGER: set(),
}
# What nobody may who is no owner, on whatever there is.
CREATING = {
    "a table in app": "create table app.mine (id bigint)",
    "a table in public": "create table public.mine (id bigint)",
    "a table in pgops": "create table pgops.mine (id bigint)",
    "a temporary table": "create temporary table mine (id bigint)",
    "a schema": "create schema mine",
    "a function in app": "create function app.mine() returns int language sql return 1",
    "a view in app": "create view app.mine as select 1 as one",
    "a sequence in app": "create sequence app.mine",
    "a type in app": "create type app.mine as enum ('a')",
    "a large object": "select lo_creat(-1)",
    "a large object by number": "select lo_create(0)",
    "a large object with content": "select lo_from_bytea(0, 'abc')",
    "a large object from a file": "select lo_import('/etc/hostname')",
    "a role": "create role mine",
    "the owner's role": "set role application_owner",
    "the jobs' role": "set role application_jobs",
    "the engine": "call pgops.maintain()",
    "a setting of the server": "alter system set work_mem = '1GB'",
}


@pytest.fixture
def later(database: psycopg.Connection) -> psycopg.Connection:
    """The database with a row in each table, and with what somebody who may create has made after the deploy."""
    database.execute("insert into app.users (name, email) overriding system value values ('Ada', 'ada@example.org')")
    database.execute("insert into app.data_entries (user_id, key) select id, 'colour' from app.users")
    database.execute("insert into app.events (event_type, data) values ('login', '{}')")
    database.execute("insert into app.metrics (metric_name, metric_value) values ('requests', 1)")
    database.execute("set role application_owner")
    database.execute("create table app.later (id bigint generated always as identity, note text)")
    database.execute("create function app.later() returns int language sql return 1")
    database.execute("reset role")
    return database


@pytest.mark.parametrize("role", ALLOWED)
@pytest.mark.parametrize("table", TABLES)
def test_each_table(later, session_of, role, table):
    session = session_of(role)
    column, columns, values = ROWS[table]
    found = set()
    for action, command in ACTIONS.items():
        try:
            with session.transaction(force_rollback=True):
                session.execute(command.format(table=table, column=column, columns=columns, values=values))
        except errors.InsufficientPrivilege:
            continue
        found.add(action)
    assert found == ALLOWED[role]


@pytest.mark.parametrize("role", ALLOWED)
@pytest.mark.parametrize("what", CREATING)
def test_nobody_creates_or_changes_anything_else(later, session_of, role, what):
    session = session_of(role)
    with pytest.raises(errors.InsufficientPrivilege):
        session.execute(CREATING[what])


@pytest.mark.parametrize(("role", "may"), [(APP, True), (READER, True), (STRANGER, False)])
def test_statistics(later, session_of, role, may):
    session = session_of(role)
    call = "select count(*) from app.get_user_statistics((select min(u) from (values (1)) as v (u)))"
    if may:
        assert session.execute(call).fetchone() == (1,)
    else:
        with pytest.raises(errors.InsufficientPrivilege):
            session.execute(call)


@pytest.mark.parametrize("role", ALLOWED)
def test_a_function_that_is_made_later_is_nobodys_until_it_is_granted(later, session_of, role):
    with pytest.raises(errors.InsufficientPrivilege):
        session_of(role).execute("select app.later()")


def test_numbers_come_from_sequences_that_only_the_application_uses(later, session_of):
    for sequence in ("events_id_seq", "metrics_id_seq", "later_id_seq"):
        assert session_of(APP).execute(f"select nextval('app.{sequence}') > 0").fetchone() == (True,)
        for role in (READER, STRANGER):
            with pytest.raises(errors.InsufficientPrivilege):
                session_of(role).execute(f"select nextval('app.{sequence}')")


@pytest.mark.parametrize("role", [READER, STRANGER])
def test_partitions_are_no_way_around_the_table(later, session_of, role):
    month = later.execute("select to_char(now() at time zone 'UTC', 'YYYY_MM')").fetchone()[0]
    with pytest.raises(errors.InsufficientPrivilege):
        session_of(role).execute(f"insert into app.events_{month} (event_type, data) values ('x', '{{}}')")
