"""System 1 at work: rows, states, totals, partitions, jobs."""

from __future__ import annotations

import time

import pytest

WAIT_SECONDS = 30


def eventually(condition, what):
    """Wait until `condition()` is true; jobs run every few seconds."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(1)
    pytest.fail(f"not seen within {WAIT_SECONDS} s: {what}")


def value(query, host, sql):
    (row,) = query(host, sql)
    (only,) = row.values()
    return only


def test_rows_arrive_and_advance(query, primary):
    before = value(query, primary, "select count(*) from app.t1")
    eventually(lambda: value(query, primary, "select count(*) from app.t1") > before, "a new row")
    new = value(query, primary, "select max(id) from app.t1")
    eventually(
        lambda: value(query, primary, f"select state from app.t1 where id = {new}") == 1, f"row {new} in state 1"
    )


def test_jobs_run_on_time_as_an_unprivileged_role(query, primary):
    eventually(
        lambda: value(query, primary, "select count(*) from cron.job_run_details where status = 'succeeded'") > 4,
        "successful runs",
    )
    jobs = {job["jobname"]: job for job in query(primary, "select * from cron.job")}
    assert {name: job["schedule"] for name, job in jobs.items()} == {
        "t1-insert": "5 seconds",
        "t1-advance": "3 seconds",
        "partition-maintenance": "10 3 * * *",
        "cron-history-purge": "20 3 * * *",
        "totals-audit": "40 3 * * *",
    }
    assert {job["username"] for job in jobs.values()} == {"transactions_jobs"}
    assert all(job["active"] for job in jobs.values())
    assert query(primary, "select return_message from cron.job_run_details where status = 'failed'") == []
    (role,) = query(
        primary, "select rolsuper, rolcreaterole, rolcreatedb from pg_roles where rolname = 'transactions_jobs'"
    )
    assert not any(role.values())


def test_every_declared_job_can_run(query, primary, subscriber):
    for host in (primary, subscriber):
        for job in query(host, "select command from cron.job where schedule not like '%seconds'"):
            result = host.run(
                "su postgres -c %s",
                f"""psql -XAtq -d transactions -c 'set session authorization transactions_jobs' -c '{job["command"]}'""",
            )
            assert result.rc == 0, f"{job['command']}: {result.stderr}"


def test_totals_are_exact_on_both_sides(query, primary, subscriber):
    for host in (primary, subscriber):
        assert query(host, "select * from app.totals_drift()") == []
        assert value(query, host, "select sum(transactions) from app.t1_totals") > 0


def test_totals_follow_every_statement(query, primary):
    """In one transaction that is rolled back: the view equals a recount after each kind of change."""
    statements = [
        "update app.t1 set state = 1 - state where id % 7 = 0",
        "delete from app.t1 where id % 11 = 0",
        "update app.t1 set amount = amount + 1.25 where id % 13 = 0",
    ]
    script = "begin;" + "".join(f"{sql}; select count(*) from app.totals_drift();" for sql in statements) + "rollback;"
    result = primary.run("su postgres -c %s", f"psql -XAtq -v ON_ERROR_STOP=1 -d transactions -c '{script}'")
    assert result.rc == 0, result.stderr
    assert result.stdout.split() == ["0", "0", "0"]


def test_partitions_are_named_by_month_and_exist_ahead(query, primary, subscriber):
    sql = """
        select to_char(date_trunc('month', now() at time zone 'UTC') + make_interval(months => n), '"t1_"YYYY_MM') as name
        from generate_series(0, 3) n
    """
    for host in (primary, subscriber):
        wanted = {row["name"] for row in query(host, sql)}
        leaves = {
            row["name"]
            for row in query(
                host, "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'app.t1'::regclass"
            )
        }
        assert {f"app.{name}" for name in wanted} | {"app.t1_default"} <= leaves


def test_seed_fills_four_months(query, primary):
    months = query(primary, "select date_trunc('month', date) as month, count(*) as rows from app.t1 group by 1")
    assert len(months) >= 4
    assert sum(row["rows"] for row in months) >= 20000


def test_engine_logged_no_error(query, primary, subscriber):
    for host in (primary, subscriber):
        assert query(host, "select source, message from pgops.event where severity = 'error'") == []


def test_no_lock_stays_waiting(query, primary, subscriber):
    for host in (primary, subscriber):
        assert (
            query(
                host, "select pid, mode from pg_locks where not granted and waitstart < now() - interval '10 seconds'"
            )
            == []
        )
