"""Operations work for a caller who may not use the schema of the table, which its owner may."""

from __future__ import annotations

import json

import psycopg
import pytest
from psycopg import errors

TABLE = """
create type app.mood as enum ('good', 'bad');
create table app.country (code text primary key);
insert into app.country values ('de'), ('fr');
create table app.t (
    id bigint generated always as identity, at date not null, mood app.mood default 'good',
    country text default 'de' references app.country, primary key (id, at)
) partition by range (at);
create table app.jan partition of app.t for values from ('2024-01-01') to ('2024-02-01');
create table app.feb partition of app.t for values from ('2024-02-01') to ('2024-03-01');
create table app.rest partition of app.t default;
create index on app.t (mood, at);
create view app.good as select id from app.t where mood = 'good';
insert into app.t (at, mood) select '2024-01-01'::date + i % 90, (array['good', 'bad'])[1 + i % 2]::app.mood
from generate_series(1, 900) as i
"""
OPERATIONS = {
    "add": {"name": "later", "from": "2025-01-01", "to": "2025-02-01"},
    "split": {"partition": "jan", "every": "week", "name": "jan_{number}"},
    "merge": {"partitions": ["jan", "feb"], "into": "both"},
    "drain": {"partitions": [{"name": "mar", "from": "2024-03-01", "to": "2024-04-01"}]},
    "detach": {"partition": "jan"},
    "archive": {"partition": "jan", "into": "app.archive", "reason": "r"},
    "drop": {"partition": "jan", "rows": "discard"},
}
MONTHS = {"by": {"range": "at", "every": "month"}, "name": "t_{year}_{month}", "ahead": 1}


@pytest.fixture
def table(engine):
    engine.as_owner(TABLE)
    engine.run("revoke usage on schema app from public")
    return engine


def oid(engine, name: str = "app.t") -> int:
    return engine.value("select %s::regclass::oid", name)


def apply(engine, operation: str, arguments: dict | None = None, table: str = "app.t") -> None:
    engine.session().execute(
        "call pgops.operation_apply(%s::oid::regclass, %s, %s)",
        [oid(engine, table), operation, json.dumps(arguments or {})],
    )


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_operation(table, operation):
    session = table.session()
    with pytest.raises(errors.InsufficientPrivilege):
        session.execute("select 'app.t'::regclass")
    rows = table.value("select count(*) from app.t")
    session.execute(
        "select * from pgops.operation_plan(%s::oid::regclass, %s, %s)",
        [oid(table), operation, json.dumps(OPERATIONS[operation])],
    )
    apply(table, operation, OPERATIONS[operation])
    assert table.value("select state from pgops.operation") == "done"
    if operation in ("add", "split", "merge", "drain"):
        assert table.value("select count(*) from app.t") == rows


@pytest.mark.parametrize("end", ["undo", "finish"])
@pytest.mark.parametrize("key", ["", "alter table app.events add foreign key (country) references app.country"])
def test_conversions(table, end, key):
    table.as_owner(
        "create table app.events (id bigint generated always as identity, at date not null, country text, number serial,"
        " primary key (id, at));"
        "insert into app.events (at) select '2024-01-01'::date + i from generate_series(1, 90) as i;"
        "create view app.seen as select id from app.events;"
        f"{key}"
    )
    apply(table, "convert", MONTHS | {"name": "events_{year}_{month}"}, "app.events")
    assert table.value("select state from pgops.operation") == "kept"
    table.as_owner("insert into app.events (at) values ('2024-02-02')")
    assert table.value("select max(id) from app.events") == 91
    apply(table, end, {"drop_old": True} if end == "finish" else {}, "app.events")
    table.as_owner("insert into app.events (at) values ('2024-02-02')")
    assert table.run("select count(*), max(id) from app.events") == [(92, 92)]


def test_retention_archives(table):
    table.set_policy(MONTHS, table="app.t", retention={"keep": "1 month", "then": "archive", "into": "app.archive"})
    table.session().execute("call pgops.maintain()")
    assert table.run("select state from pgops.operation") == [("done",), ("done",)]
    assert table.value("select count(*) from app.archive") > 0
    assert table.value("select to_regclass('app.jan') is null")


def made(engine) -> list[str]:
    """The partitions of this month and the next."""
    return [name for (name,) in engine.run("select relname::text from pg_class where relname ~ '^t_[0-9]+_[0-9]+$'")]


def drop_made(engine) -> None:
    for name in made(engine):
        engine.as_owner(f"drop table app.{name}")


def test_an_archive_that_fails_keeps_no_partition_from_being_made(table):
    """Neither before the partition leaves the table nor after it; and the run is one that failed."""
    table.set_policy(MONTHS, table="app.t", retention={"keep": "1 month", "then": "archive", "into": "app.archive"})
    table.as_owner(
        "create table app.archive (like app.t, archived_at timestamptz not null, archive_reason text);"
        "create function app.refuse() returns trigger language plpgsql as $$ begin"
        " if not exists (select from pg_inherits where inhrelid = 'app.feb'::regclass) then return new; end if;"
        " raise 'full'; end $$;"
        "create trigger refuse before insert on app.archive for each row execute function app.refuse()"
    )
    session = table.session()
    for day in (1, 2):
        drop_made(table)
        table.run("delete from pgops.event")
        with pytest.raises(psycopg.Error, match="maintenance failed for 1 of 1 tables.*full"):
            session.execute("call pgops.maintain()")
        assert len(made(table)) == 2, f"day {day}"
        assert table.value("select last_error from pgops.partition_policy").count("full") == 1
        assert len([e for e in table.events("error") if "full" in e]) == 1
    with pytest.raises(errors.RaiseException, match="full"):
        table.session().execute("call pgops.partition_apply(%s::oid::regclass)", [oid(table)])
    # What fails when it has left the table fails alike, and the next one is not begun.
    table.as_owner(
        "create or replace function app.refuse() returns trigger language plpgsql as $$ begin"
        " if exists (select from pg_class where relname like 'pgops_operation_%_old_1') then raise 'full'; end if; return new; end $$"
    )
    for day in (3, 4):
        drop_made(table)
        with pytest.raises(psycopg.Error, match="maintenance failed for 1 of 1 tables.*full"):
            session.execute("call pgops.maintain()")
        assert len(made(table)) == 2, f"day {day}"
    assert table.run("select phase, state from pgops.operation") == [("archive", "failed")]
    table.as_owner("drop trigger refuse on app.archive")
    session.execute("call pgops.maintain()")
    assert table.run("select state from pgops.operation") == [("done",), ("done",)]
    assert table.value("select last_error from pgops.partition_policy") is None
