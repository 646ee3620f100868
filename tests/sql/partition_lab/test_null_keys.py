"""NULL in a partition key: where the strategy has a place for it, on tables of the lab without their primary keys."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest
from psycopg import errors

from pgops.lab.shapes import EVENTS, ORDERS, USERS

WITHOUT_DEFAULT = {"default": False}
EUROPE = {"name": "orders_by_region_europe", "values": ["europe"]}


def partitioned(database: psycopg.Connection, table: str, key: str, column: str, policy: dict[str, Any]) -> None:
    """The table partitioned by the engine's policy, with a key column that may be NULL."""
    database.execute("set role partition_lab_owner")
    database.execute(f"create table app.made (like app.{table} including defaults) partition by {key}")
    database.execute(f"alter table app.made alter column {column} drop not null")
    database.execute(f"drop table app.{table}")
    database.execute(f"alter table app.made rename to {table}")
    database.execute("reset role")
    database.execute("select pgops.set_partition_policy(%s::regclass, %s)", [f"app.{table}", json.dumps(policy)])
    database.execute("call pgops.partition_apply(%s::regclass)", [f"app.{table}"])


def place(database: psycopg.Connection, statement: str) -> str:
    (found,) = database.execute(f"{statement} returning tableoid::regclass::text").fetchone()
    return found.removeprefix("app.")


EVENT = "insert into app.event_logs (created_at, user_id, event_type) values (null, 1, 'view')"
USER = "insert into app.users_distributed (id, username, email, country) values (null, 'a', 'a@example.com', 'DE')"
ORDER = "insert into app.orders_by_region (region, customer_id, amount) values (null, 1, 1)"


def test_range_has_it_in_the_default_partition(database: psycopg.Connection) -> None:
    partitioned(database, "event_logs", "range (created_at)", "created_at", EVENTS.policy)
    assert place(database, EVENT) == "event_logs_default"


def test_range_without_a_default_partition_refuses_it(database: psycopg.Connection) -> None:
    partitioned(database, "event_logs", "range (created_at)", "created_at", EVENTS.policy | WITHOUT_DEFAULT)
    with pytest.raises(errors.CheckViolation, match="no partition of relation"):
        database.execute(EVENT)


def test_hash_has_a_place_for_it(database: psycopg.Connection) -> None:
    partitioned(database, "users_distributed", "hash (id)", "id", USERS.policy)
    assert place(database, USER) == "users_distributed_p0"


def test_list_has_it_where_it_is_named(database: psycopg.Connection) -> None:
    policy = ORDERS.policy | {"partitions": [EUROPE, {"name": "orders_by_region_unknown", "values": ["unknown", None]}]}
    partitioned(database, "orders_by_region", "list (region)", "region", policy)
    assert place(database, ORDER) == "orders_by_region_unknown"


def test_list_has_it_in_the_default_partition_where_it_is_not(database: psycopg.Connection) -> None:
    partitioned(database, "orders_by_region", "list (region)", "region", ORDERS.policy)
    assert place(database, ORDER) == "orders_by_region_other"
    assert database.execute("select count(*) from app.orders_by_region where region is null").fetchone() == (1,)


def test_list_without_a_default_partition_refuses_it(database: psycopg.Connection) -> None:
    partitioned(
        database,
        "orders_by_region",
        "list (region)",
        "region",
        ORDERS.policy | {"partitions": [EUROPE]} | WITHOUT_DEFAULT,
    )
    with pytest.raises(errors.CheckViolation, match="no partition of relation"):
        database.execute(ORDER)
