"""Every bad input is refused with variable, value and accepted form; files and server stay as they were."""

from __future__ import annotations

import json
import re
import shutil

import pytest
import yaml

from pgops.local.fleet import TEST

# One host finds what is wrong as well as all of them, in half the time.
ONE_HOST = ("--limit", "db1")
FINGERPRINT = """
find /etc/postgresql /etc/apt/sources.list.d /etc/apt/preferences.d /etc/apt/keyrings -type f -print0 2>/dev/null \
| sort -z | xargs -0 sha256sum | sha256sum
find /etc/postgresql -type f -printf '%p %T@\\n' | sort | sha256sum
su postgres -c "psql -XAtqc 'select pg_postmaster_start_time(), pg_conf_load_time()'"
"""


@pytest.fixture
def unchanged(primary, subscriber):
    """Files and servers are the same at the end of the test as at its beginning."""
    before = [host.check_output(FINGERPRINT) for host in (primary, subscriber)]
    yield
    assert [host.check_output(FINGERPRINT) for host in (primary, subscriber)] == before


@pytest.fixture
def inventory(tmp_path):
    """A copy of the test inventory whose hosts a test may change."""
    copy = tmp_path / "inventory"
    shutil.copytree(TEST.inventory, copy)
    return copy


@pytest.mark.parametrize(
    ("playbook", "variable", "host"),
    [("switchover", "switchover_to", "db2"), ("promote", "promote_to", "ops1"), ("rejoin", "rejoin_host", "nowhere")],
)
def test_a_host_that_can_change_no_role_is_refused(play, playbook, variable, host):
    """It would find no member, and end as if all were well."""
    status, output = play(playbook, **{variable: host})
    assert status != 0
    assert re.search(rf"{variable} is {host}; accepted: [^:]+, one of db3, db3b:", output), output


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"postgresql_version": 15}, ["postgresql_version", "15", "16", "18"]),
        ({"transactions_months_ahead": -1}, ["ahead", "-1"]),
        ({"postgresql_setings": {"work_mem": "4MB"}}, ["postgresql_setings", "postgresql_settings"]),
        ({"postgresql_roles": [{"name": "x", "logn": True}]}, ["logn", "login"]),
        (
            {"postgresql_cron_jobs": [{"name": "bad", "cron": "61 * * * *", "run": "select 1"}]},
            ["postgresql_cron_jobs", "bad", "61 * * * *"],
        ),
        ({"postgresql_cron_jobs": [{"name": "bad", "every": "90 seconds", "run": "select 1"}]}, ["bad", "90 seconds"]),
        ({"postgresql_settings": {"work_memm": "4MB"}}, ["work_memm", "unrecognized configuration parameter"]),
        ({"postgresql_settings": {"work_mem": "4 apples"}}, ["work_mem", "4 apples", "Valid units"]),
        (
            {"postgresql_settings": {"shared_preload_libraries": "pg_cron,pg_ivm,pg_stat_statements,not_there"}},
            ["not_there", "could not access file"],
        ),
        ({"postgresql_settings": {"shared_preload_libraries": "auto_explain"}}, ["without pg_cron", "transactions"]),
        ({"postgresql_settings": {"fsync": False}}, ["fsync", "postgresql_unsafe_settings_allowed: [fsync]"]),
        ({"postgresql_settings": {"listen_addresses": "192.0.2.99"}}, ["192.0.2.99", "has none of these addresses"]),
        (
            {"postgresql_settings": {"wal_level": "replica"}},
            ["logical replication slots", "would not start with less than logical"],
        ),
        (
            {
                "postgresql_hba": [
                    {"type": "host", "database": "all", "user": "all", "address": "10.0.0.0/99", "method": "trust"}
                ]
            },
            ["10.0.0.0/99", "invalid CIDR mask"],
        ),
        (
            {"package_source_kind": "mirror", "package_source_uri": "http://127.0.0.1:9/none"},
            ["package_source_uri", "127.0.0.1:9"],
        ),
        (
            {
                "package_source_kind": "mirror",
                "package_source_uri": "http://deb.debian.org/debian",
                "package_source_suite": "trixie",
            },
            ["package_source_uri", "not signed"],
        ),
        ({"package_source_kind": "mirror", "package_source_signing_key": "no key"}, ["package_source_signing_key"]),
    ],
    ids=lambda value: json.dumps(value)[:60] if isinstance(value, dict) else None,
)
def test_variable_is_refused(unchanged, play, variables, words):
    status, output = play("transactions", *ONE_HOST, **variables)
    assert status != 0
    for word in words:
        assert word in output


def rewrite_hosts(inventory, change):
    file = inventory / "hosts.yml"
    hosts = yaml.safe_load(file.read_text())
    change(hosts)
    file.write_text(yaml.safe_dump(hosts))


def test_two_clusters_on_one_port(unchanged, play, inventory):
    def same_machine(hosts):
        hosts["transactions_subscriber"]["hosts"]["db2"]["ansible_host"] = TEST.container(TEST.host("db1"))

    rewrite_hosts(inventory, same_machine)
    status, output = play("transactions", inventory=inventory)
    assert status != 0
    assert "postgresql_port" in output
    assert "db1 and db2 claim the same port 5432" in output


def test_subscriber_that_is_its_own_publisher(unchanged, play, inventory):
    rewrite_hosts(inventory, lambda hosts: hosts["transactions_subscriber"].update(hosts={"db1": None}))
    status, output = play("transactions", inventory=inventory)
    assert status != 0
    assert "db1 is in groups transactions_primary and transactions_subscriber" in output


def test_missing_group(unchanged, play, inventory):
    rewrite_hosts(inventory, lambda hosts: hosts.pop("transactions_primary"))
    status, output = play("transactions", inventory=inventory)
    assert status != 0
    assert "transactions_primary" in output


def test_port_that_something_else_has(unchanged, play, primary, inventory):
    """A second cluster of db1's machine on a port where a plain program listens."""
    primary.run("python3 -m http.server 5999 --bind 127.0.0.1 > /dev/null 2>&1 & echo $! > /tmp/listener")

    def another(hosts):
        hosts["transactions_primary"]["hosts"]["db1"].update(postgresql_port=5999, postgresql_cluster="other")

    rewrite_hosts(inventory, another)
    try:
        status, output = play("transactions", *ONE_HOST, inventory=inventory)
    finally:
        primary.run("kill $(cat /tmp/listener)")
    assert status != 0
    assert "postgresql_port is 5999" in output


def test_restart_waits_until_it_is_allowed(play, query, primary):
    """A setting that needs a restart is written, and the running server goes on until a restart is allowed."""
    (before,) = query(
        primary,
        "select pg_postmaster_start_time() as started, setting from pg_settings where name = 'max_locks_per_transaction'",
    )
    changed = {"postgresql_settings": {"max_locks_per_transaction": 80}, "postgresql_restart_allowed": False}
    status, output = play("transactions", *ONE_HOST, **changed)
    assert status == 0
    assert "RESTART PENDING" in output
    assert "max_locks_per_transaction" in output
    (pending,) = query(
        primary,
        "select pg_postmaster_start_time() as started, setting from pg_settings where name = 'max_locks_per_transaction'",
    )
    assert pending == before
    status, _output = play("transactions")  # the test inventory allows it, and takes the setting back
    assert status == 0
    (after,) = query(
        primary, "select setting, pending_restart from pg_settings where name = 'max_locks_per_transaction'"
    )
    assert after == {"setting": before["setting"], "pending_restart": False}
