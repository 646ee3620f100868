"""Which clusters run on the local hosts, and which hosts a system needs."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from pgops import ansible
from pgops.errors import PgopsError
from pgops.local import clusters, docker, engine, hosts, present, status, summary
from pgops.local.cli import app
from pgops.local.clusters import SYSTEMS
from pgops.local.fleet import LOCAL, TEST, Fleet
from pgops.paths import ROOT

INVENTORY = """
transactions_primary:
  hosts:
    db1: {ansible_host: pgops-db1}
transactions_subscriber:
  hosts:
    db2: {ansible_host: pgops-db2}
operations_primary:
  hosts:
    op1: {ansible_host: pgops-db3}
operations_standby:
  hosts:
    op2: {ansible_host: pgops-db3, postgresql_port: 5433}
"""


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    (tmp_path / "hosts.yml").write_text(INVENTORY)
    return dataclasses.replace(LOCAL, inventory=tmp_path)


def names(found) -> list[str]:
    return [item.name for item in found]


def test_clusters_of_one_machine_are_told_apart(fleet: Fleet) -> None:
    assert [(found.name, found.system, found.host.name, found.port) for found in clusters.clusters_of(fleet)] == [
        ("db1", "transactions", "db1", 5432),
        ("db2", "transactions", "db2", 5432),
        ("op1", "operations", "db3", 5432),
        ("op2", "operations", "db3", 5433),
    ]
    assert names(clusters.clusters_of(fleet, "operations")) == ["op1", "op2"]
    assert clusters.cluster(fleet, "op2").port == 5433
    with pytest.raises(PgopsError, match="no local cluster 'db9'; the local inventory has db1, db2, op1, op2"):
        clusters.cluster(fleet, "db9")


@pytest.mark.parametrize(
    ("name", "in_recovery", "role"),
    [("op1", False, "primary"), ("op1", True, "standby"), ("op2", False, "primary"), ("db2", False, "subscriber")],
)
def test_a_role_is_what_the_server_says(fleet: Fleet, name: str, in_recovery: bool, role: str) -> None:
    assert status.role_of(clusters.cluster(fleet, name), {"in_recovery": in_recovery}) == role


def test_a_system_needs_its_own_hosts_and_those_that_serve_all(fleet: Fleet) -> None:
    assert names(clusters.hosts_for(fleet, "transactions")) == ["db1", "db2"]
    assert names(clusters.hosts_for(fleet, "operations")) == ["db3"]
    assert names(clusters.hosts_for(fleet, None)) == ["db1", "db2", "db3"]
    with (fleet.inventory / "hosts.yml").open("a") as file:
        file.write("monitoring: {hosts: {db2: {ansible_host: pgops-db2}}}\n")
    assert names(clusters.hosts_for(fleet, "operations")) == ["db2", "db3"]


def test_a_host_without_a_container_is_named(fleet: Fleet) -> None:
    (fleet.inventory / "hosts.yml").write_text("operations_primary: {hosts: {x: {ansible_host: pgops-db9}}}")
    with pytest.raises(PgopsError, match="ansible_host of x is pgops-db9; accepted: pgops-db1, pgops-db2, pgops-db3"):
        clusters.clusters_of(fleet)


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        ({"db1", "db2", "db3"}, []),
        ({"db1", "db2"}, ["--limit", "db1,db2"]),
        ({"db3"}, ["--limit", "op1,op2"]),
        (set(), []),  # Ansible says that it reaches none
    ],
)
def test_hosts_that_are_not_there_are_left_out(fleet: Fleet, present: set[str], expected: list[str]) -> None:
    assert clusters.limit_of(fleet, present) == expected


def test_only_the_local_inventory_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    container = hosts.Container("pgops-db3", "running", {})
    monkeypatch.setattr(engine, "answers", lambda: True)
    monkeypatch.setattr(hosts, "existing", lambda _fleet: {"db3": container})
    assert present.limit("inventories/local") == ["--limit", "db3,db3b,lab1,app1,app1pool"]
    assert present.limit(str(ROOT / "inventories" / "local")) == ["--limit", "db3,db3b,lab1,app1,app1pool"]
    assert present.limit("inventories/staging") == []
    monkeypatch.setattr(engine, "answers", lambda: False)
    assert present.limit("inventories/local") == []


@pytest.mark.parametrize("fleet_of_clone", [LOCAL, TEST], ids=lambda fleet: fleet.name)
def test_every_system_has_a_playbook_a_role_and_hosts(fleet_of_clone: Fleet) -> None:
    for name, system in SYSTEMS.items():
        assert (ROOT / "playbooks" / f"{name}.yml").is_file()
        declared = yaml.safe_load((ROOT / "roles" / name / "vars" / "main.yml").read_text())
        databases = [
            database["name"]
            for variable, value in declared.items()
            if isinstance(value, dict) and variable.startswith(f"_{name}_")
            for database in value.get("databases", [])
        ]
        assert set(databases) == {system.database}
        assert clusters.clusters_of(fleet_of_clone, name)


@pytest.mark.parametrize(
    ("arguments", "playbook", "wanted"),
    [
        ([], "site.yml", ["db1", "db2", "db3", "ops1"]),
        (["--system", "operations", "--check"], "playbooks/operations.yml", ["db3", "ops1"]),
        (["--system", "transactions"], "playbooks/transactions.yml", ["db1", "db2", "ops1"]),
    ],
)
def test_up_brings_one_system_or_all(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], playbook: str, wanted: list[str]
) -> None:
    done: dict = {}
    monkeypatch.setattr(engine, "ensure", lambda _progress: None)
    monkeypatch.setattr(hosts, "up", lambda _fleet, _progress, **options: done.update(options))
    monkeypatch.setattr(ansible, "play", lambda *call: done.update(call=call) or 0)
    monkeypatch.setattr(status, "collect", lambda _fleet, system: done.update(shown=system) or {})
    monkeypatch.setattr(summary, "show", lambda *_: None)
    result = CliRunner().invoke(app, ["up", *arguments])
    assert result.exit_code == 0, result.output
    assert names(done["wanted"]) == wanted
    assert done["call"] == (playbook, "inventories/local", [word for word in arguments if word == "--check"])
    assert done["shown"] == (arguments[1] if arguments else None)


def test_an_unknown_system_is_refused_with_the_known_ones() -> None:
    result = CliRunner().invoke(app, ["up", "--system", "operation"])
    assert result.exit_code == 2
    assert "transactions" in result.output
    assert "operations" in result.output


def test_hosts_without_a_cluster_are_listed(monkeypatch: pytest.MonkeyPatch, fleet: Fleet) -> None:
    (fleet.inventory / "hosts.yml").write_text("operations_primary: {hosts: {op1: {ansible_host: pgops-db3}}}")
    monkeypatch.setattr(docker, "inspect", lambda *_: [])
    monkeypatch.setattr(hosts, "existing", lambda _fleet: {"db1": hosts.Container("pgops-db1", "running", {})})
    found = status.collect(fleet)
    assert [(host["host"], host["state"]) for host in found["hosts"]] == [
        ("op1", "not there (make up)"),
        ("db1", "running"),
        ("db2", "not there (make up)"),
        ("ops1", "not there (make up)"),
    ]
    summary.render(found)


def test_each_cluster_is_asked_in_its_database(monkeypatch: pytest.MonkeyPatch, fleet: Fleet) -> None:
    calls: list[tuple] = []
    answer = docker.subprocess.CompletedProcess([], 0, '{"section": "server", "version": "18.6"}\n', "")
    monkeypatch.setattr(docker, "attempt", lambda *arguments, **_: calls.append(arguments) or answer)
    monkeypatch.setattr(docker, "inspect", lambda *_: [])
    container = hosts.Container("pgops-db3", "running", {})
    monkeypatch.setattr(hosts, "existing", lambda _fleet: {"db3": container})
    found = [host for host in status.collect(fleet, "operations")["hosts"] if "server" in host]
    assert [(host["host"], host["state"], host["server"]["version"]) for host in found] == [
        ("op1", "running", "18.6"),
        ("op2", "running", "18.6"),
    ]
    asked = sorted(call[call.index("--port") + 1 : call.index("--dbname") + 2] for call in calls)
    assert asked == [("5432", "--dbname", "operations_db"), ("5433", "--dbname", "operations_db")]
    assert [host["state"] for host in status.collect(fleet)["hosts"][:2]] == ["not there (make up)"] * 2
