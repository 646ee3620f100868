"""Runs every molecule scenario on two test hosts that are made once for all of them."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from pgops import ansible
from pgops.paths import ROOT, STATE


def verifies_long(scenario: str) -> bool:
    """Whether a scenario says PGOPS_LONG to its verifier: all of its tests wait for minutes."""
    told = yaml.safe_load((ROOT / "molecule" / scenario / "molecule.yml").read_text())
    return told.get("verifier", {}).get("env", {}).get("PGOPS_LONG") == "1"


SCENARIOS = sorted(
    (file.parent.name for file in (ROOT / "molecule").glob("*/molecule.yml")),
    # The one that starts from bare hosts comes first.
    key=lambda name: (name != "default", name),
)
OWN_HOSTS = {name for name in SCENARIOS if name != "default" and (ROOT / "molecule" / name / "create.yml").is_file()}
# Those that verify only what takes minutes are left to `make test-long` as a whole.
LONG = {name for name in SCENARIOS if verifies_long(name)}
# Those that play on what `default` has deployed, from the same inventory.
ON_DEFAULT = {
    name
    for name in SCENARIOS
    if name not in LONG | {"default"} and "inventory" not in (ROOT / "molecule" / name / "molecule.yml").read_text()
}
LOGS = STATE / "molecule"
TIMEOUT_SECONDS = 1800
CHECK_STEP = re.compile(r"> check\] Executing$(.*?)> check\] Executed", re.MULTILINE | re.DOTALL)
RECAP = re.compile(r"^(?P<host>\S+)\s+: ok=\d+\s+changed=(?P<changed>\d+) ", re.MULTILINE)


def run(log_name: str, command: list[str], environment: dict[str, str]) -> str:
    """Run a command with its output shown as it comes and kept in a log; fails the test when it fails."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{log_name}.log"
    lines = []
    with log.open("w") as file:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert process.stdout is not None
        for line in process.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            file.write(line)
            lines.append(line)
        status = process.wait(timeout=TIMEOUT_SECONDS)
    output = "".join(lines)
    if status != 0:
        pytest.fail(f"{' '.join(command)} ended with status {status}; all of it: {log}", pytrace=False)
    return output


def molecule(action: str, scenario: str, *options: str) -> str:
    """Run a molecule action on a scenario."""
    command = ["molecule", "--base-config", "molecule/config.yml", action, "--scenario-name", scenario, *options]
    environment = ansible.environment() | {"NO_COLOR": "1", "ANSIBLE_NOCOLOR": "1"}
    return run(f"{scenario}-{action}", command, environment)


@pytest.fixture(scope="module")
def turn() -> Iterator[None]:
    """One run at a time on a machine: the names of the test hosts are the same for every clone."""
    with (Path(tempfile.gettempdir()) / "pgops-molecule.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another run uses the test hosts; waiting for its end.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="module", autouse=True)
def test_hosts(turn: None) -> Iterator[None]:
    """Bare hosts at the beginning, none at the end."""
    molecule("destroy", "default")
    yield
    molecule("destroy", "default")


@pytest.fixture(scope="module")
def deployed() -> set[str]:
    """Names of the scenarios whose deployment stands on the test hosts."""
    return set()


def changes(output: str) -> dict[str, int]:
    """Number of changed tasks of every host that has any, from the play recaps in Ansible's output."""
    counts = {recap["host"]: int(recap["changed"]) for recap in RECAP.finditer(output)}
    return {host: changed for host, changed in counts.items() if changed}


@pytest.fixture
def scenario(request: pytest.FixtureRequest) -> Iterator[str]:
    """Name of a scenario, without leftovers of hosts that are its own."""
    if request.param in OWN_HOSTS:
        molecule("destroy", request.param)
    yield request.param
    if request.param in OWN_HOSTS:
        molecule("destroy", request.param)


@pytest.mark.parametrize(
    "scenario",
    [pytest.param(name, marks=pytest.mark.long if name in LONG else ()) for name in SCENARIOS],
    indirect=True,
)
def test_scenario(scenario: str, deployed: set[str]) -> None:
    """Converges, then finds nothing to change (really and in check mode), then verifies.

    What `default` has deployed in this run need not be deployed again: the scenario is only verified.
    """
    if scenario in ON_DEFAULT and "default" in deployed:
        molecule("verify", scenario)
        return
    output = molecule("test", scenario, "--destroy", "never")
    for step in CHECK_STEP.findall(output):
        assert RECAP.search(step), "the check step ran no play"
        assert changes(step) == {}, "check mode would change what the run before it left"
    deployed.add(scenario)


def test_mitogen_finds_nothing_to_change() -> None:
    """What plain Ansible deployed is as Ansible with mitogen would have it."""
    command = ["pgops", "play", "site.yml", "--inventory", "molecule/inventory"]
    output = run("with-mitogen", command, ansible.environment(os.environ | {"PGOPS_MITOGEN": "1"}))
    assert RECAP.search(output), "the run with mitogen ran no play"
    assert changes(output) == {}
