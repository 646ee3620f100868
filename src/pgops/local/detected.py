"""What Ansible must know of this machine: a file of variables beside the inventory's own."""

from __future__ import annotations

from pathlib import Path

from pgops.local.fleet import Fleet
from pgops.local.packages import Packages


def file_of(fleet: Fleet) -> Path:
    """Path of the file, which git ignores."""
    return fleet.inventory / "group_vars" / "all" / "detected.yml"


def render(packages: Packages, network_prefix: str) -> str:
    """Text of the file."""
    return (
        "# Written by `pgops local` when it makes the hosts: what this machine can reach, and their network.\n"
        f"package_source_kind: {packages.package_source_kind}\n"
        f"postgresql_version: {packages.postgresql_version}\n"
        f"local_network: {network_prefix}\n"
    )


def write(fleet: Fleet, packages: Packages, network_prefix: str) -> bool:
    """Write the file when its content changes; True when written."""
    file, text = file_of(fleet), render(packages, network_prefix)
    if file.is_file() and file.read_text() == text:
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return True
