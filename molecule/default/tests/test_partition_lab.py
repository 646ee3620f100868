"""System 3 at work: filled, partitioned and re-partitioned from this machine, while clients write."""

from __future__ import annotations

import json
import subprocess

import pytest

from pgops.local.fleet import TEST
from pgops.paths import ROOT

DATABASE, PORT = "partition_lab", 5434


@pytest.fixture
def lab():
    """What `pgops lab` prints as JSON, connected as any client is: TLS, and the password of the inventory's secrets."""

    def run(*arguments):
        command = ["pgops", "lab", *arguments, "--inventory", str(TEST.inventory)]
        process = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, timeout=300, check=False)
        assert process.returncode == 0, process.stderr
        return json.loads(process.stdout) if "--json" in arguments else process.stdout

    return run


@pytest.fixture
def rows(operations):
    """Rows of a query in the lab, as psql writes them."""

    def ask(sql):
        command = f"psql -XAtq -v ON_ERROR_STOP=1 -p {PORT} -d {DATABASE}"
        return operations.check_output("su postgres -c %s", f'{command} -c "{sql}"').splitlines()

    return ask


def test_the_story(lab, rows):
    lab("seed", "--scale", "10")
    assert rows("select count(*) from app.event_logs") == ["3000"]
    migrated = lab("migrate", "--load", "20", "--json")
    assert migrated["load"]["all"]["failed"] == migrated["load"]["all"]["in_doubt"] == 0
    written = migrated["load"]["tables"]["event_logs"]["rows"]
    assert written > 0
    split = lab("repartition", "split", "--json")
    assert [part["name"] for part in split["after"][0]["parts"] if "_w" in part["name"]] == [
        f"event_logs_2024_02_w{number}" for number in range(1, 5)
    ]
    assert rows("select count(*) from app.event_logs") == [str(3000 + written)]
    assert rows("select count(*) from app.misplaced_rows()") == ["0"]
    lab("reset", "--discard")
    assert rows("select count(*) from app.event_logs") == ["0"]


def test_only_clients_are_let_in_and_only_with_tls(rows):
    lines = (
        "select type, database, user_name, auth_method from pg_hba_file_rules where type <> 'local' and error is null"
    )
    assert rows(lines) == [
        "hostssl|{partition_lab}|{partition_lab_operator,partition_lab_app,partition_lab_reader}|scram-sha-256"
    ]


def test_jobs_can_run(operations, rows):
    jobs = rows("select jobname || '|' || username || '|' || command from cron.job where active order by jobname")
    assert [job.split("|")[:2] for job in jobs] == [
        ["cron-history-purge", "partition_lab_jobs"],
        ["partition-maintenance", "partition_lab_jobs"],
    ]
    for job in jobs:
        session = f"-c 'set session authorization partition_lab_jobs' -c '{job.split('|')[2]}'"
        result = operations.run("su postgres -c %s", f"psql -XAtq -p {PORT} -d {DATABASE} {session}")
        assert result.rc == 0, f"{job}: {result.stderr}"


def test_the_roles_are_no_more_than_they_seem(rows):
    assert rows(
        "select rolname from pg_roles where rolname like 'partition_lab%'"
        " and (rolsuper or rolcreaterole or rolcreatedb or rolbypassrls)"
    ) == []  # fmt: skip


def test_engine_logged_no_error(rows):
    assert rows("select message from pgops.event where severity = 'error'") == []
