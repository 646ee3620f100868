"""The scenarios of re-partitioning: each starts from a state, refuses when it is not there, and can be repeated."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import psycopg
from psycopg import sql

from pgops.errors import PgopsError
from pgops.lab import engine, state
from pgops.lab.migration import prove_copy
from pgops.lab.run import Call, Run, Task
from pgops.lab.shapes import ARCHIVE, EVENTS, SCHEMA, USERS, USERS_BY_DATE, month

JANUARY, FEBRUARY, APRIL = month(2024, 1), month(2024, 2), month(2024, 4)
WEEKS = tuple(
    {"name": f"event_logs_2024_02_w{number + 1}", "from": f"2024-02-{1 + 7 * number:02}", "to": end}
    for number, end in enumerate(("2024-02-08", "2024-02-15", "2024-02-22", "2024-03-01"))
)
REASON = "re-partitioning scenario"
ADD = Call(EVENTS.name, "add", APRIL)
SPLIT = Call(EVENTS.name, "split", {"partition": FEBRUARY["name"], "into": list(WEEKS)})
DETACH = Call(EVENTS.name, "archive", {"partition": JANUARY["name"], "into": ARCHIVE, "reason": REASON})
DETACH_APRIL = Call(EVENTS.name, "detach", {"partition": APRIL["name"]})
FINISH_USERS = Call(USERS_BY_DATE, "finish", {})
ARCHIVE_TABLE, BY_DATE_TABLE = ARCHIVE.split(".")[1], USERS_BY_DATE.split(".")[1]
CLEANUP = "`pgops lab repartition cleanup` makes the original shape again"


def _events(connection: psycopg.Connection, scenario: str) -> state.TableState:
    """The partitioned event_logs; an error when it is plain or missing."""
    found = state.read(connection, EVENTS.table).get(EVENTS.table)
    if found is None or found.key is None:
        raise PgopsError(f"{scenario}: {EVENTS.name} is not partitioned; `pgops lab migrate` makes it so")
    return found


def _refuse_add(connection: psycopg.Connection) -> None:
    if _events(connection, "add").part(APRIL["name"]):
        raise PgopsError(f"add: there is a partition {APRIL['name']} already; {CLEANUP}")


def _add(run: Run) -> None:
    run.operate(ADD)
    with run.connection.transaction(force_rollback=True):
        (place,) = run.connection.execute(
            "insert into app.event_logs (created_at, user_id, event_type) values ('2024-04-15Z', 1, 'view')"
            " returning tableoid::regclass::text"
        ).fetchone() or (None,)
    run.prove(place == f"{SCHEMA}.{APRIL['name']}", f"a row of 2024-04-15 goes into {place} (inserted and taken back)")
    run.proved(f"{APRIL['name']} has {_indexes(run.connection, APRIL['name'])}")


def _indexes(connection: psycopg.Connection, table: str) -> str:
    (names,) = connection.execute(
        "select string_agg(c.relname, ', ' order by c.relname) from pg_index i join pg_class c on c.oid = i.indexrelid"
        " where i.indrelid = %s::regclass",
        [f"{SCHEMA}.{table}"],
    ).fetchone() or (None,)
    return names or "no index"


def _refuse_split(connection: psycopg.Connection) -> None:
    if not _events(connection, "split").part(FEBRUARY["name"]):
        raise PgopsError(f"split: {EVENTS.name} has no partition {FEBRUARY['name']}; {CLEANUP}")


def _split(run: Run) -> None:
    run.operate(SPLIT)


def _refuse_detach(connection: psycopg.Connection) -> None:
    if not _events(connection, "detach").part(JANUARY["name"]):
        raise PgopsError(f"detach: {EVENTS.name} has no partition {JANUARY['name']}; {CLEANUP}")


def _detach(run: Run) -> None:
    done = run.operate(DETACH)
    archived, marked = run.connection.execute(
        "select count(*), count(*) filter (where archived_at is not null and archive_reason = %s)"
        " from app.event_logs_archive where created_at >= '2024-01-01Z' and created_at < '2024-02-01Z'",
        [REASON],
    ).fetchone() or (0, 0)
    run.prove(
        archived == marked and archived >= done.rows,
        f"{ARCHIVE} has {archived:,} rows of January, all with archived_at and archive_reason",
    )
    gone = run.connection.execute("select to_regclass(%s) is null", [f"{SCHEMA}.{JANUARY['name']}"]).fetchone()
    run.prove(gone == (True,), f"{JANUARY['name']} is dropped")


def _refuse_migrate(connection: psycopg.Connection) -> None:
    found = state.read(connection, USERS.table, BY_DATE_TABLE)
    if USERS.table not in found:
        raise PgopsError(f"migrate: there is no table {USERS.name}; `pgops lab reset` makes the tables anew")
    if found[USERS.table].key is None:
        raise PgopsError(f"migrate: {USERS.name} is not partitioned; `pgops lab migrate` makes it so")
    if BY_DATE_TABLE in found and USERS.name not in engine.kept_in_step(connection):
        raise PgopsError(f"migrate: there is a table {USERS_BY_DATE} already; {CLEANUP}")


def _migrate(run: Run) -> None:
    for call in _migrate_calls(run.connection):
        run.operate(call)
    prove_copy(run, BY_DATE_TABLE, USERS.table)
    leaves = state.read(run.connection, BY_DATE_TABLE)[BY_DATE_TABLE].partitions
    run.proved(f"{BY_DATE_TABLE} has {leaves} partitions, and {USERS.table} is what it was")


def _migrate_calls(connection: psycopg.Connection) -> list[Call]:
    if USERS.name in engine.kept_in_step(connection):
        return [FINISH_USERS]
    convert = Call(USERS.name, "convert", {"new_name": BY_DATE_TABLE, **by_date_policy(connection)})
    return [convert, replace(FINISH_USERS, steps=engine.FINISH)]


def by_date_policy(connection: psycopg.Connection) -> dict[str, Any]:
    """A partition for each quarter in which somebody has registered, at least one, and a default one."""
    ((first, last),) = connection.execute(
        "select coalesce(min(registration_date), current_date), coalesce(max(registration_date), current_date)"
        " from app.users_distributed"
    ).fetchall()
    return {
        "by": {"range": "registration_date"},
        "partitions": [_quarter(start) for start in quarters(first, last)],
        "default": f"{BY_DATE_TABLE}_default",
    }


def quarters(first: date, last: date) -> list[date]:
    """First days of the quarters from that of `first` to that of `last`."""
    start, found = _start_of_quarter(first), []
    while start <= last:
        found.append(start)
        start = _start_of_quarter(start + timedelta(days=100))
    return found


def _start_of_quarter(day: date) -> date:
    return day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)


def _quarter(start: date) -> dict[str, str]:
    return {
        "name": f"{BY_DATE_TABLE}_{start.year}_q{(start.month + 2) // 3}",
        "from": start.isoformat(),
        "to": _start_of_quarter(start + timedelta(days=100)).isoformat(),
    }


def _leftovers(connection: psycopg.Connection) -> list[str]:
    """What is not as in the original shape."""
    events = _events(connection, "cleanup")
    # April is there as a table of its own when a cleanup was interrupted.
    others = state.read(connection, ARCHIVE_TABLE, BY_DATE_TABLE, APRIL["name"])
    found = [part["name"] for part in (APRIL, *WEEKS) if events.part(part["name"])]
    found += [f"no {part['name']}" for part in (JANUARY,) if not events.part(part["name"])]
    return [*found, *others]


def _refuse_cleanup(connection: psycopg.Connection) -> None:
    if not _leftovers(connection):
        raise PgopsError("cleanup: the tables have their original shape already")


def _cleanup(run: Run) -> None:
    connection = run.connection
    events, calls = _events(connection, "cleanup"), _cleanup_calls(connection)
    others = state.read(connection, ARCHIVE_TABLE, BY_DATE_TABLE, APRIL["name"])
    if events.part(APRIL["name"]) or APRIL["name"] in others:
        _give_back_april(run, is_detached=APRIL["name"] in others)
    for call in calls:
        if call is not DETACH_APRIL:
            run.operate(call)
    if ARCHIVE_TABLE in others:
        _take_back_archive(run)
    if BY_DATE_TABLE in others:
        connection.execute("drop table app.users_by_date")
        run.proved(f"{BY_DATE_TABLE}, a copy of {USERS.table}, is dropped")


def _cleanup_calls(connection: psycopg.Connection) -> list[Call]:
    events = _events(connection, "cleanup")
    weeks = [week["name"] for week in WEEKS if events.part(week["name"])]
    calls = [DETACH_APRIL] if events.part(APRIL["name"]) else []
    if weeks:
        calls.append(Call(EVENTS.name, "merge", {"partitions": weeks, "into": FEBRUARY["name"]}))
    if not events.part(JANUARY["name"]):
        calls.append(Call(EVENTS.name, "add", JANUARY))
    if USERS.name in engine.kept_in_step(connection):
        calls.append(FINISH_USERS)
    return calls


def _give_back_april(run: Run, *, is_detached: bool) -> None:
    """Rows of April go where they would be without a partition for it: into the default one."""
    if not is_detached:
        run.operate(DETACH_APRIL)
    moved = _move_rows(run.connection, APRIL["name"])
    run.proved(f"{moved:,} rows of {APRIL['name']} are in the default partition again")


def _take_back_archive(run: Run) -> None:
    moved = _move_rows(run.connection, ARCHIVE_TABLE)
    run.proved(f"{moved:,} rows are back from {ARCHIVE_TABLE}, which is dropped")


def _move_rows(connection: psycopg.Connection, table: str) -> int:
    """Put the rows of a table that nobody writes to into event_logs, and drop it: all or nothing."""
    with connection.transaction():
        source = sql.Identifier(SCHEMA, table)
        connection.execute(sql.SQL("lock table {} in access exclusive mode").format(source))
        (expected,) = connection.execute(sql.SQL("select count(*) from {}").format(source)).fetchone() or (0,)
        moved = connection.execute(
            sql.SQL(
                "insert into app.event_logs (id, created_at, user_id, event_type, payload)"
                " select id, created_at, user_id, event_type, payload from {}"
            ).format(source)
        ).rowcount
        if moved != expected:
            raise PgopsError(f"{moved:,} of {expected:,} rows of {SCHEMA}.{table} were moved: nothing is changed")
        connection.execute(sql.SQL("drop table {}").format(source))
    return moved


SCENARIOS = {
    "add": Task(
        "repartition add", "A month more: April out of the default partition", (EVENTS.table,),
        check=_refuse_add, work=_add, calls=lambda _connection: [ADD], sums=((EVENTS.table,),),
    ),
    "split": Task(
        "repartition split", "February into four weeks", (EVENTS.table,),
        check=_refuse_split, work=_split, calls=lambda _connection: [SPLIT], sums=((EVENTS.table,),),
    ),
    "detach": Task(
        "repartition detach", "January into the archive", (EVENTS.table, ARCHIVE_TABLE),
        check=_refuse_detach, work=_detach, calls=lambda _connection: [DETACH], sums=((EVENTS.table, ARCHIVE_TABLE),),
    ),
    "migrate": Task(
        "repartition migrate", "Users by HASH, and a copy by quarter of registration", (USERS.table, BY_DATE_TABLE),
        check=_refuse_migrate, work=_migrate, calls=_migrate_calls, sums=((USERS.table,),),
    ),
    "cleanup": Task(
        "repartition cleanup", "The original shape again", (EVENTS.table, ARCHIVE_TABLE, USERS.table, BY_DATE_TABLE),
        check=_refuse_cleanup, work=_cleanup, calls=_cleanup_calls, sums=((EVENTS.table, ARCHIVE_TABLE), (USERS.table,)),
    ),
}  # fmt: skip
