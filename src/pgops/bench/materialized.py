"""A database of system 2 for a measurement: engine, table, materialized view, and the rows asked for."""

from __future__ import annotations

import json

import psycopg

from pgops.bench import system

ROLES = ("operations_owner", "operations_jobs", "operations_app", "operations_reader")
POLICY = {"by": {"range": "operation_date", "every": "month"}, "name": "operations_{year}_{month}", "default": True}
FIRST_DAY, LAST_DAY = "2026-01-01", "2026-04-30"


def prepare(connection: psycopg.Connection) -> None:
    """Everything but rows."""
    system.make_owner(connection, "operations_owner", ROLES)
    system.apply_set(connection, "pgops", "postgres")
    system.apply_set(connection, "operations", "operations_owner")
    connection.execute("select pgops.set_partition_policy('app.operations', %s)", [json.dumps(POLICY)])
    connection.execute("set role operations_owner")
    connection.execute("create table app.operations_default partition of app.operations default")
    connection.execute("reset role")


def generate(connection: psycopg.Connection, rows: int) -> None:
    """Rows of 1,000 clients in four months, one in eight of them new."""
    connection.execute(f"call app.operations_test_data('{FIRST_DAY}', '{LAST_DAY}', {rows})")
    connection.execute("vacuum (analyze) app.operations")
    connection.execute("checkpoint")
