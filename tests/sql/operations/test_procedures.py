"""The procedures: what they do, and what they refuse."""

from __future__ import annotations

import time

import psycopg
import pytest
from psycopg import errors
from servers import ContainerServer, Server

from operations.system import insert, prepare, recount, refresh_status, sums


def test_operation_insert_one(database: psycopg.Connection, jobs: psycopg.Connection):
    for _ in range(20):
        jobs.execute("call app.operation_insert_one()")
    assert database.execute(
        "select count(*), bool_and(status = 0), bool_and(operation_date between now() - interval '1 minute' and now()),"
        " bool_and(amount > 0), bool_and(client_id between 1 and 1000), count(distinct operation_guid)"
        " from app.operations"
    ).fetchone() == (20, True, True, True, True, 20)


def test_change_status_takes_the_oldest_and_refreshes(database: psycopg.Connection, jobs: psycopg.Connection):
    for number in range(1, 11):
        insert(database, id=number, status=0, operation_date=f"2026-0{number % 3 + 1}-10Z", client_id=number)
    jobs.execute("call app.change_status(4)")
    changed = database.execute("select id from app.operations where status = 1 order by id").fetchall()
    assert changed == [(1,), (2,), (3,), (4,)]
    assert sums(database) == recount(database)
    assert len(sums(database)) == 4
    jobs.execute("call app.change_status()")
    assert database.execute("select count(*) from app.operations where status = 0").fetchone() == (0,)
    assert sums(database) == recount(database)
    status = refresh_status(database)
    assert (status["refreshes"], status["skipped"]) == (2, 0)
    assert 0 < status["last_duration_seconds"] <= status["longest_duration_seconds"] < 60
    assert status["last_duration_seconds"] < status["age_seconds"] < 60
    assert status["total_duration_seconds"] >= status["longest_duration_seconds"]


def test_change_status_has_a_bound(database: psycopg.Connection, jobs: psycopg.Connection):
    database.execute("call app.operations_test_data('2026-01-01', '2026-03-31', 4000)")
    new = "select count(*) from app.operations where status = 0"
    (before,) = database.execute(new).fetchone()
    jobs.execute("call app.change_status()")
    assert database.execute(new).fetchone() == (before - 100,)


def test_change_status_passes_over_locked_rows(server: Server, database: psycopg.Connection, jobs: psycopg.Connection):
    insert(database, id=2, status=0)
    insert(database, id=4, status=0)
    with server.connect(database.info.dbname, autocommit=False) as other:
        other.execute("select from app.operations where id = 2 for update")
        jobs.execute("set statement_timeout = '5s'")
        jobs.execute("call app.change_status()")
    assert database.execute("select id, status from app.operations order by id").fetchall() == [(2, 0), (4, 1)]


def test_change_status_uses_the_index(database: psycopg.Connection):
    database.execute("call app.operations_test_data('2026-01-01', '2026-03-31', 20000)")
    database.execute("analyze app.operations")
    plan = database.execute(
        "explain (costs off) select id, operation_date from app.operations where status = 0 order by id limit 100"
    ).fetchall()
    text = "\n".join(row[0] for row in plan)
    assert text.count("_status_id_idx on operations_2026_0") == 3
    assert "Seq Scan on operations_2026" not in text
    assert "Sort Key" in text.split("Limit", 1)[1].split("Index", 1)[0]  # merged, not sorted
    assert "  ->  Sort" not in text


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("app.change_status(null)", "p_row_limit is null; accepted: 1 to 1000000 rows"),
        ("app.change_status(0)", "p_row_limit is 0; accepted: 1 to 1000000 rows"),
        ("app.change_status(1000001)", "p_row_limit is 1000001; accepted: 1 to 1000000 rows"),
        ("app.operation_insert_one(null)", "p_clients is null; accepted: 1 to 10000000 clients"),
        ("app.operation_insert_one(0)", "p_clients is 0; accepted: 1 to 10000000 clients"),
        ("app.operation_insert_one(10000001)", "p_clients is 10000001; accepted: 1 to 10000000 clients"),
        (
            "app.operations_test_data(null, '2026-01-01', 1)",
            "p_start_date is null; accepted: a day from 1970-01-01 to 2999-12-31",
        ),
        (
            "app.operations_test_data('infinity', 'infinity', 1)",
            "p_start_date is infinity; accepted: a day from 1970-01-01 to 2999-12-31",
        ),
        (
            "app.operations_test_data('2026-02-01', '2026-01-31', 1)",
            "p_end_date is 2026-01-31; accepted: a day from p_start_date (2026-02-01) to 2999-12-31",
        ),
        (
            "app.operations_test_data('2026-02-01', null, 1)",
            "p_end_date is null; accepted: a day from p_start_date (2026-02-01) to 2999-12-31",
        ),
        (
            "app.operations_test_data('2026-01-01', '2026-01-31', 0)",
            "p_rows_total is 0; accepted: 1 to 100000000 rows",
        ),
        (
            "app.operations_test_data('2026-01-01', '2026-01-31', null)",
            "p_rows_total is null; accepted: 1 to 100000000 rows",
        ),
        (
            "app.operations_test_data('2026-01-01', '2026-01-31', 100000001)",
            "p_rows_total is 100000001; accepted: 1 to 100000000 rows",
        ),
    ],
)
def test_bad_arguments_are_refused(database: psycopg.Connection, call: str, text: str):
    insert(database, status=0)
    with pytest.raises(errors.InvalidParameterValue) as refused:
        database.execute(f"call {call}")
    assert refused.value.diag.message_primary == f"{call.partition('(')[0]}: {text}"
    assert database.execute("select count(*), sum(status) from app.operations").fetchone() == (1, 0)


@pytest.mark.parametrize("call", ["app.change_status()", "app.operations_test_data('2026-01-01', '2026-01-01', 9)"])
def test_procedures_that_commit_are_refused_inside_a_transaction_block(database: psycopg.Connection, call: str):
    insert(database, status=0)
    with pytest.raises(errors.InvalidTransactionTermination) as refused, database.transaction():
        database.execute(f"call {call}")
    assert refused.value.diag.message_primary == (
        f"{call.partition('(')[0]}() commits as it goes and cannot run inside a transaction block"
    )
    assert database.execute("select count(*), sum(status) from app.operations").fetchone() == (1, 0)


def test_test_data_fills_the_days_asked_for(database: psycopg.Connection):
    database.execute("set timezone = 'Pacific/Auckland'")  # days are UTC's, whatever the session's
    database.execute("call app.operations_test_data('2025-08-10', '2025-11-20', 10000)")
    assert database.execute(
        """
        select count(*), min(operation_date) >= '2025-08-10Z', min(operation_date) < '2025-08-11Z',
            max(operation_date) < '2025-11-21Z', max(operation_date) >= '2025-11-20Z', count(distinct client_id),
            count(distinct operation_type), avg(status) between 0.85 and 0.9, bool_and(amount between 0 and 10485.75)
        from app.operations
        """
    ).fetchone() == (10000, True, True, True, True, 1000, 2, True, True)
    by_partition = database.execute(
        "select tableoid::regclass::text, count(*) > 1500 from app.operations group by 1 order by 1"
    ).fetchall()
    assert by_partition == [(f"app.operations_2025_{month:02}", True) for month in (8, 9, 10, 11)]
    assert database.execute("select start_date::text, end_date::text, row_count from app.test_data").fetchall() == [
        ("2025-08-10", "2025-11-20", 10000)
    ]
    assert sums(database) == recount(database)


def test_test_data_is_the_same_for_the_same_arguments(database: psycopg.Connection):
    what = "select operation_date, client_id, operation_type, amount, status from app.operations order by id"
    database.execute("call app.operations_test_data('2026-01-01', '2026-03-31', 500)")
    first = database.execute(what).fetchall()
    database.execute("truncate app.operations")
    database.execute("call app.operations_test_data('2026-01-01', '2026-03-31', 500)")
    assert database.execute(what).fetchall() == first
    database.execute("truncate app.operations")
    database.execute("call app.operations_test_data('2026-01-01', '2026-03-31', 501)")
    assert database.execute(what).fetchall()[:500] != first


def test_interrupted_test_data_leaves_nothing(database: psycopg.Connection):
    database.execute("set statement_timeout = '300ms'")
    with pytest.raises(errors.QueryCanceled):
        database.execute("call app.operations_test_data('2026-01-01', '2026-03-31', 1000000)")
    assert database.execute(
        "select (select count(*) from app.operations), (select count(*) from app.test_data)"
    ).fetchone() == (0, 0)


def test_owner_may_fill_the_table(database: psycopg.Connection):
    database.execute("grant pgops_operator to operations_owner")
    try:
        database.execute("set role operations_owner")
        database.execute("call app.operations_test_data('2026-05-01', '2026-06-30', 100)")
    finally:
        database.execute("reset role")
        database.execute("revoke pgops_operator from operations_owner")
    assert database.execute("select count(*) from app.operations_2026_06").fetchone() == (49,)


def test_maintenance_as_the_role_of_the_jobs(jobs: psycopg.Connection):
    jobs.execute("call pgops.maintain()")
    assert jobs.execute(
        "select to_regclass('app.operations_' || to_char(now() at time zone 'UTC' + interval '1 month', 'YYYY_MM'))"
    ).fetchone() != (None,)


def test_jobs_run_by_pg_cron(extended_server: ContainerServer):
    with extended_server.cron_database(prepare) as connection:
        connection.execute("call app.operations_test_data('2026-01-01', '2026-03-31', 4000)")
        for name, schedule, command in [
            ("operation-insert", "1 second", "CALL app.operation_insert_one()"),
            ("status-change", "1 second", "CALL app.change_status()"),
        ]:
            connection.execute("select cron.schedule(%s, %s, %s)", [name, schedule, command])
        connection.execute("update cron.job set username = 'operations_jobs'")
        done = """
            select (select count(*) from app.operations) > 4002, (select refreshes from app.refresh_log) > 3
        """
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and connection.execute(done).fetchone() != (True, True):
            time.sleep(0.3)
        failures = "select command, return_message from cron.job_run_details where status = 'failed'"
        assert connection.execute(failures).fetchall() == []
        # Which cancels a run that is under way.
        connection.execute("select cron.unschedule(jobid) from cron.job")
        at_work = "select count(*) from pg_stat_activity where usename = 'operations_jobs'"
        while connection.execute(at_work).fetchone() != (0,):
            assert time.monotonic() < deadline + 30, "a job that is gone goes on"
            time.sleep(0.1)
        assert connection.execute(done).fetchone() == (True, True)
