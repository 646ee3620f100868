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
        self.configuration, self.archive = folder / "etc", folder / "archive"
        for made in (self.data, self.programs, self.answers, self.configuration, self.archive, self.data / "pg_wal"):
            made.mkdir()
        (self.configuration / "start.conf").write_text("auto\n")
        # The last two arguments of archive-get are the file and where it goes.
        self.program("pgbackrest", f"shift $(($# - 2)); test -d {self.archive} || exit 103; test -e {self.archive}/$1")
        self.program("systemctl", "echo running")
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

    @property
    def disabled(self) -> bool:
        """Whether the next boot does not even try."""
        return (self.configuration / "start.conf").read_text() == "disabled\n"

    def start(self, stanza: str = "-", **others: str) -> subprocess.CompletedProcess[str]:
        """Ask whether the server may start; others say by name what each answers, those that do not answer say ''."""
        for name, answer in others.items():
            if answer:
                (self.answers / name).write_text(answer + "\n")
        arguments = [word for name in others for word in (name, f"host={name}")]
        path = {"PATH": f"{self.programs}:/usr/bin:/bin"}
        return subprocess.run(
            ["sh", SCRIPT, self.programs, self.data, self.configuration, stanza, *arguments],
            env=path,
            text=True,
            capture_output=True,
            check=False,
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
    assert machine.disabled


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
    assert not machine.disabled


def test_a_former_primary_is_refused_though_nobody_else_is_up(machine: Machine) -> None:
    """Both machines boot at once, and each waits here for the other's server; the archive knows of the promotion."""
    (machine.archive / "00000002.history").touch()
    done = machine.start("db3", b="")
    assert done.returncode == 1
    assert "the archive has timeline 2, on which another member was promoted" in done.stderr
    assert machine.disabled


def test_who_was_promoted_comes_up(machine: Machine) -> None:
    (machine.archive / "00000002.history").touch()
    machine.control("7000", 2)
    assert machine.start("db3", b="").returncode == 0


def test_who_was_killed_right_after_its_promotion_comes_up(machine: Machine) -> None:
    """Its control file still has the timeline of the last checkpoint; its history is its own."""
    for folder in (machine.archive, machine.data / "pg_wal"):
        (folder / "00000002.history").touch()
    assert machine.start("db3", b="").returncode == 0
    assert machine.start("db3", b="7000 1").returncode == 0
    assert machine.start("db3", b="7000 2").returncode == 1


@pytest.mark.parametrize("state", ["running", "starting"])
def test_a_primary_comes_up_though_nobody_answers_at_all(machine: Machine, state: str) -> None:
    machine.program("systemctl", f"echo {state}")
    clock = machine.answers / "clock"
    clock.write_text("0")
    machine.program("date", f"now=$(($(cat {clock}) + 1)); echo $now > {clock}; echo $now")
    machine.archive.rmdir()
    assert machine.start("db3", b="").returncode == 0
    assert (int(clock.read_text()) > 60) == (state == "starting")


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
