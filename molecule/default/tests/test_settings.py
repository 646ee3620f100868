"""Settings: what a host's server has, what differs from the inventory, and putting it right; and its reports."""

from __future__ import annotations

import csv
import io
import json
import subprocess

import pytest

from pgops.local.fleet import TEST
from pgops.reports import definitions

PSQL = "psql -XAtq -v ON_ERROR_STOP=1 -p 5435 -d application"


def pgops(*arguments):
    command = ["pgops", *arguments, "-i", str(TEST.inventory)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def explained(*options):
    done = pgops("settings", "explain", "app1", "--json", *options)
    assert done.stdout, done.stderr
    return done.returncode, {each["name"]: each for each in json.loads(done.stdout)}


def sql(host, statement):
    return host.check_output("su postgres -c %s", f'{PSQL} -c "{statement}"').strip()


def test_every_setting_is_in_force_and_has_an_origin():
    status, found = explained()
    assert status == 0
    assert not [each for each in found.values() if each["differs"]]
    assert all(each["origin"] for each in found.values() if each["declared"] is not None)
    assert found["shared_buffers"]["running"] == "256MB"
    assert found["shared_buffers"]["origin"] == "profile small"
    assert found["port"]["running"] == "5435"
    assert found["log_line_prefix"]["running"] == "%m [%p] %q%u@%d %a %h "


def test_drift_is_told_and_put_right_on_request(operations, play):
    sql(operations, "alter system set work_mem = '9MB'")
    sql(operations, "alter system set deadlock_timeout = '3s'")
    sql(operations, "select pg_reload_conf()")
    try:
        status, found = explained("--drift")
        assert status == 1
        assert set(found) == {"work_mem", "deadlock_timeout"}
        assert found["work_mem"]["state"] == "overridden"
        assert (found["work_mem"]["declared"], found["work_mem"]["running"]) == ("4MB", "9MB")
        assert "postgresql.auto.conf" in found["work_mem"]["place"]
        assert found["deadlock_timeout"]["state"] == "by hand"
        options = ("--limit", "app1")
        # Check mode says what would be done, and does nothing.
        status, output = play("settings", *options, "--check", postgresql_reset_overrides=True)
        assert status == 0, output
        assert "changed=1" in output
        assert sql(operations, "show work_mem") == "9MB"
        status, output = play("settings", *options, postgresql_reset_overrides=True)
        assert status == 0, output
        assert "changed=1" in output
        status, output = play("settings", *options, postgresql_reset_overrides=True)
        assert "changed=0" in output
    finally:
        sql(operations, "alter system reset all")
        sql(operations, "select pg_reload_conf()")
    assert explained("--drift") == (0, {})
    assert sql(operations, "show work_mem") == "4MB"


@pytest.mark.parametrize("name", ["slow-queries", "bloat", "settings", "wal", "connections"])
def test_reports_of_a_host(name):
    done = pgops("report", name, "app1", "--format", "json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert (document["host"], document["database"]) == ("app1", "application")
    assert document["rows"]
    assert list(document["rows"][0]) == list(definitions.find(name).columns)


def test_reports_are_asked_by_a_role_that_may_only_look(operations):
    done = pgops("report", "connections", "app1", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["role"] for row in rows if row["application"] == "pgops report"] == ["pgops_report"]
    attributes = "rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls"
    assert sql(operations, f"select {attributes} from pg_roles where rolname = 'pgops_report'") == "f|f|f|f|f"
    refused = operations.run("su postgres -c %s", f"{PSQL} -U pgops_report -c 'select * from app.users'")
    assert "permission denied" in refused.stderr


def test_reports_of_a_subscriber_and_of_a_standby_s_primary():
    for host in ("db2", "db3"):
        done = pgops("report", "table-sizes", host, "--format", "json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["rows"]


@pytest.mark.parametrize("name", ["pools", "pooler-traffic"])
def test_reports_of_a_pooler(name):
    done = pgops("report", name, "app1pool", "--format", "json")
    assert done.returncode == 0, done.stderr
    rows = {row["database"]: row for row in json.loads(done.stdout)["rows"]}
    assert list(rows["application"]) == list(definitions.find(name).columns)
    assert all(
        isinstance(value, int)
        for key, value in rows["application"].items()
        if key not in ("database", "user", "pool_mode")
    )


def test_a_report_of_a_pooler_is_not_asked_of_a_cluster():
    done = pgops("report", "pools", "app1")
    assert done.returncode == 1
    assert "app1 is no pooler" in done.stderr
    assert "app1pool" in done.stderr


def test_the_service_has_its_limits(operations):
    version = operations.check_output("ls /etc/postgresql")
    shown = operations.check_output("systemctl show --property LimitNOFILE postgresql@%s-application", version)
    assert shown == "LimitNOFILE=65536"
    pid = operations.check_output("head -1 /var/lib/postgresql/%s/application/postmaster.pid", version)
    # A container may have a lower limit of its own.
    soft, hard_of_all = (
        operations.check_output("grep 'Max open files' /proc/%s/limits", process).split()[field]
        for process, field in ((pid, 3), ("1", 4))
    )
    assert int(soft) == min(65536, int(hard_of_all))


def test_the_kernel_of_the_container_s_host_is_left_alone(operations):
    assert not operations.file("/etc/sysctl.d/60-pgops.conf").exists
