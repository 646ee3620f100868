"""What the local hosts say of themselves: one question a cluster, answered in JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pgops.local import docker, hosts, network
from pgops.local.clusters import SYSTEMS, Cluster, clusters_of
from pgops.local.fleet import Fleet, Host
from pgops.local.packages import from_labels

QUESTION = (Path(__file__).parent / "summary.sql").read_text()
QUESTION_SECONDS = 120
RUNNING = "running"
# Sections that come once a cluster; the others are lists under the plural key.
SINGLE = {"server", "archive", "upstream", "totals", "drift"}
PLURAL = {
    "slot": "slots",
    "receiver": "receivers",
    "subscription": "subscriptions",
    "month": "months",
    "total": "top_totals",
    "view": "views",
    "partitioned": "partitioned",
    "job": "jobs",
}


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


def why_no_answer(status: int, message: str, database: str) -> str:
    """State of a cluster for which psql ended with an error."""
    if status in (126, 127) or "executable file not found" in message:
        return "no PostgreSQL yet"
    if f'database "{database}" does not exist' in message:
        return f"no database {database} yet"
    if 'role "postgres" does not exist' in message or "unable to find user postgres" in message:
        return "no PostgreSQL yet"
    if "connection to server" in message or "No such file" in message:
        return "PostgreSQL does not run (make start)"
    return docker.last_lines(message, 1) or f"psql ended with status {status}"


def look_at(fleet: Fleet, host: Host, container: hosts.Container | None, addresses: dict[str, str]) -> dict[str, Any]:
    """What the engine knows of a host; `state` says in words how it is."""
    known: dict[str, Any] = {"host": host.name, "container": fleet.container(host), "address": addresses.get(host.name)}
    if container is None:
        return {**known, "state": "not there (make up)"}
    packages = from_labels(container.labels)
    if packages is not None:
        known["package_source"] = packages.package_source_kind
    if not container.running:
        return {**known, "state": f"container is {container.status} (make up)"}
    if host.serves != "databases":
        return {**known, "state": f"running, for {host.serves}"}
    return {**known, "state": RUNNING}


def ask(cluster: Cluster, known: dict[str, Any]) -> dict[str, Any]:
    """Everything known of a cluster; `known` is what is known of its host."""
    known = {**known, "host": cluster.name, "system": cluster.system, "port": cluster.port}
    if known["state"] != RUNNING:
        return known
    database = SYSTEMS[cluster.system].database
    result = docker.attempt(
        *("exec", "--interactive", "--user", "postgres", known["container"]),
        *("psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--file", "-"),
        *("--port", str(cluster.port), "--dbname", database),
        input_text=QUESTION,
        timeout_seconds=QUESTION_SECONDS,
    )
    if result.returncode != 0:
        return {**known, "state": why_no_answer(result.returncode, result.stderr, database)}
    state = RUNNING
    if result.stderr.strip():
        state = f"running, but: {docker.last_lines(result.stderr, 1)}"
    answer = parse_answer(result.stdout.splitlines())
    return {**known, "state": state, "role": role_of(cluster, answer.get("server", {})), **answer}


def role_of(cluster: Cluster, server: dict[str, Any]) -> str:
    """What a cluster is now; the inventory's groups say only who was made first."""
    if server.get("in_recovery"):
        return "standby"
    return "subscriber" if cluster.part == "subscriber" else "primary"


def collect(fleet: Fleet, system: str | None = None) -> dict[str, Any]:
    """The state of the clusters of all systems or of one, and of hosts without any, as `status --json` prints it."""
    containers = hosts.existing(fleet)
    addresses = network_addresses(fleet)
    known = {host: look_at(fleet, host, containers.get(host.name), addresses) for host in fleet.hosts}
    asked = clusters_of(fleet, system)
    with ThreadPoolExecutor(len(asked)) as pool:
        answers = list(pool.map(lambda cluster: ask(cluster, known[cluster.host]), asked))
    with_clusters = {cluster.host for cluster in clusters_of(fleet)}
    others = [known[host] for host in fleet.hosts if host not in with_clusters]
    return {"environment": fleet.name, "hosts": [*answers, *others]}


def network_addresses(fleet: Fleet) -> dict[str, str]:
    """Address of each host; none before the network is there."""
    known = docker.inspect("network", fleet.network)
    if not known:
        return {}
    subnet = network.subnet_of(known[0])
    return {host.name: str(subnet[host.address]) for host in fleet.hosts}
