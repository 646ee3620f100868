"""`pgops inventory`: what is shown and what is refused, on inventories written for the purpose."""

from __future__ import annotations

import functools
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


def write_inventory(folder, **changes):
    """Write a good inventory, some of its files replaced."""
    files = {
        "hosts.yml": HOSTS,
        "group_vars/all/main.yml": VARIABLES,
        "host_vars/tx1.yml": HOST_VARIABLES,
        "host_vars/tx2.yml": "{}",
    }
    for name, text in {**files, **changes}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def inventory(tmp_path_factory):
    return write_inventory(tmp_path_factory.mktemp("inventory"))


@functools.cache
def pgops_inventory(*arguments):
    """Run the command as a user does (Ansible reads its configuration once in a process); the same run once only."""
    program = "from pgops.inventory import app; app(prog_name='pgops inventory')"
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


MISTAKES = {
    "misspelled variable": (
        {"group_vars/all/main.yml": "postgresql_setings: {}"},
        "tx1, tx2: variable postgresql_setings is unknown; nearest known: postgresql_settings",
    ),
    "misspelled variable of a system": (
        {"host_vars/tx2.yml": "transactions_months_ahed: 1"},
        "tx2: variable transactions_months_ahed is unknown; nearest known: transactions_months_ahead",
    ),
    "value out of range": (
        {"host_vars/tx2.yml": "postgresql_host_partitions: [{table: app.t1, ahead: -1}]"},
        "tx2: postgresql_host_partitions[app.t1].ahead is -1",
    ),
    "two clusters on one port": (
        {"hosts.yml": HOSTS.replace("192.0.2.12", "192.0.2.11")},
        "tx1 and tx2 claim the same port 5432 of 192.0.2.11",
    ),
}


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """One run over all inventories with a mistake; what it says of each."""
    folders = [
        write_inventory(tmp_path_factory.mktemp(name.replace(" ", "-")), **files)
        for name, (files, _words) in MISTAKES.items()
    ]
    done = pgops_inventory("check", *(word for folder in folders for word in ("-i", folder)))
    assert done.returncode == 1, done.stderr
    parts = [done.stdout.partition(f"{folder}: ")[2].partition("\n/")[0] for folder in folders]
    return dict(zip(MISTAKES, parts, strict=True))


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_named(checked, mistake):
    assert MISTAKES[mistake][1] in checked[mistake]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("transactions_subscriber: {hosts: {tx2: {}}}", "group transactions_primary"),
        ("transactions_primary: [", "hosts.yml"),
        ("all: {}", "has no host"),
    ],
)
def test_an_inventory_without_its_hosts_is_refused(tmp_path, text, words):
    done = pgops_inventory("check", "-i", write_inventory(tmp_path, **{"hosts.yml": text}))
    assert done.returncode != 0
    assert words in done.stdout + done.stderr


def test_a_missing_inventory_is_answered_with_those_there_are(tmp_path):
    done = pgops_inventory("check", "-i", tmp_path / "nowhere")
    assert done.returncode != 0 and "there are: inventories/local" in done.stdout + done.stderr
