"""Made-up rows, generated in the server: the same scale and seed give the same rows everywhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import psycopg
from psycopg import sql

from pgops.errors import PgopsError
from pgops.lab.shapes import SCHEMA, SHAPES, Shape

LARGEST_SCALE = 100_000
LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True)
class Seeded:
    """Rows that were added to a table."""

    table: str
    rows: int
    seconds: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def refuse(scale: int, seed: int) -> None:
    """Values out of range."""
    if not 1 <= scale <= LARGEST_SCALE:
        most = sum(shape.rows_at(LARGEST_SCALE) for shape in SHAPES)
        raise PgopsError(
            f"--scale {scale}: accepted are 1 ({sum(shape.rows_at(1) for shape in SHAPES)} rows) to {LARGEST_SCALE:,} ({most:,})"
        )
    if not 0 <= seed <= LARGEST_SEED:
        raise PgopsError(f"--seed {seed}: accepted are 0 to {LARGEST_SEED}")


def run(connection: psycopg.Connection, scale: int, seed: int, say: Callable[[str], None]) -> list[Seeded]:
    """Add rows to each table, a transaction a table, and gather statistics."""
    return [_seed(connection, shape, shape.rows_at(scale), seed, say) for shape in SHAPES]


def _seed(connection: psycopg.Connection, shape: Shape, rows: int, seed: int, say: Callable[[str], None]) -> Seeded:
    say(f"{rows:,} rows for {shape.name}")
    started = time.monotonic()
    function = sql.Identifier(SCHEMA, f"seed_{shape.table}")
    (added,) = connection.execute(sql.SQL("select {}(%s, %s)").format(function), [rows, seed]).fetchone() or (0,)
    connection.execute(sql.SQL("analyze {}").format(sql.Identifier(SCHEMA, shape.table)))
    return Seeded(shape.table, added, time.monotonic() - started)
