"""The tree is as its readers expect it."""

from __future__ import annotations

import subprocess

import pytest
import yaml

from pgops.local.fleet import BENCH, LOCAL, MIRROR, STORAGE, TEST
from pgops.paths import ROOT

SCENARIOS = sorted(file.parent for file in (ROOT / "molecule").glob("*/molecule.yml"))


def clusters(inventory) -> dict[str, dict[str, str]]:
    """Groups and the containers of their hosts."""
    groups = yaml.safe_load((inventory / "hosts.yml").read_text())
    return {
        group: {name: values["ansible_host"] for name, values in content["hosts"].items()}
        for group, content in groups.items()
        if "hosts" in content
    }


@pytest.mark.parametrize("fleet", [LOCAL, TEST, MIRROR, STORAGE, BENCH], ids=lambda fleet: fleet.name)
def test_every_host_of_the_inventory_has_a_container(fleet) -> None:
    containers = {fleet.container(host) for host in fleet.hosts}
    hosts = {container for group in clusters(fleet.inventory).values() for container in group.values()}
    assert hosts == containers


def test_the_test_inventory_has_the_local_groups() -> None:
    local, test = clusters(LOCAL.inventory), clusters(TEST.inventory)
    assert {group: set(hosts) for group, hosts in local.items()} == {group: set(hosts) for group, hosts in test.items()}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda folder: folder.name)
def test_every_scenario_verifies_something(scenario) -> None:
    assert list((scenario / "tests").glob("test_*.py"))


def test_no_link_of_the_clone_is_in_git() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split(
        "\n"
    )
    forbidden = (".venv", ".pgops", "ansible_collections", "inventories/local/group_vars/all/detected.yml")
    assert [name for name in tracked if name.startswith(forbidden) or "/.secrets/" in name] == []
