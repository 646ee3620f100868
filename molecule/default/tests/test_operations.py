"""System 2 at work: rows, states, the view and its refreshes, partitions, jobs, access."""

from __future__ import annotations

import time

import pytest

WAIT_SECONDS = 60
DATABASE = "operations_db"


def eventually(condition, what):
    """Wait until `condition()` is true; jobs run every few seconds."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(1)
    pytest.fail(f"not seen within {WAIT_SECONDS} s: {what}")


@pytest.fixture
def value(query, operations):
    def ask(sql):
        (row,) = query(operations, sql, DATABASE)
        (only,) = row.values()
        return only

    return ask


def test_rows_arrive(value):
    before = value("select max(id) from app.operations")
    eventually(lambda: value("select max(id) from app.operations") > before, "a new row")
    assert value(f"select bool_and(amount > 0) from app.operations where id > {before}")


def test_status_changes_and_reaches_the_view(value):
    refreshes = value("select refreshes from app.refresh_log")
    eventually(lambda: value("select refreshes from app.refresh_log") > refreshes + 1, "two refreshes")
    assert value("select age_seconds < 30 from app.refresh_status")
    assert value("select count(*) from app.client_type_sum_mv") > 100
    eventually(lambda: value("select count(*) from app.client_type_sum_drift()") == 0, "a view equal to a recount")


def test_jobs_run_as_an_unprivileged_role(query, value, operations):
    jobs = {job["jobname"]: job for job in query(operations, "select * from cron.job", DATABASE)}
    assert {name: (job["schedule"], job["command"]) for name, job in jobs.items()} == {
        "operation-insert": ("5 seconds", "CALL app.operation_insert_one()"),
        "status-change": ("3 seconds", "CALL app.change_status()"),
        "partition-maintenance": ("10 3 * * *", "CALL pgops.maintain()"),
        "cron-history-purge": ("20 3 * * *", "SELECT pgops.purge_cron_history()"),
    }
    assert {job["username"] for job in jobs.values()} == {"operations_jobs"}
    assert all(job["active"] for job in jobs.values())
    assert value("select count(*) from cron.job_run_details where status = 'failed'") == 0
    assert not value("select rolsuper or rolcreaterole or rolcreatedb from pg_roles where rolname = 'operations_jobs'")


def test_every_declared_job_can_run(query, operations):
    for job in query(operations, "select command from cron.job", DATABASE):
        result = operations.run(
            "su postgres -c %s",
            f"psql -XAtq -d {DATABASE} -c 'set session authorization operations_jobs' -c '{job['command']}'",
        )
        assert result.rc == 0, f"{job['command']}: {result.stderr}"


def test_first_and_coming_months_have_partitions(query, value, operations):
    names = {
        row["name"]
        for row in query(
            operations,
            "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'app.operations'::regclass",
            DATABASE,
        )
    }
    assert {"app.operations_default", *(f"app.operations_2025_{month:02}" for month in (8, 9, 10, 11))} <= names
    coming = value(
        "select to_char(date_trunc('month', now() at time zone 'UTC') + interval '3 months',"
        " '\"app.operations_\"YYYY_MM') as name"
    )
    assert coming in names
    assert value("select count(*) from app.operations_2025_10") > 1000
    assert value("select count(*) from app.operations_default") == 0


def test_public_may_do_nothing(query, operations):
    granted = query(
        operations,
        f"""
        select 'schema ' || nspname as object, privilege_type from pg_namespace, aclexplode(nspacl)
        where nspname in ('app', 'pgops', 'public') and grantee = 0
        union all
        select 'database ' || datname, privilege_type from pg_database, aclexplode(datacl)
        where datname = '{DATABASE}' and grantee = 0
        union all
        select 'relation ' || c.oid::regclass, privilege_type from pg_class c, aclexplode(relacl)
        where relnamespace in ('app'::regnamespace, 'pgops'::regnamespace) and grantee = 0
        union all
        select 'function ' || p.oid::regprocedure, privilege_type
        from pg_proc p, aclexplode(coalesce(proacl, acldefault('f', proowner)))
        where pronamespace = 'app'::regnamespace and grantee = 0
        """,
        DATABASE,
    )
    assert granted == []


def test_only_clients_are_let_in_and_only_with_tls(query, operations):
    lines = query(
        operations,
        "select type, database, user_name, address, auth_method from pg_hba_file_rules where type <> 'local'",
        DATABASE,
    )
    assert [(line["type"], line["database"], line["user_name"], line["auth_method"]) for line in lines] == [
        ("hostssl", [DATABASE], ["operations_app", "operations_reader"], "scram-sha-256"),
        # The other member, for its copy and for pg_rewind.
        ("hostssl", ["replication"], ["operations_standby"], "scram-sha-256"),
        ("hostssl", ["postgres"], ["operations_standby"], "scram-sha-256"),
    ]
    (own_address,) = operations.check_output("hostname --ip-address").split()
    assert {line["address"] for line in lines if line["user_name"] == ["operations_standby"]} == {own_address}


def test_engine_logged_no_error(query, operations):
    assert query(operations, "select * from pgops.event where severity = 'error'", DATABASE) == []


@pytest.fixture
def replica(operations):
    """Rows of a query on the standby, as psql writes them."""

    def ask(sql):
        command = f"psql -XAtq -v ON_ERROR_STOP=1 -p 5433 -d {DATABASE}"
        return operations.check_output("su postgres -c %s", f'{command} -c "{sql}"').splitlines()

    return ask


def test_the_replica_follows(query, value, operations, replica):
    assert replica("select pg_is_in_recovery(), status from pg_stat_wal_receiver") == ["t|streaming"]
    (receiver,) = query(operations, "select application_name, state from pg_stat_replication", DATABASE)
    assert receiver == {"application_name": "db3b", "state": "streaming"}
    newest = value("select max(id) from app.operations")
    eventually(lambda: int(replica("select max(id) from app.operations")[0]) >= newest, "the newest row on the replica")


def test_the_replica_lets_in_who_the_primary_lets_in(operations, replica):
    rules = (
        "select json_agg(r) from"
        " (select type, database, user_name, address, auth_method from pg_hba_file_rules order by rule_number) r"
    )
    on_the_primary = operations.check_output("su postgres -c %s", f'psql -XAtq -d {DATABASE} -c "{rules}"')
    assert replica(rules) == on_the_primary.splitlines()


def test_jobs_run_on_the_primary_only(operations):
    log = operations.check_output("cat /var/log/postgresql/postgresql-*-operations_b.log")
    assert "cron job" not in log


def test_a_machine_asks_the_others_before_its_primary_starts(operations):
    for cluster in ("operations", "operations_b"):
        units = operations.check_output(f"systemctl cat 'postgresql@*-{cluster}.service'")
        assert "ExecStartPre=/usr/local/lib/pgops/refuse-second-primary" in units
