"""Demonstration queries: for each strategy what is pruned, when, and what is not."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

import psycopg
from psycopg import sql

from pgops.lab import plans, state
from pgops.lab.shapes import SCHEMA, STRATEGIES


@dataclass(frozen=True)
class Query:
    """A query and what it is to show."""

    title: str
    text: str
    parameters: tuple[str, ...] = ()
    """Values of $1, $2 .. of a prepared statement with a generic plan: the planner does not know them."""


QUERIES: dict[str, tuple[Query, ...]] = {
    "range": (
        Query(
            "events of ten days",
            "select event_type, count(*) from app.event_logs"
            " where created_at >= '2024-01-10Z' and created_at < '2024-01-20Z' group by event_type",
        ),
        Query(
            "events from the middle of one month to the middle of the next",
            "select count(*) from app.event_logs where created_at >= '2024-02-15Z' and created_at < '2024-03-15Z'",
        ),
        Query(
            "events of a time without a partition of its own",
            "select count(*) from app.event_logs where created_at >= '2024-09-01Z' and created_at < '2024-10-01Z'",
        ),
        Query(
            "events since a moment that is not known before the query runs",
            "select count(*) from app.event_logs where created_at < (select timestamptz '2024-02-01Z')",
        ),
        Query("events of one user at any time", "select count(*) from app.event_logs where user_id = 42"),
    ),
    "hash": (
        Query("one user", "select * from app.users_distributed where id = 42"),
        Query("three users", "select * from app.users_distributed where id in (1, 2, 3)"),
        Query(
            "one user, prepared without knowing which",
            "select * from app.users_distributed where id = $1::bigint",
            ("42",),
        ),
        Query("users of one country", "select count(*) from app.users_distributed where country = 'DE'"),
    ),
    "list": (
        Query("orders of one region", "select count(*), sum(amount) from app.orders_by_region where region = 'europe'"),
        Query(
            "orders of two regions",
            "select region, count(*) from app.orders_by_region where region in ('europe', 'asia_pacific') group by region",
        ),
        Query(
            "orders of a region without a partition of its own",
            "select count(*) from app.orders_by_region where region = 'africa'",
        ),
        Query(
            "orders of two regions, prepared without knowing which",
            "select count(*) from app.orders_by_region where region in ($1::text, $2::text)",
            ("europe", "north_america"),
        ),
        Query(
            "the same, given as an array: PostgreSQL prunes by none",
            "select count(*) from app.orders_by_region where region = any($1::text[])",
            ("{europe,north_america}",),
        ),
        Query("orders of one customer", "select count(*) from app.orders_by_region where customer_id = 42"),
    ),
    "composite": (
        Query(
            "sales of one month and category",
            "select count(*), sum(amount) from app.sales_data"
            " where sale_date >= '2024-02-01' and sale_date < '2024-03-01' and category = 'electronics'",
        ),
        Query(
            "sales of one quarter",
            "select category, count(*) from app.sales_data"
            " where sale_date >= '2024-04-01' and sale_date < '2024-07-01' group by category",
        ),
        Query(
            "sales of one category at any time", "select count(*) from app.sales_data where category = 'clothing'"
        ),
        Query(
            "sales of one day and category, prepared without knowing which",
            "select count(*) from app.sales_data where sale_date = $1::date and category = $2::text",
            ("2024-05-05", "books"),
        ),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What a query has shown."""

    strategy: str
    query: Query
    reading: plans.Reading
    elapsed_ms: float

    def as_json(self) -> dict[str, Any]:
        return {
            "strategy": self.strategy,
            "title": self.query.title,
            "query": self.query.text,
            "parameters": list(self.query.parameters),
            "statement": str(self.reading),
            "pruned_by_planner": self.reading.pruned_by_planner,
            "elapsed_ms": round(self.elapsed_ms, 3),
            **asdict(self.reading),
        }


def run(connection: psycopg.Connection, strategy: str) -> list[Answer]:
    """Run each query of a strategy under EXPLAIN ANALYZE."""
    shape = STRATEGIES[strategy]
    leaves = state.leaves_of(connection, shape.table)
    # Estimates that are too old hide nothing here, but a plan without any reads more than it has to.
    connection.execute(sql.SQL("analyze {}").format(sql.Identifier(SCHEMA, shape.table)))
    return [_answer(connection, strategy, query, leaves) for query in QUERIES[strategy]]


def _answer(connection: psycopg.Connection, strategy: str, query: Query, leaves: set[str]) -> Answer:
    started = time.perf_counter()
    explained = explain(connection, query)
    elapsed_ms = 1000 * (time.perf_counter() - started)
    return Answer(strategy, query, plans.reading(explained, leaves), elapsed_ms)


def explain(connection: psycopg.Connection, query: Query) -> list[dict[str, Any]]:
    """Plan of the query as it was executed."""
    options = sql.SQL("explain (analyze, format json) ")
    with connection.transaction():
        if not query.parameters:
            statement = options + sql.SQL(query.text)
        else:
            connection.execute("set local plan_cache_mode = force_generic_plan")
            connection.execute(sql.SQL("prepare lab_query as ") + sql.SQL(query.text))
            values = sql.SQL(", ").join(map(sql.Literal, query.parameters))
            statement = options + sql.SQL("execute lab_query ({})").format(values)
        (explained,) = connection.execute(statement).fetchone() or (None,)
        if query.parameters:
            connection.execute("deallocate lab_query")
    return explained
