"""How a database of system 2 is made for the tests, and what is asked of it again and again."""

from __future__ import annotations

import json
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from servers import apply_set

ROLES = {
    "operations_owner": "nologin",
    "operations_jobs": "login",
    "operations_app": "login",
    "operations_reader": "login",
}
POLICY = {
    "by": {"range": "operation_date", "every": "month"},
    "name": "operations_{year}_{month}",
    "ahead": 1,
    "behind": 0,
    "default": True,
}


def prepare(connection: psycopg.Connection) -> None:
    for role, options in ROLES.items():
        if not connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
            connection.execute(sql.SQL(f"create role {{}} {options}").format(sql.Identifier(role)))
    connection.execute("grant operations_owner to operations_jobs with inherit false, set true")
    database = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("alter database {} owner to operations_owner").format(database))
    # Nobody gets the right to make temporary tables from PUBLIC, as a deploy leaves it.
    connection.execute(sql.SQL("revoke all on database {} from public").format(database))
    for role in ("operations_jobs", "operations_app", "operations_reader"):
        connection.execute(sql.SQL("grant connect on database {} to {}").format(database, sql.Identifier(role)))
    apply_set(connection, "pgops")
    connection.execute("grant pgops_operator to operations_jobs")
    apply_set(connection, "operations", role="operations_owner")
    connection.execute("select pgops.set_partition_policy('app.operations', %s)", [json.dumps(POLICY)])
    connection.execute("set role operations_owner")
    connection.execute("create table app.operations_default partition of app.operations default")
    for month in (1, 2, 3):
        connection.execute(
            sql.SQL("create table {} partition of app.operations for values from ({}) to ({})").format(
                sql.Identifier("app", f"operations_2026_{month:02}"), f"2026-{month:02}-01Z", f"2026-{month + 1:02}-01Z"
            )
        )
    connection.execute("reset role")


def insert(connection: psycopg.Connection, table: str = "app.operations", **columns) -> tuple:
    """Insert one row, good unless `columns` say otherwise; returns (operation_date, id)."""
    row = {"operation_date": "2026-01-15 12:00Z", "client_id": 1, "operation_type": "online", "amount": "10.50"}
    row |= {"status": 1} | columns
    statement = sql.SQL("insert into {} ({}) values ({}) returning operation_date, id").format(
        sql.Identifier(*table.split(".")),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(sql.Placeholder() * len(row)),
    )
    return connection.execute(statement, list(row.values())).fetchone()


def sums(connection: psycopg.Connection) -> dict[tuple, Any]:
    """What the view says."""
    rows = connection.execute("select client_id, operation_type, amount from app.client_type_sum_mv").fetchall()
    return {(client, operation): amount for client, operation, amount in rows}


def recount(connection: psycopg.Connection) -> dict[tuple, Any]:
    """What it should say once it is refreshed."""
    rows = connection.execute(
        "select client_id, operation_type, sum(amount) from app.operations where status = 1 group by 1, 2"
    ).fetchall()
    return {(client, operation): amount for client, operation, amount in rows}


def refresh_status(connection: psycopg.Connection) -> dict[str, Any]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute("select * from app.refresh_status").fetchone()


def slow_down_refreshes(connection: psycopg.Connection, seconds: float) -> None:
    """Replace the view by one of the same rows whose refresh takes so long."""
    connection.execute("set role operations_owner")
    connection.execute(
        sql.SQL(
            """
            drop materialized view app.client_type_sum_mv cascade;
            create materialized view app.client_type_sum_mv as
            select o.client_id, o.operation_type, sum(o.amount) as amount
            from app.operations as o
            where o.status = 1
            group by o.client_id, o.operation_type
            having (select pg_sleep({}) is not null)
            with no data;
            create unique index on app.client_type_sum_mv (client_id, operation_type);
            refresh materialized view app.client_type_sum_mv;
            grant select on app.client_type_sum_mv to operations_reader, operations_jobs
            """
        ).format(sql.Literal(seconds))
    )
    connection.execute("reset role")
