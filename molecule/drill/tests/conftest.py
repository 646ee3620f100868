"""Drills on the test hosts: by the playbook, by their unit, with other settings for a while."""

from __future__ import annotations

import contextlib
import json
import time

import pytest

COPY = "/var/lib/postgresql/drill/db1"
PROGRAM = "/usr/local/lib/pgops/drill"


@pytest.fixture(scope="session")
def sql():
    """Run SQL on a host as postgres; on the copy when its socket is given."""

    def run(host, text, database="transactions", socket="/var/run/postgresql"):
        command = f"psql -XAtq -v ON_ERROR_STOP=1 -h {socket} -d {database}"
        result = host.run("echo %s | su postgres -c %s", text, command)
        assert result.rc == 0, result.stderr
        return result.stdout.strip()

    return run


@pytest.fixture(scope="session")
def latest():
    """The latest result of a cluster's drill."""
    return _latest


@pytest.fixture(scope="session")
def wait():
    """Wait until a condition is true."""
    return _wait


@pytest.fixture
def settings(primary):
    """Change the settings of db1's drill until the test ends."""
    path = "/etc/pgops/drill/db1.json"
    before = primary.file(path).content_string

    def change(**values):
        content = json.dumps(json.loads(before) | values)
        primary.check_output("printf %%s %s > %s", content, path)

    yield change
    primary.check_output("printf %%s %s > %s", before, path)


@pytest.fixture
def drill(primary):
    """Run db1's drill in its unit; returns its result."""

    def run():
        done = primary.run(f"{PROGRAM} now db1 --format json")
        result = json.loads(done.stdout.splitlines()[-1])
        assert done.rc == (0 if result["outcome"] == "passed" else 1)
        return result

    yield run
    primary.run("systemctl reset-failed 'pgops-drill@db1.service'")


@pytest.fixture
def during(primary, sql):
    """Do something to the copy while a check of the drill sleeps there; returns the drill's result."""

    def run(change, settings):
        waits = {
            "name": "time for the test",
            "database": "postgres",
            "sql": "select 1 where pg_sleep(10)::text is null",
        }
        settings(checks=[waits], amcheck=True)
        began = time.time()
        primary.check_output("systemctl start --no-block pgops-drill@db1.service")
        _wait(lambda: _sleeping(primary, sql), "a check that sleeps on the copy")
        change(f"{COPY}/socket")
        _wait(lambda: _ended(primary, began), "the end of the drill")
        primary.run("systemctl reset-failed 'pgops-drill@db1.service'")
        return _latest(primary)

    return run


def _ended(host, began):
    """Whether a drill has ended since, and its unit with it."""
    with contextlib.suppress(RuntimeError, json.JSONDecodeError):
        if _latest(host)["ended_seconds_since_1970"] > began:
            return host.run("systemctl is-active pgops-drill@db1.service").stdout.strip() in ("inactive", "failed")
    return False


def _sleeping(host, sql):
    """Whether the check that gives the test its time runs."""
    if not host.file(f"{COPY}/socket/.s.PGSQL.5432").exists:
        return False
    with contextlib.suppress(AssertionError):
        return (
            sql(
                host, "select count(*) from pg_stat_activity where wait_event = 'PgSleep'", "postgres", f"{COPY}/socket"
            )
            == "1"
        )
    return False


def _latest(host, cluster="db1"):
    """The latest result."""
    return json.loads(host.file(f"/var/lib/pgops/drill/{cluster}/latest.json").content_string)


def _wait(condition, what, seconds=240):
    """Wait until `condition()` is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.5)
    pytest.fail(f"not seen within {seconds} s: {what}")
