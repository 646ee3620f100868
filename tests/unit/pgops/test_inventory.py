"""`pgops inventory`: what is shown and what is refused, on inventories written for the purpose."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from pgops.paths import ROOT

HOSTS = """
transactions_primary:
  hosts:
    tx1: {ansible_host: 192.0.2.11}
transactions_subscriber:
  hosts:
    tx2: {ansible_host: 192.0.2.12}
"""
VARIABLES = """\
postgresql_version: 16
postgresql_settings:
  work_mem: 32MB
postgresql_cron_jobs:
  - {name: nightly, cron: "30 2 * * *", run: analyze, active: false}
postgresql_partitions:
  - {table: app.t1, ahead: 6}
"""
HOST_VARIABLES = """\
postgresql_host_settings: {work_mem: 64MB}
postgresql_host_roles: [{name: extra, password: "s3cret-word"}]
"""


@pytest.fixture
def inventory(tmp_path):
    (tmp_path / "hosts.yml").write_text(HOSTS)
    (tmp_path / "group_vars" / "all").mkdir(parents=True)
    (tmp_path / "group_vars" / "all" / "main.yml").write_text(VARIABLES)
    (tmp_path / "host_vars").mkdir()
    (tmp_path / "host_vars" / "tx1.yml").write_text(HOST_VARIABLES)
    return tmp_path


def pgops_inventory(*arguments):
    """Run the command as a user does; Ansible reads its configuration once in a process."""
    program = "import sys; from pgops.inventory import app; app(prog_name='pgops inventory')"
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "COLUMNS": "200"},
    )


def shown(inventory, host="tx1"):
    done = pgops_inventory("show", host, "-i", inventory, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_inventories_of_the_clone_have_no_problem():
    done = pgops_inventory("check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("no problem") >= 3


def test_values_are_shown_with_the_place_that_says_them(inventory):
    described = shown(inventory)
    host_file, group_file = inventory / "host_vars" / "tx1.yml", inventory / "group_vars" / "all" / "main.yml"
    assert described["settings"]["work_mem"] == {"value": "64MB", "origin": f"{host_file}:1"}
    assert described["settings"]["wal_level"]["origin"].startswith("roles/transactions/vars/main.yml:")
    assert described["partitions"]["app.t1"]["ahead"] == {"value": 6, "origin": f"{group_file}:7"}
    assert described["partitions"]["app.t1"]["name"]["origin"].startswith("roles/transactions/vars/main.yml:")
    # A boolean has no place of its own; its item has.
    assert described["cron_jobs"]["nightly"]["active"] == {"value": False, "origin": f"{group_file}:5"}
    assert described["variables"]["postgresql_version"] == {"value": 16, "origin": f"{group_file}:1"}
    assert "postgresql_port" not in described["variables"]


def test_hosts_of_one_inventory_differ(inventory):
    assert shown(inventory, "tx2")["settings"]["work_mem"]["value"] == "32MB"
    assert "publications" in shown(inventory) and "publications" not in shown(inventory, "tx2")


def test_passwords_are_not_shown(inventory):
    for arguments in (["--json"], ["--defaults"], []):
        done = pgops_inventory("show", "tx1", "-i", inventory, *arguments)
        assert done.returncode == 0 and "s3cret-word" not in done.stdout and "(hidden)" in done.stdout


def test_the_table_names_sections_items_and_places(inventory):
    done = pgops_inventory("show", "tx1", "-i", inventory)
    assert "cron_jobs\n" in done.stdout and "nightly" in done.stdout and "host_vars/tx1.yml:1" in done.stdout


def test_an_unknown_host_is_answered_with_the_known_ones(inventory):
    done = pgops_inventory("show", "tx9", "-i", inventory)
    assert done.returncode != 0 and "there are: tx1, tx2" in done.stderr + done.stdout


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        (
            "group_vars/all/main.yml",
            "postgresql_setings: {}",
            "tx1, tx2: variable postgresql_setings is unknown; nearest",
        ),
        (
            "host_vars/tx2.yml",
            "postgresql_host_partitions: [{table: app.t1, ahead: -1}]",
            "tx2: postgresql_host_partitions[app.t1].ahead is -1",
        ),
        ("host_vars/tx2.yml", "transactions_months_ahed: 1", "nearest known: transactions_months_ahead"),
        ("hosts.yml", HOSTS.replace("192.0.2.12", "192.0.2.11"), "tx1 and tx2 claim the same port 5432 of 192.0.2.11"),
        ("hosts.yml", "transactions_subscriber: {hosts: {tx2: {}}}", "group transactions_primary"),
        ("hosts.yml", "transactions_primary: [", "hosts.yml"),
        ("hosts.yml", "all: {}", "has no host"),
    ],
)
def test_mistakes_are_named(inventory, file, text, words):
    (inventory / file).write_text(text)
    done = pgops_inventory("check", "-i", inventory)
    assert done.returncode != 0
    assert words in done.stdout + done.stderr


def test_a_missing_inventory_is_answered_with_those_there_are(tmp_path):
    done = pgops_inventory("check", "-i", tmp_path / "nowhere")
    assert done.returncode != 0 and "there are: inventories/local" in done.stdout + done.stderr
