"""How a database of the partition lab is made for the tests, and how its command is called."""

from __future__ import annotations

import json
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from servers import Server, apply_set
from typer.testing import CliRunner, Result

from pgops.cli import app

ROLES = {
    "partition_lab_owner": "nologin",
    "partition_lab_operator": "login",
    "partition_lab_jobs": "login",
    "partition_lab_app": "login",
    "partition_lab_reader": "login",
}
PARTITIONS = """
    create table app.event_logs_2024_01 partition of app.event_logs for values from ('2024-01-01Z') to ('2024-02-01Z');
    create table app.event_logs_2024_02 partition of app.event_logs for values from ('2024-02-01Z') to ('2024-03-01Z');
    create table app.event_logs_2024_03 partition of app.event_logs for values from ('2024-03-01Z') to ('2024-04-01Z');
    create table app.event_logs_default partition of app.event_logs default;
    create table app.users_distributed_p0 partition of app.users_distributed for values with (modulus 4, remainder 0);
    create table app.users_distributed_p1 partition of app.users_distributed for values with (modulus 4, remainder 1);
    create table app.users_distributed_p2 partition of app.users_distributed for values with (modulus 4, remainder 2);
    create table app.users_distributed_p3 partition of app.users_distributed for values with (modulus 4, remainder 3);
    create table app.orders_by_region_north_america partition of app.orders_by_region for values in ('north_america');
    create table app.orders_by_region_europe partition of app.orders_by_region for values in ('europe');
    create table app.orders_by_region_asia_pacific partition of app.orders_by_region for values in ('asia_pacific');
    create table app.orders_by_region_other partition of app.orders_by_region default;
    create table app.sales_data_2024_q1 partition of app.sales_data
        for values from ('2024-01-01') to ('2024-04-01') partition by list (category);
    create table app.sales_data_2024_q1_electronics partition of app.sales_data_2024_q1 for values in ('electronics');
    create table app.sales_data_2024_q1_clothing partition of app.sales_data_2024_q1 for values in ('clothing');
    create table app.sales_data_2024_q1_other partition of app.sales_data_2024_q1 default;
    create table app.sales_data_2024_q2 partition of app.sales_data
        for values from ('2024-04-01') to ('2024-07-01') partition by list (category);
    create table app.sales_data_2024_q2_electronics partition of app.sales_data_2024_q2 for values in ('electronics');
    create table app.sales_data_2024_q2_clothing partition of app.sales_data_2024_q2 for values in ('clothing');
    create table app.sales_data_2024_q2_other partition of app.sales_data_2024_q2 default;
"""
KEYS = {
    "event_logs": "range (created_at)",
    "users_distributed": "hash (id)",
    "orders_by_region": "list (region)",
    "sales_data": "range (sale_date)",
}


def prepare(connection: psycopg.Connection) -> None:
    """What a deploy leaves: roles, rights, engine, and four plain tables without rows."""
    for role, options in ROLES.items():
        if not connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
            connection.execute(sql.SQL(f"create role {{}} {options}").format(sql.Identifier(role)))
    database = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("alter database {} owner to partition_lab_owner").format(database))
    connection.execute(sql.SQL("revoke all on database {} from public").format(database))
    for role in ROLES:
        connection.execute(sql.SQL("grant connect on database {} to {}").format(database, sql.Identifier(role)))
    apply_set(connection, "pgops")
    for role in ("partition_lab_operator", "partition_lab_jobs"):
        connection.execute(
            sql.SQL("grant partition_lab_owner to {} with inherit false, set true").format(sql.Identifier(role))
        )
        connection.execute(sql.SQL("grant pgops_operator to {}").format(sql.Identifier(role)))
    apply_set(connection, "partition_lab", role="partition_lab_owner")


def partition_by_hand(connection: psycopg.Connection) -> None:
    """Empty partitioned tables of the lab's shapes instead of the plain ones, made without the engine."""
    connection.execute("set role partition_lab_owner")
    for table, key in KEYS.items():
        connection.execute(f"create table app.made (like app.{table} including all) partition by {key}")
        (comment,) = connection.execute("select obj_description(%s::regclass)", [f"app.{table}"]).fetchone()
        connection.execute(sql.SQL("comment on table app.made is {}").format(sql.Literal(comment)))
        connection.execute(f"drop table app.{table}")
        connection.execute(f"alter table app.made rename to {table}")
    connection.execute(PARTITIONS)
    connection.execute("select app.grant_rights()")
    connection.execute("reset role")


def dsn(server: Server, connection: psycopg.Connection, user: str = "partition_lab_operator") -> str:
    """Connection string of the test's database."""
    return make_conninfo(host=server.host, port=server.port, dbname=connection.info.dbname, user=user)


def lab(dsn: str, *arguments: str) -> Result:
    """Call `pgops lab`."""
    return CliRunner().invoke(app, ["lab", *arguments, "--dsn", dsn], catch_exceptions=True)


def answer(dsn: str, *arguments: str) -> Any:
    """What a command prints as JSON."""
    result = lab(dsn, *arguments, "--json")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def refusal(dsn: str, *arguments: str) -> str:
    """The message of a command that must refuse."""
    result = lab(dsn, *arguments)
    assert result.exception is not None, result.output
    return str(result.exception)
