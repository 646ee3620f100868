"""A database of system 1 for a measurement: engine, table, totals, and the rows asked for, all of them new."""

from __future__ import annotations

import json
import re
from pathlib import Path

import psycopg
from psycopg import sql

from pgops.paths import ROOT

SQL_SETS = ROOT / "files" / "sql"
ROLES = (
    "transactions_owner",
    "transactions_jobs",
    "transactions_app",
    "transactions_reader",
    "transactions_replication",
)
POLICY = {"by": {"range": "date", "every": "month"}, "name": "t1_{year}_{month}", "default": True}
FIRST_MONTH, MONTHS = "2026-01-01", 4


def prepare(connection: psycopg.Connection) -> None:
    """Everything but rows."""
    make_owner(connection, "transactions_owner", ROLES)
    connection.execute("create extension pg_ivm")
    apply_set(connection, "pgops", "postgres")
    apply_set(connection, "transactions", "transactions_owner")
    apply_set(connection, "transactions_primary", "transactions_owner")
    apply_set(connection, "transactions_ddl", "postgres")
    connection.execute("select pgops.set_partition_policy('app.t1', %s)", [json.dumps(POLICY)])
    connection.execute("set role transactions_owner")
    connection.execute("create table app.t1_default partition of app.t1 default")
    connection.execute("select pgivm.create_immv('app.t1_totals', pg_get_viewdef('app.t1_totals_source'::regclass))")
    connection.execute("reset role")


def make_owner(connection: psycopg.Connection, owner: str, roles: tuple[str, ...]) -> None:
    """Have the roles of a system, one of which owns the database."""
    for role in roles:
        if not connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
            connection.execute(sql.SQL("create role {}").format(sql.Identifier(role)))
    database = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("alter database {} owner to {}").format(database, sql.Identifier(owner)))


def apply_set(connection: psycopg.Connection, name: str, role: str) -> None:
    """Run the files of files/sql/NAME as that role."""
    for path in _scripts(SQL_SETS / name):
        with connection.transaction():
            if role != "postgres":
                connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
            connection.execute(path.read_text(encoding="utf-8"))


def _scripts(folder: Path) -> list[Path]:
    versioned = sorted(folder.glob("V*__*.sql"), key=lambda path: int(re.match(r"V(\d+)__", path.name)[1]))
    return [*versioned, *sorted(folder.glob("R__*.sql"))]


def generate(connection: psycopg.Connection, rows: int, clients: int, seed: int = 42) -> None:
    connection.execute(f"call app.generate_transactions({rows}, '{FIRST_MONTH}', {MONTHS}, {clients}, {seed})")


def make_all_rows_new(connection: psycopg.Connection) -> None:
    """State 0 everywhere, nothing in the totals, and tables as compact as after a load."""
    connection.execute("set session_replication_role = replica")
    connection.execute("update app.t1 set state = 0")
    connection.execute("reset session_replication_role")
    connection.execute("truncate app.t1_month_total")
    vacuum(connection, full=True)
    if connection.execute("select count(*) from app.totals_drift()").fetchone() != (0,):
        raise RuntimeError("the totals are not empty although all rows are new")


def vacuum(connection: psycopg.Connection, full: bool = False) -> None:
    connection.execute(
        f"vacuum ({'full, ' if full else ''}analyze) app.t1, app.t1_guid, app.t1_month_total, app.t1_totals"
    )
    connection.execute("checkpoint")
