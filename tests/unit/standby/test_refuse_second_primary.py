"""What keeps a former primary from coming up beside the one that took over."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "roles" / "standby" / "files" / "refuse-second-primary"
CONTROL = "Database system identifier:           {identifier}\nLatest checkpoint's TimeLineID:       {timeline}\n"


class Machine:
    """A machine with PostgreSQL's programs, on which the other members answer what they are told to."""

    def __init__(self, folder: Path) -> None:
        self.data, self.programs, self.answers = folder / "data", folder / "bin", folder / "answers"
        for made in (self.data, self.programs, self.answers):
            made.mkdir()
        self.program("runuser", 'shift 3; exec "$@"')
        self.program("psql", f'cat "{self.answers}/$(echo "$3" | cut -d= -f2)"')
        self.program("sleep", "exec /bin/true")
        self.control("7000", 1)

    def program(self, name: str, text: str) -> None:
        file = self.programs / name
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)

    def control(self, identifier: str, timeline: int) -> None:
        text = CONTROL.format(identifier=identifier, timeline=timeline)
        self.program("pg_controldata", f"cat <<'END'\n{text}END")

    def start(self, **others: str) -> subprocess.CompletedProcess[str]:
        """Ask whether the server may start; others say by name what each answers, those that do not answer say ''."""
        for name, answer in others.items():
            if answer:
                (self.answers / name).write_text(answer + "\n")
        arguments = [word for name in others for word in (name, f"host={name}")]
        path = {"PATH": f"{self.programs}:/usr/bin:/bin"}
        return subprocess.run(
            ["sh", SCRIPT, self.programs, self.data, *arguments], env=path, text=True, capture_output=True, check=False
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("answer", ["7000 2", "7000 1"])
def test_a_second_primary_is_refused(machine: Machine, answer: str) -> None:
    done = machine.start(b="standby", c=answer)
    assert done.returncode == 1
    assert f"c is the primary on timeline {answer[-1]}" in done.stderr
    assert "playbooks/rejoin.yml" in done.stderr


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("standby", id="the other follows"),
        pytest.param("8000 5", id="the other is another cluster"),
        pytest.param("", id="the other does not answer"),
    ],
)
def test_a_primary_comes_up(machine: Machine, answer: str) -> None:
    assert machine.start(b=answer).returncode == 0


def test_a_primary_comes_up_beside_an_older_one(machine: Machine) -> None:
    machine.control("7000", 3)
    assert machine.start(b="7000 2").returncode == 0


@pytest.mark.parametrize("signal", ["standby.signal", "recovery.signal"])
def test_a_standby_and_a_restore_are_left_alone(machine: Machine, signal: str) -> None:
    (machine.data / signal).touch()
    assert machine.start(b="7000 2").returncode == 0


def test_a_broken_cluster_is_left_to_the_server(machine: Machine) -> None:
    machine.program("pg_controldata", "exit 1")
    assert machine.start(b="7000 2").returncode == 0
