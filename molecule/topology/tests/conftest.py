"""The clusters of the scenario by their names."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from members import Member, System

NAMES = ("north", "south", "cascaded", "delayed", "reader")


@pytest.fixture(scope="session")
def system() -> System:
    """System 1, with clusters of its own."""
    return System("topology", database="transactions", client="transactions_app")


@pytest.fixture(scope="session")
def members(system: System) -> Iterator[dict[str, Member]]:
    """All clusters by name. Machines that were killed are up again at the end."""
    found = {name: system.member(name) for name in NAMES}
    yield found
    for member in found.values():
        member.come_back()


@pytest.fixture(scope="session")
def north(members: dict[str, Member]) -> Member:
    """The member that is made first."""
    return members["north"]


@pytest.fixture(scope="session")
def south(members: dict[str, Member]) -> Member:
    """The standby that takes over."""
    return members["south"]


@pytest.fixture(scope="session")
def cascaded(members: dict[str, Member]) -> Member:
    """The standby that south feeds."""
    return members["cascaded"]


@pytest.fixture(scope="session")
def delayed(members: dict[str, Member]) -> Member:
    """The standby that stays behind."""
    return members["delayed"]


@pytest.fixture(scope="session")
def reader(members: dict[str, Member]) -> Member:
    """The subscriber."""
    return members["reader"]


@pytest.fixture(scope="session")
def two(system: System, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The inventory without the cascading and the delayed standby."""
    inventory = tmp_path_factory.mktemp("two") / "inventory"
    shutil.copytree(system.inventory, inventory)
    hosts = (inventory / "hosts.yml").read_text().splitlines(keepends=True)
    left = [line for line in hosts if not line.strip().startswith(("cascaded:", "delayed:"))]
    assert len(left) == len(hosts) - 2
    (inventory / "hosts.yml").write_text("".join(left))
    return inventory
