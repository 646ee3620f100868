"""Partitions of app.t1 that are exchanged for others with the same rows: totals and guids know nothing of it; those whose
rows leave the table take them out of both."""

from __future__ import annotations

import json

import psycopg
import pytest
from psycopg import errors

from transactions.system import assert_exact, insert

WEEKS = {"partition": "t1_2026_02", "every": "week", "name": "t1_{year}_{month}_{day}"}
LISTED = "select partition::oid from app.t1_partition order by 1"
THERE = "select inhrelid from pg_inherits where inhparent = 'app.t1'::regclass order by 1"
MONTH_ROWS = "select ctid, xmin, * from app.t1_month_total order by 1"


def apply(primary: psycopg.Connection, operation: str, arguments: dict) -> None:
    primary.execute(
        "call pgops.operation_apply('app.t1', %s, %s, '{\"lock_budget_ms\": 900}')", [operation, json.dumps(arguments)]
    )


def assert_known(primary: psycopg.Connection) -> None:
    assert_exact(primary)
    assert primary.execute("select * from app.totals_drift()").fetchall() == []
    assert primary.execute("select * from app.guid_drift()").fetchall() == []
    assert primary.execute(LISTED).fetchall() == primary.execute(THERE).fetchall()


@pytest.fixture
def filled(primary: psycopg.Connection) -> psycopg.Connection:
    for day in range(1, 28):
        for month in (1, 2, 6):
            insert(primary, date=f"2026-{month:02}-{day:02}Z", state=1)
    return primary


def test_rows_that_are_exchanged_are_counted_once(filled):
    before = filled.execute(MONTH_ROWS).fetchall()
    apply(filled, "split", WEEKS)
    apply(filled, "drain", {"partitions": [{"name": "t1_2026_06", "from": "2026-06-01", "to": "2026-07-01"}]})
    apply(filled, "merge", {"partitions": ["t1_2026_02_01", "t1_2026_02_08"], "into": "t1_2026_02"})
    assert filled.execute(MONTH_ROWS).fetchall() == before, "nothing had to be counted anew"
    assert_known(filled)
    # Through the root and straight into a new partition: the triggers are there, once each.
    insert(filled, date="2026-02-03Z", state=1)
    insert(filled, table="app.t1_2026_06", date="2026-06-03Z", state=1)
    filled.execute("update app.t1_2026_06 set state = 0 where date < '2026-06-05Z'")
    filled.execute("delete from app.t1 where date < '2026-02-05Z'")
    assert_known(filled)
    (guid,) = filled.execute("select transaction_guid from app.t1 where date >= '2026-06-10Z' limit 1").fetchone()
    with pytest.raises(errors.UniqueViolation):
        insert(filled, date="2026-01-01Z", transaction_guid=guid)


def test_rows_that_leave_are_counted_no_more(filled):
    apply(filled, "archive", {"partition": "t1_2026_01", "into": "app.t1_archive"})
    assert filled.execute("select count(*) from app.t1_archive").fetchone() == (27,)
    assert_known(filled)
    apply(filled, "detach", {"partition": "t1_2026_02"})
    assert_known(filled)
