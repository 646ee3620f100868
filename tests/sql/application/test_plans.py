"""The documented queries use the indexes that are there for them."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from servers import Server

# Events and metrics of one month, whatever day it is.
FILL = """
insert into app.users (name, email, status, created_at, metadata)
select 'u' || n, n || '@example.org', case when n % 10 = 0 then 'inactive' else 'active' end,
    now() - n * interval '1 minute', jsonb_build_object('plan', case when n % 500 = 0 then 'pro' else 'free' end)
from generate_series(1, 20000) as n;
insert into app.data_entries (user_id, key, value, metadata)
select 1 + n % 20000, 'k' || n % 100, 'v', jsonb_build_object('source', n % 1000) from generate_series(1, 60000) as n;
insert into app.events (event_type, user_id, data, created_at, status, processed_at)
select 't' || n % 500, 1 + n % 5000, jsonb_build_object('order', n), date_trunc('month', now(), 'UTC') + n * interval '40 seconds',
    case when n % 1000 = 0 then 'pending' else 'processed' end, case when n % 1000 > 0 then now() end
from generate_series(1, 60000) as n;
insert into app.metrics (metric_name, metric_value, tags, "timestamp")
select 'm' || n % 50, n, jsonb_build_object('host', n % 2000), date_trunc('month', now(), 'UTC') + n * interval '40 seconds'
from generate_series(1, 60000) as n;
"""
# Where several indexes could serve, the better of them.
QUERIES = {
    "a user by address": ("users where email = '77@example.org'", "users_email_key"),
    "the newest users of a status": (
        "users where status = 'inactive' order by created_at desc limit 50", "users_status_created_at_idx",
    ),
    "the newest users": ("users order by created_at desc limit 50", "users_created_at_idx"),
    "users by what is known of them": ("""users where metadata @> '{"plan": "pro"}'""", "users_metadata_idx"),
    "what a user has entered": ("data_entries where user_id = 77 and key = 'k76'", "data_entries_user_id_key_idx"),
    "all that a user has entered": ("data_entries where user_id = 77", "data_entries_user_id_key_idx"),
    "the newest entries": ("data_entries order by created_at desc limit 50", "data_entries_created_at_idx"),
    "entries by what is known of them": ("""data_entries where metadata @> '{"source": 5}'""", "data_entries_metadata_idx"),
    "the last events of a user": (
        "events where user_id = 77 order by created_at desc limit 50", "events_{month}_user_id_created_at_idx",
    ),
    "what is to be done next": (
        "events where status = 'pending' order by created_at limit 10 for update skip locked", "events_{month}_status_created_at_idx",
    ),
    "events of a kind in a time": (
        "events where event_type = 't3' and created_at >= {since} and created_at < {since} + interval '5 days'",
        "events_{month}_event_type_created_at_idx",
    ),
    "events by what is in them": ("""events where data @> '{"order": 5}'""", "events_{month}_data_idx"),
    "a metric in a time": (
        "metrics where metric_name = 'm3' and \"timestamp\" >= {since} and \"timestamp\" < {since} + interval '5 days'",
        "metrics_{month}_metric_name_timestamp_idx",
    ),
    "metrics of something": ("""metrics where tags @> '{"host": 5}'""", "metrics_{month}_tags_idx"),
}  # fmt: skip


@pytest.fixture(scope="module")
def filled(server: Server, application_template: str) -> Iterator[psycopg.Connection]:
    with server.database(application_template) as connection:
        connection.execute(FILL)
        connection.execute("vacuum (analyze)")
        yield connection


def nodes(plan: dict) -> Iterator[dict]:
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes(part)


@pytest.mark.parametrize("question", QUERIES)
def test_documented_queries_use_their_index(filled, question):
    query, index = QUERIES[question]
    query = query.replace("{since}", "date_trunc('month', now(), 'UTC') + interval '5 days'")
    plan = filled.execute(f"explain (format json) select * from app.{query}").fetchone()[0][0]["Plan"]
    (month,) = filled.execute("select to_char(now() at time zone 'UTC', 'YYYY_MM')").fetchone()
    assert index.format(month=month) in {node.get("Index Name") for node in nodes(plan)}
    read_whole = [node["Relation Name"] for node in nodes(plan) if node["Node Type"] == "Seq Scan"]
    # Partitions without rows are read fastest as they are.
    assert [
        name for name in read_whole if filled.execute(f"select exists (select from app.{name})").fetchone()[0]
    ] == []


def test_statistics_of_a_user_read_no_table(filled):
    with filled.transaction():
        filled.execute("select * from app.get_user_statistics(77)")
        read_whole = filled.execute("select relname from pg_stat_xact_user_tables where seq_scan > 0").fetchall()
    assert [
        name for (name,) in read_whole if filled.execute(f"select exists (select from app.{name})").fetchone()[0]
    ] == []
