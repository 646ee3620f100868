from __future__ import annotations

import subprocess
from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path

import pytest
import yaml

from pgops.errors import PgopsError
from pgops.local import detected, docker, hosts, network, status
from pgops.local.fleet import FLEETS, LOCAL, Fleet, Host
from pgops.local.packages import FROM_DEBIAN, FROM_PROJECT
from pgops.local.progress import Progress, output

SUBNET = IPv4Network("10.203.0.0/24")


def options(arguments: list[str], name: str) -> list[str]:
    """Values of an option that may come several times."""
    return [arguments[index + 1] for index, word in enumerate(arguments) if word == name]


def test_a_host_gets_what_systemd_needs_and_nothing_privileged() -> None:
    arguments = hosts.run_arguments(LOCAL, Host("db1", 11, "1g"), "pgops-host:tag", FROM_DEBIAN, SUBNET)
    assert arguments[-1] == "pgops-host:tag"
    assert options(arguments, "--name") == options(arguments, "--hostname") == ["pgops-db1"]
    assert options(arguments, "--network") == ["pgops"]
    assert options(arguments, "--ip") == ["10.203.0.11"]
    assert options(arguments, "--memory") == ["1g"]
    assert options(arguments, "--volume") == ["pgops-db1-packages:/var/cache/apt/archives"]
    assert options(arguments, "--cap-add") == ["SYS_ADMIN", "NET_ADMIN"]
    assert "pgops.environment=local" in options(arguments, "--label")
    assert "pgops.packages.postgresql_version=18" in options(arguments, "--label")
    assert "--privileged" not in arguments


def test_hosts_of_tests_are_told_apart_from_the_local_ones() -> None:
    for fleet in FLEETS.values():
        others = [other for other in FLEETS.values() if other is not fleet]
        for host in fleet.hosts:
            assert all(fleet.container(host) != other.container(host) for other in others)
            assert all(fleet.volume(host) != other.volume(host) for other in others)
        assert fleet.network not in {other.network for other in others}


def test_an_unknown_host_is_named_with_the_known_ones() -> None:
    with pytest.raises(PgopsError, match="no local host 'db9'; the local inventory has db1, db2, db3, ops1"):
        LOCAL.host("db9")


def described(name: str, status: str, environment: str = "local") -> dict:
    labels = {"pgops.environment": environment, "pgops.tag": "pgops-host:tag", **FROM_PROJECT.labels()}
    return {"Name": f"/{name}", "State": {"Status": status}, "Config": {"Labels": labels}}


def test_containers_are_found_by_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker, "inspect", lambda *_: [described("pgops-db2", "exited")])
    found = hosts.existing(LOCAL)
    assert list(found) == ["db2"]
    assert not found["db2"].running


def test_somebody_elses_container_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker, "inspect", lambda *_: [described("pgops-db1", "running", "other")])
    with pytest.raises(PgopsError, match="pgops-db1 is there that `pgops local` did not make"):
        hosts.existing(LOCAL)


def test_hosts_keep_the_packages_they_were_made_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "choose", lambda **_: FROM_DEBIAN)
    monkeypatch.setattr(docker, "inspect", lambda *_: [described("pgops-db1", "running")])
    assert hosts.choose_packages(LOCAL, refresh=True) == FROM_PROJECT
    monkeypatch.setattr(docker, "inspect", lambda *_: [])
    assert hosts.choose_packages(LOCAL, refresh=True) == FROM_DEBIAN


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, ["run"]),
        ("running", []),
        ("exited", ["start"]),
        ("created", ["start"]),
        ("paused", ["unpause"]),
        ("dead", ["rm", "run"]),
    ],
)
def test_every_state_of_a_container_ends_in_a_running_one(
    monkeypatch: pytest.MonkeyPatch, status: str | None, expected: list[str]
) -> None:
    calls: list[str] = []
    done = subprocess.CompletedProcess([], 0, stdout="", stderr="")
    monkeypatch.setattr(docker, "docker", lambda *words, **_: calls.append(words[0]) or "")
    monkeypatch.setattr(docker, "attempt", lambda *words, **_: calls.append(words[0]) or done)
    monkeypatch.setattr(hosts, "wait_for_systemd", lambda *_: None)
    container = hosts.Container("pgops-db1", status, {"pgops.tag": "tag"}) if status else None
    hosts._bring_up(LOCAL, LOCAL.hosts[0], container, "tag", FROM_DEBIAN, SUBNET, Progress(output()))
    assert calls == expected


def systemd_says(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    remaining = list(answers)

    def attempt(*words: str, **_: object) -> subprocess.CompletedProcess[str]:
        answer = remaining.pop(0) if words[0] == "exec" and len(remaining) > 1 else remaining[0]
        error = answer.startswith("Error")
        return subprocess.CompletedProcess([], int(error), "" if error else answer, answer if error else "")

    monkeypatch.setattr(docker, "attempt", attempt)
    monkeypatch.setattr(hosts.time, "sleep", lambda _: None)


def test_a_host_is_waited_for_until_it_has_booted(monkeypatch: pytest.MonkeyPatch) -> None:
    systemd_says(monkeypatch, "Error: no bus yet", "starting", "running")
    hosts.wait_for_systemd("pgops-db1", Progress(output()))


def test_failed_units_are_named_and_no_obstacle(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    systemd_says(monkeypatch, "degraded")
    monkeypatch.setattr(docker, "docker", lambda *_, **__: "postgresql@18-main.service loaded failed failed x")
    hosts.wait_for_systemd("pgops-db1", Progress(output()))
    assert "failed units: postgresql@18-main.service" in capsys.readouterr().out


def test_a_host_that_ended_is_reported_with_its_output(monkeypatch: pytest.MonkeyPatch) -> None:
    systemd_says(monkeypatch, "Error response from daemon: container x is not running")
    with pytest.raises(PgopsError, match="pgops-db1 has not booted .* is not running"):
        hosts.wait_for_systemd("pgops-db1", Progress(output()))


@pytest.mark.parametrize("packages", [FROM_DEBIAN, FROM_PROJECT])
def test_ansible_reads_what_was_detected(tmp_path: Path, packages) -> None:
    fleet = Fleet("local", "pgops", tmp_path, 0, ())
    assert detected.write(fleet, packages, "10.203.0") is True
    assert detected.write(fleet, packages, "10.203.0") is False
    assert yaml.safe_load(detected.file_of(fleet).read_text()) == {
        "package_source_kind": packages.package_source_kind,
        "postgresql_version": packages.postgresql_version,
        "local_network": "10.203.0",
    }
    assert detected.write(fleet, packages, "10.203.1") is True


ROUTES = """\
Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	010200C0	0003	0	0	0	00000000	0	0	0
eth0	0000CB0A	00000000	0001	0	0	0	0000FFFF	0	0	0
"""


def test_a_subnet_that_is_in_use_is_passed_over() -> None:
    used = network.used_subnets(ROUTES)
    assert used == [IPv4Network("10.203.0.0/16")]
    assert list(network.free_subnets(0, used)) == []
    free = list(network.free_subnets(0, [IPv4Network("10.203.0.0/24"), IPv4Network("10.203.2.0/23")]))
    assert [str(subnet) for subnet in free[:2]] == ["10.203.1.0/24", "10.203.4.0/24"]


def test_the_next_subnet_is_tried_when_docker_knows_of_an_overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def attempt(*words: str, **_: object) -> subprocess.CompletedProcess[str]:
        tried.append(words[words.index("--subnet") + 1])
        overlaps = len(tried) == 1
        return subprocess.CompletedProcess([], int(overlaps), "", "Pool overlaps with other one" if overlaps else "")

    monkeypatch.setattr(docker, "inspect", lambda *_: [])
    monkeypatch.setattr(docker, "attempt", attempt)
    monkeypatch.setattr(network, "used_subnets", lambda _: [])
    assert str(network.ensure(LOCAL)) == "10.203.1.0/24"
    assert tried == ["10.203.0.0/24", "10.203.1.0/24"]


def test_the_network_takes_packets_of_the_way_out() -> None:
    arguments = network.create_arguments(LOCAL, SUBNET, 1400)
    assert "com.docker.network.driver.mtu=1400" in arguments
    assert options(arguments, "--gateway") == ["10.203.0.1"]
    assert network.prefix(SUBNET) == "10.203.0"


def test_a_host_without_databases_is_not_asked_about_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker, "attempt", lambda *_, **__: pytest.fail("it was asked"))
    container = hosts.Container("pgops-ops1", "running", FROM_PROJECT.labels())
    known = status.look_at(LOCAL, LOCAL.host("ops1"), container, {"ops1": "10.203.0.21"})
    assert known["state"] == "running, for the backup repository"


@pytest.mark.parametrize(("there", "own", "refused"), [
    ("", None, False), ("", "A", False), ("A", "A", False), ("AA", "A", False), ("A", None, True), ("A", "B", True),
])  # fmt: skip
def test_containers_with_other_secrets_are_left_alone(monkeypatch, tmp_path, there, own, refused):
    """What a container holds is the authority of whoever has deployed it."""
    fleet = replace(LOCAL, inventory=tmp_path)
    if own:
        folder = tmp_path / ".secrets" / "certificates"
        folder.mkdir(parents=True)
        (folder / "ca.crt").write_text(f"{own}\n")
    answer = subprocess.CompletedProcess([], 0, "".join(f"{each}\n" for each in there), "")
    monkeypatch.setattr(hosts.docker, "attempt", lambda *_arguments: answer)
    if refused:
        with pytest.raises(PgopsError, match="deployed with other secrets"):
            hosts.refuse_of_another_clone(fleet, fleet.hosts[0])
    else:
        hosts.refuse_of_another_clone(fleet, fleet.hosts[0])
