"""How a database of system 1 is made for the tests, and what is asked of it again and again."""

from __future__ import annotations

import json
import uuid

import psycopg
from psycopg import sql
from servers import apply_set

ROLES = {
    "transactions_owner": "nologin",
    "transactions_jobs": "login",
    "transactions_app": "login",
    "transactions_reader": "login",
    "transactions_replication": "login replication",
}
# As files/sql/transactions/README.md gives it to whoever deploys; test_totals.py compares the two.
TOTALS_QUERY = (
    "select client_id, operation_type, sum(amount) as amount, sum(transactions) as transactions "
    "from app.t1_month_total where transactions <> 0 group by client_id, operation_type"
)
POLICY = {
    "by": {"range": "date", "every": "month"},
    "name": "t1_{year}_{month}",
    "ahead": 1,
    "behind": 0,
    "default": True,
}
MESSAGE = {"account_number": "4000000001", "client_id": 1, "operation_type": "online"}


def _prepare(connection: psycopg.Connection, side: str) -> None:
    for role, options in ROLES.items():
        if not connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
            connection.execute(sql.SQL(f"create role {{}} {options}").format(sql.Identifier(role)))
    connection.execute("grant transactions_owner to transactions_jobs with inherit false, set true")
    database = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("alter database {} owner to transactions_owner").format(database))
    apply_set(connection, "pgops")
    connection.execute("grant pgops_operator to transactions_jobs")
    apply_set(connection, "transactions", role="transactions_owner")
    apply_set(connection, side, role="transactions_owner")
    apply_set(connection, "transactions_ddl")
    connection.execute("select pgops.set_partition_policy('app.t1', %s)", [json.dumps(POLICY)])
    connection.execute("set role transactions_owner")
    connection.execute("create table app.t1_default partition of app.t1 default")
    for month in (1, 2, 3):
        connection.execute(
            sql.SQL("create table {} partition of app.t1 for values from ({}) to ({})").format(
                sql.Identifier("app", f"t1_2026_{month:02}"), f"2026-{month:02}-01Z", f"2026-{month + 1:02}-01Z"
            )
        )
    connection.execute("reset role")


def prepare_primary(connection: psycopg.Connection) -> None:
    """A primary; where pg_ivm can be had, app.t1_totals is the incremental view."""
    has_ivm = connection.execute("select 1 from pg_available_extensions where name = 'pg_ivm'").fetchone()
    if has_ivm:
        connection.execute("create extension if not exists pg_ivm")
    _prepare(connection, "transactions_primary")
    connection.execute("set role transactions_owner")
    if has_ivm:
        connection.execute("select pgivm.create_immv('app.t1_totals', %s)", [TOTALS_QUERY])
    else:
        connection.execute(f"create view app.t1_totals as {TOTALS_QUERY}")
    connection.execute("grant select on app.t1_totals to transactions_reader, transactions_app, transactions_jobs")
    connection.execute("reset role")


def prepare_subscriber(connection: psycopg.Connection) -> None:
    _prepare(connection, "transactions_subscriber")


def insert(connection: psycopg.Connection, table: str = "app.t1", **columns) -> tuple:
    """Insert one row, good unless `columns` say otherwise; returns (date, id, transaction_guid)."""
    row = {"date": "2026-01-15 12:00Z", "amount": "10.50", "state": 1, "transaction_guid": uuid.uuid4()}
    row |= {"message": json.dumps(MESSAGE)} | columns
    statement = sql.SQL("insert into {} ({}) values ({}) returning date, id, transaction_guid").format(
        sql.Identifier(*table.split(".")),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(sql.Placeholder() * len(row)),
    )
    return connection.execute(statement, list(row.values())).fetchone()


def message(**keys) -> str:
    """A good message with other values for some keys; None takes a key away."""
    return json.dumps({key: value for key, value in (MESSAGE | keys).items() if value is not None})


def totals(connection: psycopg.Connection) -> dict[tuple, tuple]:
    rows = connection.execute("select client_id, operation_type, amount, transactions from app.t1_totals").fetchall()
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}


def recount(connection: psycopg.Connection) -> dict[tuple, tuple]:
    rows = connection.execute(
        "select client_id, operation_type, sum(amount), count(*) from app.t1 where state = 1 group by 1, 2"
    ).fetchall()
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}


def assert_exact(connection: psycopg.Connection) -> None:
    """Totals equal a recount, and so do the totals by month; the registry is exact where there is one."""
    assert totals(connection) == recount(connection)
    assert connection.execute("select * from app.totals_drift()").fetchall() == []
    by_month = """
        select month, client_id, operation_type, sum(amount), sum(transactions) from app.t1_recorded_total
        group by 1, 2, 3 having sum(transactions) <> 0 or sum(amount) <> 0
        {} select date_trunc('month', date at time zone 'UTC')::date, client_id, operation_type, sum(amount), count(*)
        from app.t1 where state = 1 group by 1, 2, 3
    """
    assert connection.execute(by_month.format("except")).fetchall() == []
    if connection.execute("select to_regclass('app.t1_guid')").fetchone()[0]:
        assert connection.execute("select * from app.guid_drift()").fetchall() == []
        duplicates = "select transaction_guid from app.t1 group by 1 having count(*) > 1"
        assert connection.execute(duplicates).fetchall() == []
