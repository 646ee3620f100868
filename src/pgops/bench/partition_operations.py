"""Operations on partitions of a large table, as the engine, pg_partman and plain DDL do them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from pgops.bench import system
from pgops.bench.partition_writers import AUDIT, Keys

OWNER = "pgops_bench_owner"
COLUMNS = "id bigint, at timestamptz, version integer not null default 0, payload text not null, primary key (id, at)"
# pg_partman looks for the oldest rows of a table again and again: without it, each time in all of them.
INDEX = "create index on app.events (at)"
PATTERN = "events_{year}_{month}"
ENGINE, PROCEDURE, ASYNC, DDL = (
    "pgops",
    "pg_partman partition_data_proc",
    "pg_partman async",
    "plain DDL, one transaction",
)
BATCHES_A_PARTITION = 30  # of pg_partman's async form: a day of each month
Do = Callable[[psycopg.Connection], None]


def month(offset: int) -> datetime:
    """First moment of a month, counted from the current one."""
    now = datetime.now(UTC)
    number = now.year * 12 + now.month - 1 + offset
    return datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)


def name_of(first: datetime) -> str:
    return f"app.events_{first.year}_{first.month:02}"


@dataclass(frozen=True)
class Operation:
    """What is to be done to a table whose rows lie in some months, and the ways to do it."""

    name: str
    months: range
    prepare: Callable[[Operation, psycopg.Connection], None]
    ways: dict[str, Callable[[Operation, psycopg.Connection], None]]
    """Those of pg_partman have a setup besides, which is not timed: `SETUPS`."""

    def keys(self, rows: int) -> Keys:
        start = month(self.months.start)
        return Keys(rows, start, int((month(self.months.stop) - start).total_seconds()))

    def partitions(self) -> list[tuple[str, str]]:
        """The monthly partitions with their bounds."""
        return [
            (
                name_of(month(each)),
                f"for values from ('{month(each).isoformat()}') to ('{month(each + 1).isoformat()}')",
            )
            for each in self.months
        ]

    @property
    def bound(self) -> str:
        """Of one partition for all months."""
        return (
            f"for values from ('{month(self.months.start).isoformat()}') to ('{month(self.months.stop).isoformat()}')"
        )


def fill(operation: Operation, connection: psycopg.Connection, rows: int) -> None:
    """A database with the engine, the table of the operation, and its rows."""
    system.make_owner(connection, OWNER, (OWNER,))
    system.apply_set(connection, "pgops", "postgres")
    connection.execute(f"create schema app authorization {OWNER}; set role {OWNER}")
    operation.prepare(operation, connection)
    connection.execute(AUDIT)
    connection.execute(f"insert into app.events (id, at, version, payload) {operation.keys(rows).generated()}")
    connection.execute("reset role")
    connection.execute("vacuum (analyze)")


def _partitioned(connection: psycopg.Connection, partitions: list[tuple[str, str]]) -> None:
    connection.execute(f"create table app.events ({COLUMNS}) partition by range (at)")
    connection.execute(INDEX)
    for name, bound in [*partitions, ("app.events_default", "default")]:
        connection.execute(f"create table {name} partition of app.events {bound}")


def _one(operation: Operation, connection: psycopg.Connection) -> None:
    _partitioned(connection, [("app.events_all", operation.bound)])


def _monthly(operation: Operation, connection: psycopg.Connection) -> None:
    _partitioned(connection, operation.partitions())


def _default_only(operation: Operation, connection: psycopg.Connection) -> None:
    _partitioned(connection, [])


def _plain(operation: Operation, connection: psycopg.Connection) -> None:
    connection.execute(f"create table app.events ({COLUMNS})")
    connection.execute(INDEX)


def _engine(name: str, arguments: Callable[[Operation], dict]) -> Callable[[Operation, psycopg.Connection], None]:
    """The engine's own way: one call, which commits between its steps."""

    def run(operation: Operation, connection: psycopg.Connection) -> None:
        connection.execute(
            "call pgops.operation_apply('app.events', %s, %s::jsonb)", [name, json.dumps(arguments(operation))]
        )

    return run


def _pieces(operation: Operation) -> list[dict[str, str]]:
    return [
        {
            "name": name_of(month(each)).removeprefix("app."),
            "from": month(each).isoformat(),
            "to": month(each + 1).isoformat(),
        }
        for each in operation.months
    ]


def _ddl(operation: Operation, connection: psycopg.Connection, old: list[str], new: list[tuple[str, str]]) -> None:
    """Detach, make, move, drop: what everybody would write."""
    with connection.transaction():
        for number, name in enumerate(old):
            connection.execute(f"alter table app.events detach partition {name}")
            connection.execute(f"alter table {name} rename to old_{number}")
            connection.execute(
                f"alter table app.old_{number} rename constraint {name.removeprefix('app.')}_pkey to old_{number}_pkey"
            )
        for name, bound in new:
            connection.execute(f"create table {name} partition of app.events {bound}")
        for number in range(len(old)):
            connection.execute(f"insert into app.events select * from app.old_{number}")
            connection.execute(f"drop table app.old_{number}")


def _ddl_split(operation: Operation, connection: psycopg.Connection) -> None:
    _ddl(operation, connection, ["app.events_all"], operation.partitions())


def _ddl_merge(operation: Operation, connection: psycopg.Connection) -> None:
    _ddl(
        operation, connection, [name for name, _bound in operation.partitions()], [("app.events_all", operation.bound)]
    )


def _ddl_drain(operation: Operation, connection: psycopg.Connection) -> None:
    new = [*operation.partitions(), ("app.events_default", "default")]
    _ddl(operation, connection, ["app.events_default"], new)


def _ddl_convert(operation: Operation, connection: psycopg.Connection) -> None:
    with connection.transaction():
        connection.execute("alter table app.events rename to events_old")
        connection.execute("alter table app.events_old rename constraint events_pkey to events_old_pkey")
        _partitioned(connection, operation.partitions())
        connection.execute("insert into app.events select * from app.events_old")


def partman_parent(connection: psycopg.Connection) -> None:
    """As few partitions besides those that are needed as it lets one have: this month's and the next."""
    connection.execute("create schema if not exists partman; create extension if not exists pg_partman schema partman")
    connection.execute(
        "select partman.create_parent(p_parent_table := 'app.events', p_control := 'at', p_interval := '1 month',"
        " p_premake := 1, p_start_partition := %s, p_default_table := false)",
        [month(0).isoformat()],
    )


def _partman_wrapped(connection: psycopg.Connection) -> None:
    """Its documentation's way for a plain table: the table becomes the default partition of a new one of its name."""
    columns = COLUMNS.replace("primary key", "constraint events_parent_pkey primary key")
    wrapped = "select from pg_partitioned_table where partrelid = 'app.events'::regclass"
    with connection.transaction():
        if connection.execute(wrapped).fetchone() is not None:
            return
        connection.execute("alter table app.events rename to events_default")
        connection.execute(f"create table app.events ({columns}) partition by range (at)")
        connection.execute(INDEX)
        connection.execute("alter table app.events attach partition app.events_default default")


def _partman_proc(operation: Operation, connection: psycopg.Connection) -> None:
    if not _has_parent(connection):
        _partman_wrapped(connection)
        partman_parent(connection)
    connection.execute("call partman.partition_data_proc('app.events', p_wait := 0, p_quiet := true)")


def _partman_async(operation: Operation, connection: psycopg.Connection) -> None:
    if not _has_parent(connection):
        _partman_wrapped(connection)
        partman_parent(connection)
    connection.execute(
        "call partman.partition_data_async('app.events', p_interval := %s, p_wait := 0, p_quiet := true)",
        [f"{30 // BATCHES_A_PARTITION} day"],
    )


def _has_parent(connection: psycopg.Connection) -> bool:
    (found,) = connection.execute("select to_regclass('partman.part_config') is not null").fetchone()
    return found and connection.execute("select from partman.part_config").fetchone() is not None


OPERATIONS = {
    "split": Operation("split", range(-7, -3), _one, {
        ENGINE: _engine("split", lambda _: {"partition": "events_all", "every": "month", "name": PATTERN}),
        DDL: _ddl_split,
    }),
    "merge": Operation("merge", range(-7, -3), _monthly, {
        ENGINE: _engine("merge", lambda each: {
            "partitions": [piece["name"] for piece in _pieces(each)], "into": "events_all"}),
        DDL: _ddl_merge,
    }),
    "drain": Operation("drain", range(-7, -2), _default_only, {
        ENGINE: _engine("drain", lambda each: {"partitions": _pieces(each)}),
        PROCEDURE: _partman_proc, ASYNC: _partman_async, DDL: _ddl_drain,
    }),
    "convert": Operation("convert", range(-14, -2), _plain, {
        ENGINE: _engine("convert", lambda _: {"by": {"range": "at", "every": "month"}, "name": PATTERN, "ahead": 0}),
        PROCEDURE: _partman_proc, ASYNC: _partman_async, DDL: _ddl_convert,
    }),
}  # fmt: skip
