"""What the tables of the lab look like at a moment: partitions with bounds, rows and sizes, from the catalogs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import psycopg
from psycopg import sql

from pgops.lab.shapes import SCHEMA

TABLES = """
    select
        c.relname as name,
        case when c.relkind = 'p' then pg_catalog.pg_get_partkeydef(c.oid) end as key
    from pg_catalog.pg_class as c
    where
        c.relnamespace = pg_catalog.to_regnamespace(%s)
        and c.relkind in ('r', 'p') and not c.relispartition
        and (%s::text[] is null or c.relname = any(%s))
    order by c.relname
"""
LEAVES = """
    select
        c.relname as name,
        case when t.level > 1 then p.relname end as parent,
        case when t.level > 0 then pg_catalog.pg_get_expr(c.relpartbound, c.oid) end as bounds,
        pg_catalog.pg_total_relation_size(c.oid) as size_bytes
    from pg_catalog.pg_partition_tree(%s::regclass) as t
    join pg_catalog.pg_class as c on c.oid = t.relid
    left join pg_catalog.pg_class as p on p.oid = t.parentrelid
    where t.isleaf
    order by pg_catalog.pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT' and t.level = 1, p.relname, c.relname
"""
PLAIN = "select pg_catalog.pg_total_relation_size(%s::regclass)"


@dataclass(frozen=True)
class Part:
    """A leaf of a partitioned table, or a plain table as a whole."""

    name: str
    parent: str | None
    """The partition above it, where there is one between it and the table."""
    bounds: str | None
    rows: int
    size_bytes: int


@dataclass(frozen=True)
class TableState:
    """A table with its parts; `key` is None for a plain one."""

    name: str
    key: str | None
    parts: tuple[Part, ...]

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts)

    @property
    def size_bytes(self) -> int:
        return sum(part.size_bytes for part in self.parts)

    @property
    def partitions(self) -> int:
        """Leaves; 0 for a plain table."""
        return len(self.parts) if self.key else 0

    def part(self, name: str) -> Part | None:
        """The leaf of that name."""
        return next((part for part in self.parts if part.name == name), None)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"rows": self.rows, "size_bytes": self.size_bytes}


def read(connection: psycopg.Connection, *names: str) -> dict[str, TableState]:
    """State of the named tables of the schema, or of all, counted in one snapshot."""
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        wanted = list(names) or None
        found = connection.execute(TABLES, [SCHEMA, wanted, wanted]).fetchall()
        return {name: TableState(name, key, _parts(connection, name, key)) for name, key in found}


def _parts(connection: psycopg.Connection, table: str, key: str | None) -> tuple[Part, ...]:
    whole = sql.Identifier(SCHEMA, table).as_string(connection)
    if key is None:
        (size_bytes,) = connection.execute(PLAIN, [whole]).fetchone() or (0,)
        return (Part(table, None, None, _count(connection, table), size_bytes),)
    leaves = connection.execute(LEAVES, [whole]).fetchall()
    return tuple(
        Part(name, parent, bounds, _count(connection, name), size_bytes) for name, parent, bounds, size_bytes in leaves
    )


def _count(connection: psycopg.Connection, table: str) -> int:
    (count,) = connection.execute(
        sql.SQL("select count(*) from only {}").format(sql.Identifier(SCHEMA, table))
    ).fetchone() or (0,)
    return count


def difference(connection: psycopg.Connection, old: str, new: str) -> tuple[int, int, int]:
    """Rows of two tables with the same ids, and how many of the first the second does not have, in one snapshot."""
    found = connection.execute(
        sql.SQL(
            "select (select count(*) from {old}), (select count(*) from {new}),"
            " (select count(*) from {old} as o where not exists (select from {new} as n where n.id = o.id))"
        ).format(old=sql.Identifier(SCHEMA, old), new=sql.Identifier(SCHEMA, new))
    ).fetchone()
    return found or (0, 0, 0)


def doubled_ids(connection: psycopg.Connection, tables: list[str]) -> int:
    """How many rows too many there are when each id is to be in one of the tables once."""
    each = sql.SQL(" union all ").join(
        sql.SQL("select id from {}").format(sql.Identifier(SCHEMA, table)) for table in tables
    )
    (found,) = connection.execute(
        sql.SQL("select count(*) - count(distinct id) from ({}) as together").format(each)
    ).fetchone() or (0,)
    return found


def leaves_of(connection: psycopg.Connection, table: str) -> set[str]:
    """Names of a table's leaves; none for a plain one."""
    whole = sql.Identifier(SCHEMA, table).as_string(connection)
    return {row[0] for row in connection.execute(LEAVES, [whole]).fetchall()}
