from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pgops.errors import PgopsError
from pgops.local import docker, engine
from pgops.local.progress import Progress, output


@pytest.fixture
def progress() -> Progress:
    return Progress(output())


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Programs on PATH; the test adds and removes names."""
    present: set[str] = set()
    monkeypatch.setattr(engine.shutil, "which", lambda name: f"/usr/bin/{name}" if name in present else None)
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    return present


def as_user(monkeypatch: pytest.MonkeyPatch, user_id: int) -> None:
    monkeypatch.setattr(engine.os, "geteuid", lambda: user_id)


def test_nothing_is_done_when_an_engine_answers(monkeypatch: pytest.MonkeyPatch, progress: Progress) -> None:
    monkeypatch.setattr(engine, "answers", lambda: True)
    monkeypatch.setattr(engine, "start", lambda: pytest.fail("started a second engine"))
    engine.ensure(progress)


def test_root_gets_what_is_missing_installed_and_started(
    monkeypatch: pytest.MonkeyPatch, programs: set[str], progress: Progress
) -> None:
    done: list[object] = []
    programs.add("apt-get")
    as_user(monkeypatch, 0)
    monkeypatch.setattr(engine, "apt_install", done.append)
    monkeypatch.setattr(engine, "start", lambda: done.append("start"))
    engine.ensure(progress)
    assert done == [["docker.io", "iptables"], "start"]


def test_an_installed_engine_is_only_started(
    monkeypatch: pytest.MonkeyPatch, programs: set[str], progress: Progress
) -> None:
    done: list[object] = []
    programs.update({"apt-get", "docker", "dockerd", "iptables"})
    as_user(monkeypatch, 0)
    monkeypatch.setattr(engine, "answers", lambda: False)
    monkeypatch.setattr(engine, "apt_install", done.append)
    monkeypatch.setattr(engine, "start", lambda: done.append("start"))
    engine.ensure(progress)
    assert done == ["start"]


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        (set(), "sudo apt install docker.io iptables"),
        ({"docker", "dockerd", "apt-get"}, "sudo systemctl start docker"),
    ],
)
def test_other_users_are_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch, programs: set[str], progress: Progress, present: set[str], expected: str
) -> None:
    programs.update(present)
    as_user(monkeypatch, 1000)
    monkeypatch.setattr(engine, "answers", lambda: False)
    monkeypatch.setattr(engine.os, "access", lambda *_: True)
    with pytest.raises(PgopsError, match=expected):
        engine.ensure(progress)


def test_root_on_another_system_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, programs: set[str], progress: Progress
) -> None:
    as_user(monkeypatch, 0)
    with pytest.raises(PgopsError, match="dnf install moby-engine"):
        engine.ensure(progress)


def test_an_engine_elsewhere_is_not_replaced_by_one_here(
    monkeypatch: pytest.MonkeyPatch, programs: set[str], progress: Progress
) -> None:
    programs.update({"apt-get", "docker"})
    as_user(monkeypatch, 0)
    monkeypatch.setattr(engine, "answers", lambda: False)
    monkeypatch.setenv("DOCKER_HOST", "tcp://192.0.2.1:2376")
    with pytest.raises(PgopsError, match=r"DOCKER_HOST=tcp://192\.0\.2\.1:2376 does not answer"):
        engine.ensure(progress)


def test_apt_failure_quotes_apt(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = subprocess.CompletedProcess([], 100, stdout="Reading...\nE: Unable to locate package docker.io\n")
    monkeypatch.setattr(engine.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(PgopsError, match="Unable to locate package docker.io"):
        engine.apt_install(["docker.io"])


def test_a_pid_file_counts_only_for_its_own_program(tmp_path: Path) -> None:
    pid_file = tmp_path / "docker.pid"
    assert engine.runs("dockerd", pid_file, tmp_path) is False
    pid_file.write_text("42\n")
    assert engine.runs("dockerd", pid_file, tmp_path) is False
    (tmp_path / "42").mkdir()
    (tmp_path / "42" / "comm").write_text("postgres\n")
    assert engine.runs("dockerd", pid_file, tmp_path) is False
    (tmp_path / "42" / "comm").write_text("dockerd\n")
    assert engine.runs("dockerd", pid_file, tmp_path) is True
    pid_file.write_text("")
    assert engine.runs("dockerd", pid_file, tmp_path) is False


ROUTES = """\
Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
docker0	000011AC	00000000	0001	0	0	0	0000FFFF	0	0	0
eth0	00000000	010200C0	0003	0	0	0	00000000	0	0	0
eth0	000200C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
"""


@pytest.mark.parametrize(("mtu", "options"), [(1400, ["--mtu", "1400"]), (1500, []), (9000, [])])
def test_bridges_take_no_larger_packets_than_the_way_out(tmp_path: Path, mtu: int, options: list[str]) -> None:
    routes = tmp_path / "route"
    routes.write_text(ROUTES)
    (tmp_path / "eth0").mkdir()
    (tmp_path / "eth0" / "mtu").write_text(f"{mtu}\n")
    assert engine.default_route_mtu(routes, tmp_path) == mtu
    assert engine.mtu_options(mtu) == options


def test_no_way_out_means_ethernet(tmp_path: Path) -> None:
    assert engine.default_route_mtu(tmp_path / "route", tmp_path) == 1500
    (tmp_path / "route").write_text(ROUTES.splitlines()[0] + "\n")
    assert engine.default_route_mtu(tmp_path / "route", tmp_path) == 1500


class Process:
    """A dockerd that ended."""

    returncode = 1

    def poll(self) -> int:
        return self.returncode


def test_an_engine_that_ends_shows_the_end_of_its_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("first\n" * 50 + "failed to start daemon: no space left on device\n")
    monkeypatch.setattr(engine, "LOG", log)
    monkeypatch.setattr(engine, "answers", lambda: False)
    with pytest.raises(PgopsError, match="status 1; its log: .*\n(first\n)*failed to start daemon: no space left"):
        engine.wait(Process(), f"its log: {log}")


def test_starting_removes_stale_pid_files_and_detaches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(engine, "SYSTEMD", tmp_path / "systemd")
    stale = {"dockerd": tmp_path / "docker.pid", "containerd": tmp_path / "containerd.pid"}
    for file in stale.values():
        file.write_text("999999999\n")
    started = {}
    monkeypatch.setattr(engine, "PID_FILES", stale)
    monkeypatch.setattr(engine, "LOG", tmp_path / "log")
    monkeypatch.setattr(engine, "default_route_mtu", lambda: 1400)
    monkeypatch.setattr(engine, "wait", lambda *_: None)
    monkeypatch.setattr(engine.subprocess, "Popen", lambda command, **options: started.update(options, command=command))
    engine.start()
    assert started["command"] == ["dockerd", "--mtu", "1400"]
    assert started["start_new_session"] is True
    assert not any(file.exists() for file in stale.values())


def test_no_docker_program_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(PgopsError, match="no `docker` program on PATH"):
        docker.docker("version")
