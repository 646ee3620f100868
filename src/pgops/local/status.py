"""What the local hosts say of themselves: one question a host, answered in JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pgops.local import docker, hosts, network
from pgops.local.fleet import Fleet, Host
from pgops.local.packages import from_labels

QUESTION = (Path(__file__).parent / "summary.sql").read_text()
QUESTION_SECONDS = 120
DATABASE = "transactions"
# Sections that come once a host; the others are lists under the plural key.
SINGLE = {"server", "archive", "totals", "drift"}
PLURAL = {"slot": "slots", "subscription": "subscriptions", "month": "months", "total": "top_totals", "job": "jobs"}


def parse_answer(lines: Iterable[str]) -> dict[str, Any]:
    """One dictionary from the JSON lines of summary.sql."""
    answer: dict[str, Any] = {key: [] for key in PLURAL.values()}
    for line in lines:
        if not line.startswith("{"):
            continue
        row = json.loads(line)
        section = row.pop("section")
        if section in SINGLE:
            answer[section] = row
        else:
            answer[PLURAL[section]].append(row)
    return answer


def why_no_answer(status: int, message: str) -> str:
    """State of a host on which psql ended with an error."""
    if status in (126, 127) or "executable file not found" in message:
        return "no PostgreSQL yet"
    if f'database "{DATABASE}" does not exist' in message:
        return f"no database {DATABASE} yet"
    if 'role "postgres" does not exist' in message or "unable to find user postgres" in message:
        return "no PostgreSQL yet"
    if "connection to server" in message or "No such file" in message:
        return "PostgreSQL does not run (make start)"
    return docker.last_lines(message, 1) or f"psql ended with status {status}"


def ask(fleet: Fleet, host: Host, container: hosts.Container | None, addresses: dict[str, str]) -> dict[str, Any]:
    """Everything known of a host; `state` says in words how it is."""
    name = fleet.container(host)
    known: dict[str, Any] = {"host": host.name, "container": name, "address": addresses.get(host.name)}
    if container is None:
        return {**known, "state": "not there (make up)"}
    packages = from_labels(container.labels)
    if packages is not None:
        known["package_source"] = packages.package_source_kind
    if not container.running:
        return {**known, "state": f"container is {container.status} (make up)"}
    if host.serves != "databases":
        return {**known, "state": f"running, for {host.serves}"}
    result = docker.attempt(
        *("exec", "--interactive", "--user", "postgres", name),
        *("psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--dbname", DATABASE, "--file", "-"),
        input_text=QUESTION,
        timeout_seconds=QUESTION_SECONDS,
    )
    if result.returncode != 0:
        return {**known, "state": why_no_answer(result.returncode, result.stderr)}
    state = "running"
    if result.stderr.strip():
        state = f"running, but: {docker.last_lines(result.stderr, 1)}"
    return {**known, "state": state, **parse_answer(result.stdout.splitlines())}


def collect(fleet: Fleet) -> dict[str, Any]:
    """The state of the whole fleet, as `pgops local status --json` prints it."""
    containers = hosts.existing(fleet)
    addresses = network_addresses(fleet)
    with ThreadPoolExecutor(len(fleet.hosts)) as pool:
        answers = list(pool.map(lambda host: ask(fleet, host, containers.get(host.name), addresses), fleet.hosts))
    return {"environment": fleet.name, "hosts": answers}


def network_addresses(fleet: Fleet) -> dict[str, str]:
    """Address of each host; none before the network is there."""
    known = docker.inspect("network", fleet.network)
    if not known:
        return {}
    subnet = network.subnet_of(known[0])
    return {host.name: str(subnet[host.address]) for host in fleet.hosts}
