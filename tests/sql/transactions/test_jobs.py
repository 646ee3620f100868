"""The jobs, as transactions_jobs runs them."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors
from servers import ContainerServer, Server

from transactions.system import assert_exact, insert, prepare_primary


@pytest.fixture
def jobs(server: Server, primary: psycopg.Connection) -> Iterator[psycopg.Connection]:
    with server.connect(primary.info.dbname, user="transactions_jobs") as connection:
        yield connection


def test_insert_transaction(primary: psycopg.Connection, jobs: psycopg.Connection):
    for _ in range(20):
        jobs.execute("call app.insert_transaction()")
    assert primary.execute(
        "select count(*), bool_and(state = 0), bool_and(date between now() - interval '1 minute' and now()),"
        " bool_and(amount > 0), bool_and(client_id between 1 and 1000) from app.t1"
    ).fetchone() == (20, True, True, True, True)
    assert_exact(primary)


@pytest.mark.parametrize(("second", "parity"), [(0, 0), (1, 1), (58, 0), (59.9, 1)])
def test_advance_takes_the_ids_of_the_seconds_parity(
    primary: psycopg.Connection, jobs: psycopg.Connection, second: float, parity: int
):
    for number in range(1, 11):
        insert(primary, id=number, state=0, date=f"2026-0{number % 3 + 1}-10Z")
    jobs.execute("call app.advance_transactions(moment => %s)", [f"2026-11-21 10:00:{second}Z"])
    advanced = [row[0] for row in primary.execute("select id from app.t1 where state = 1 order by id").fetchall()]
    assert advanced == [number for number in range(1, 11) if number % 2 == parity]
    assert_exact(primary)


def test_advance_now(primary: psycopg.Connection, jobs: psycopg.Connection):
    insert(primary, id=1, state=0)
    insert(primary, id=2, state=0)
    deadline = time.monotonic() + 10
    while primary.execute("select count(*) from app.t1 where state = 0").fetchone()[0] and time.monotonic() < deadline:
        jobs.execute("call app.advance_transactions()")
        time.sleep(0.2)
    assert primary.execute("select count(*) from app.t1 where state = 1").fetchone() == (2,)


def test_advance_works_in_short_transactions(primary: psycopg.Connection, jobs: psycopg.Connection):
    primary.execute("call app.generate_transactions(2000, '2026-01-01', 3, 10, 1)")
    primary.execute("update app.t1 set state = 0")
    jobs.execute("call app.advance_transactions(batch_rows => 100, moment => '2026-01-01 00:00:00Z')")
    assert primary.execute("select count(*), count(distinct xmin::text) from app.t1 where state = 1").fetchone() == (
        1000,
        10,
    )
    assert_exact(primary)


def test_advance_inside_a_transaction_block_is_refused_where_it_has_to_commit(
    primary: psycopg.Connection, jobs: psycopg.Connection
):
    for number in (2, 4):
        insert(primary, id=number, state=0)
    call = "call app.advance_transactions(batch_rows => 2, moment => '2026-01-01Z')"
    with pytest.raises(errors.InvalidTransactionTermination) as refused, jobs.transaction():
        jobs.execute(call)
    assert refused.value.diag.message_primary == (
        "app.advance_transactions() commits as it goes and cannot run inside a transaction block"
    )
    with jobs.transaction():
        jobs.execute(call.replace("2,", "3,"))
    assert primary.execute("select count(*) from app.t1 where state = 1").fetchone() == (2,)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("app.advance_transactions(null)", "batch_rows is null; accepted: 1 to 1000000 rows"),
        ("app.advance_transactions(0)", "batch_rows is 0; accepted: 1 to 1000000 rows"),
        ("app.advance_transactions(-1)", "batch_rows is -1; accepted: 1 to 1000000 rows"),
        ("app.advance_transactions(1000001)", "batch_rows is 1000001; accepted: 1 to 1000000 rows"),
        ("app.advance_transactions(moment => null)", "moment is null; accepted: a finite time"),
        ("app.advance_transactions(moment => 'infinity')", "moment is infinity; accepted: a finite time"),
        ("app.insert_transaction(null)", "clients is null; accepted: 1 to 10000000 clients"),
        ("app.insert_transaction(0)", "clients is 0; accepted: 1 to 10000000 clients"),
        ("app.insert_transaction(-5)", "clients is -5; accepted: 1 to 10000000 clients"),
        ("app.insert_transaction(10000001)", "clients is 10000001; accepted: 1 to 10000000 clients"),
    ],
)
def test_bad_arguments_are_refused(primary: psycopg.Connection, jobs: psycopg.Connection, call: str, text: str):
    insert(primary, id=2, state=0)
    with pytest.raises(errors.InvalidParameterValue) as refused:
        jobs.execute(f"call {call}")
    assert refused.value.diag.message_primary == f"{call.partition('(')[0]}: {text}"
    assert primary.execute("select count(*), sum(state) from app.t1").fetchone() == (1, 0)


def test_good_arguments_at_the_edges(primary: psycopg.Connection, jobs: psycopg.Connection):
    jobs.execute("call app.insert_transaction(1)")
    jobs.execute("call app.insert_transaction(10000000)")
    jobs.execute("call app.advance_transactions(1000000)")
    jobs.execute("call app.advance_transactions(1)")
    assert primary.execute("select min(client_id) from app.t1").fetchone() == (1,)


def test_advance_reads_only_new_rows(primary: psycopg.Connection):
    primary.execute("call app.generate_transactions(20000, '2026-01-01', 3, 10, 1)")
    primary.execute("analyze app.t1")
    plan = primary.execute(
        "explain (costs off) select id, date from app.t1 where state = 0 and id % 2 = 0 order by id limit 100"
    ).fetchall()
    text = "\n".join(row[0] for row in plan)
    assert text.count("using t1_2026_0") == 3
    assert "t1_2026_01_id_idx" in text
    assert "Seq Scan on t1_2026" not in text


def test_advance_returns_when_a_previous_run_is_still_there(
    server: Server, primary: psycopg.Connection, jobs: psycopg.Connection
):
    insert(primary, id=2, state=0)
    notices: list[str] = []
    jobs.add_notice_handler(lambda diagnostic: notices.append(diagnostic.message_primary))
    with server.connect(primary.info.dbname, autocommit=False) as previous:
        previous.execute("select pg_advisory_xact_lock(hashtextextended('app.advance_transactions', 0))")
        jobs.execute("call app.advance_transactions(moment => '2026-01-01Z')")
    assert notices == ["app.advance_transactions: a previous run is still at work, nothing done"]
    assert primary.execute("select state from app.t1").fetchone() == (0,)


def test_advance_passes_over_locked_rows(server: Server, primary: psycopg.Connection, jobs: psycopg.Connection):
    insert(primary, id=2, state=0)
    insert(primary, id=4, state=0)
    with server.connect(primary.info.dbname, autocommit=False) as other:
        other.execute("select from app.t1 where id = 2 for update")
        jobs.execute("set statement_timeout = '5s'")
        jobs.execute("call app.advance_transactions(moment => '2026-01-01Z')")
    assert primary.execute("select id, state from app.t1 order by id").fetchall() == [(2, 0), (4, 1)]


def test_audit_keeps_and_logs_its_outcome(primary: psycopg.Connection, jobs: psycopg.Connection):
    insert(primary)
    jobs.execute("call app.audit_totals()")
    status = "select wrong_groups, wrong_guids, outcome, age_seconds < 60 from app.totals_audit_status"
    assert primary.execute(status).fetchone() == (0, 0, "right", True)
    primary.execute("set session_replication_role = replica")
    insert(primary)
    primary.execute("reset session_replication_role")
    notices: list[str] = []
    jobs.add_notice_handler(lambda diagnostic: notices.append(diagnostic.message_primary))
    jobs.execute("call app.audit_totals()")
    assert primary.execute(status).fetchone() == (1, 1, "wrong", True)
    assert notices == ["totals are wrong: 1 groups and 1 guids differ from app.t1"]
    assert primary.execute(
        "select severity, source, details from pgops.event where source = 'app.audit_totals' order by event_id"
    ).fetchall() == [
        ("info", "app.audit_totals", {"wrong_groups": 0, "wrong_guids": 0}),
        ("error", "app.audit_totals", {"wrong_groups": 1, "wrong_guids": 1}),
    ]
    assert_mended = "select sum(repaired) > 0 from app.repair_totals()"
    assert primary.execute(assert_mended).fetchone() == (True,)
    jobs.execute("call app.audit_totals()")
    assert primary.execute(status).fetchone() == (0, 0, "right", True)


def test_jobs_have_no_more_rights_than_they_need(jobs: psycopg.Connection):
    for statement in (
        "delete from app.t1_guid",
        "update app.t1_month_total set amount = 0",
        "select app.repair_totals()",
        "truncate app.t1",
        "drop table app.t1",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            jobs.execute(statement)


def test_pg_cron_runs_them(extended_server: ContainerServer):
    with extended_server.cron_database(prepare_primary) as connection:
        connection.execute("call app.generate_transactions(1000, '2026-01-01', 3)")
        connection.execute("update app.t1 set state = 0")
        for name, schedule, command in [
            ("t1-insert", "1 second", "CALL app.insert_transaction()"),
            ("t1-advance", "1 second", "CALL app.advance_transactions(batch_rows => 50)"),
            ("totals-audit", "1 second", "CALL app.audit_totals()"),
        ]:
            connection.execute("select cron.schedule(%s, %s, %s)", [name, schedule, command])
        connection.execute("update cron.job set username = 'transactions_jobs'")
        finished = "select count(distinct command) from cron.job_run_details where status = 'succeeded'"
        advanced = "select count(*) > 900 from app.t1 where state = 1"  # in batches, so the job commits
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if connection.execute(finished).fetchone() == (3,) and connection.execute(advanced).fetchone() == (True,):
                break
            time.sleep(0.3)
        failures = "select command, return_message from cron.job_run_details where status = 'failed'"
        assert connection.execute(failures).fetchall() == []
        # Which cancels a run that is under way.
        connection.execute("select cron.unschedule(jobid) from cron.job")
        at_work = "select count(*) from pg_stat_activity where usename = 'transactions_jobs'"
        while connection.execute(at_work).fetchone() != (0,):
            assert time.monotonic() < deadline + 30, "a job that is gone goes on"
            time.sleep(0.1)
        assert connection.execute(finished).fetchone() == (3,)
        assert connection.execute(advanced).fetchone() == (True,)
        assert_exact(connection)
