"""The clusters that run on the local hosts: read from the inventory, as Ansible reads them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from pgops.errors import PgopsError
from pgops.local.fleet import Fleet, Host


@dataclass(frozen=True)
class System:
    """What a question to a system's clusters has to know."""

    database: str
    table: str
    reader: str
    """Role that may read, and connect from this machine; the first of two, when they take turns."""
    turns: str | None = None
    """Role for which logins take turns."""

    def reader_now(self, secrets: Path) -> str:
        """The login of readers that is in use: secrets is the folder in which a rotation notes it."""
        kept = secrets / "logins" / (self.turns or "")
        return kept.read_text().strip() if self.turns and kept.is_file() else self.reader


SYSTEMS = {
    "transactions": System("transactions", "app.t1", "transactions_reader"),
    "operations": System("operations_db", "app.operations", "operations_reader"),
    "partition_lab": System("partition_lab", "app.event_logs", "partition_lab_reader"),
    "application": System("application", "app.users", "readonly_user_a", turns="readonly_user"),
}


@dataclass(frozen=True)
class Cluster:
    """An inventory host: one PostgreSQL cluster, on a host that it may share with others."""

    name: str
    system: str
    host: Host
    port: int
    part: str
    """What its group calls it: primary, standby or subscriber."""


def groups_of(fleet: Fleet) -> dict[str, dict[str, dict]]:
    """Variables that hosts.yml gives each host of each group."""
    groups = yaml.safe_load((fleet.inventory / "hosts.yml").read_text()) or {}
    return {
        group: {name: values or {} for name, values in ((content or {}).get("hosts") or {}).items()}
        for group, content in groups.items()
    }


def system_of(group: str) -> str | None:
    """The system that a group belongs to; None for one that serves all of them."""
    return next((system for system in SYSTEMS if group.startswith(f"{system}_")), None)


def clusters_of(fleet: Fleet, system: str | None = None) -> list[Cluster]:
    """Clusters of all systems, or of one, in the inventory's order."""
    found = []
    for group, hosts in groups_of(fleet).items():
        belongs_to = system_of(group)
        if belongs_to is None or system not in (None, belongs_to) or group.endswith("_pooler"):
            continue
        for name, variables in hosts.items():
            port = variables.get("postgresql_port", 5432)
            part = group.removeprefix(f"{belongs_to}_")
            found.append(Cluster(name, belongs_to, host_of(fleet, name, variables), port, part))
    return found


def host_of(fleet: Fleet, name: str, variables: dict) -> Host:
    """The host on which an inventory host lives."""
    for host in fleet.hosts:
        if fleet.container(host) == variables.get("ansible_host"):
            return host
    known = ", ".join(map(fleet.container, fleet.hosts))
    raise PgopsError(
        f"{fleet.inventory / 'hosts.yml'}: ansible_host of {name} is {variables.get('ansible_host')}; accepted: {known}"
    )


def cluster(fleet: Fleet, name: str) -> Cluster:
    """The cluster of that name."""
    found = {cluster.name: cluster for cluster in clusters_of(fleet)}
    if name not in found:
        raise PgopsError(f"there is no local cluster '{name}'; the {fleet.name} inventory has {', '.join(found)}")
    return found[name]


def hosts_for(fleet: Fleet, system: str | None) -> tuple[Host, ...]:
    """Hosts that a system needs: those of its own groups, and of groups that serve all systems."""
    needed = {
        host_of(fleet, name, variables)
        for group, hosts in groups_of(fleet).items()
        if system is None or system_of(group) in (None, system)
        for name, variables in hosts.items()
    }
    return tuple(host for host in fleet.hosts if host in needed)


def limit_of(fleet: Fleet, present: set[str]) -> list[str]:
    """Options of ansible-playbook that leave inventory hosts out whose container is not there."""
    hosts = {
        name: host_of(fleet, name, variables).name
        for group in groups_of(fleet).values()
        for name, variables in group.items()
    }
    there = [name for name, host in hosts.items() if host in present]
    return ["--limit", ",".join(there)] if 0 < len(there) < len(hosts) else []
