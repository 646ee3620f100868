"""A Docker engine on this machine: found, or installed and started."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from pgops.errors import PgopsError
from pgops.local import docker
from pgops.local.progress import Progress

START_SECONDS = 60
LOG = Path("/var/log/pgops-dockerd.log")
LOCK = Path(tempfile.gettempdir()) / "pgops-engine.lock"
"""Processes of one run of tests may ask at the same time."""
ETHERNET_MTU = 1500
SYSTEMD = Path("/run/systemd/system")
# Programs whose pid files outlive them when a machine loses its processes and keeps its disk.
PID_FILES = {
    "dockerd": Path("/var/run/docker.pid"),
    "containerd": Path("/var/run/docker/containerd/containerd.pid"),
}


def answers() -> bool:
    """Whether an engine answers to the docker program."""
    if shutil.which("docker") is None:
        return False
    return docker.attempt("version", "--format", "{{.Server.Version}}", timeout_seconds=20).returncode == 0


def ensure(progress: Progress) -> None:
    """Have an engine that answers; as root on Debian and Ubuntu install and start one."""
    if answers():
        return
    refuse_what_cannot_be_mended()
    with LOCK.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if answers():  # another process has started it meanwhile
            return
        packages = missing_packages()
        if packages:
            with progress.step("engine", f"no Docker engine: apt-get install {' '.join(packages)}"):
                apt_install(packages)
        with progress.step("engine", "starting the Docker engine"):
            start()


def refuse_what_cannot_be_mended() -> None:
    """Say exactly what to do where this program may not do it."""
    if os.environ.get("DOCKER_HOST"):
        raise PgopsError(
            f"the Docker engine at DOCKER_HOST={os.environ['DOCKER_HOST']} does not answer: "
            "start it, or unset DOCKER_HOST to use one on this machine"
        )
    if os.geteuid() == 0 and shutil.which("apt-get"):
        return
    if Path("/var/run/docker.sock").exists() and not os.access("/var/run/docker.sock", os.W_OK):
        raise PgopsError(
            "this user may not talk to the Docker engine: sudo usermod --append --groups docker $USER, "
            "log in anew, then run the same command again"
        )
    if shutil.which("dockerd"):
        raise PgopsError("the Docker engine does not run: sudo systemctl start docker, then run the same command again")
    raise PgopsError(
        "no Docker engine answers, and only root on Debian or Ubuntu gets one by itself. "
        "Debian, Ubuntu: sudo apt install docker.io iptables; Fedora: sudo dnf install moby-engine; "
        "elsewhere: https://docs.docker.com/engine/install/. Then start it and run the same command again"
    )


def missing_packages() -> list[str]:
    """Packages of Debian or Ubuntu that an engine needs and this machine lacks."""
    packages = []
    if shutil.which("dockerd") is None:
        packages.append("docker.io")
        # Where the kernel enforces AppArmor, the engine loads its profile with apparmor_parser.
        enabled = Path("/sys/module/apparmor/parameters/enabled")
        if enabled.is_file() and enabled.read_text().startswith("Y") and shutil.which("apparmor_parser") is None:
            packages.append("apparmor")
    if shutil.which("iptables") is None:
        packages.append("iptables")
    if shutil.which("docker") is None and "docker.io" not in packages:
        packages.append("docker.io")
    return packages


def apt_install(packages: list[str]) -> None:
    """Install packages with apt-get; root only."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        result = subprocess.run(
            ["apt-get", "--quiet=2", *arguments],
            check=False,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        if result.returncode != 0:
            raise PgopsError(
                f"'apt-get {' '.join(arguments)}' failed: {docker.last_lines(result.stdout)}\n"
                "Mend the machine's package sources, then run the same command again"
            )
    # From Debian 13 on the client is a package of its own.
    if "docker.io" in packages and shutil.which("docker") is None:
        apt_install(["docker-cli"])


def start() -> None:
    """Start the engine: by systemd where it runs, else as a detached process, and wait until it answers."""
    if SYSTEMD.is_dir():
        subprocess.run(["systemctl", "start", "docker"], check=False, stdin=subprocess.DEVNULL)
        wait(None, "journalctl --unit docker shows why")
        return
    if runs("dockerd", PID_FILES["dockerd"]):
        wait(None, f"its log may be {LOG}")
        return
    for program, pid_file in PID_FILES.items():
        if not runs(program, pid_file):
            pid_file.unlink(missing_ok=True)
    command = ["dockerd", *mtu_options(default_route_mtu())]
    with LOG.open("ab") as log:
        process = subprocess.Popen(
            command, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    wait(process, f"its log is {LOG}")


def wait(process: subprocess.Popen[bytes] | None, where: str) -> None:
    """Wait until the engine answers; PgopsError with the end of its log when it ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if answers():
            return
        if process is not None and process.poll() is not None:
            raise PgopsError(f"dockerd ended with status {process.returncode}; {where}:\n{docker.tail_of(LOG)}")
        time.sleep(0.5)
    raise PgopsError(
        f"the Docker engine does not answer after {START_SECONDS} seconds; {where}:\n{docker.tail_of(LOG)}"
    )


def runs(program: str, pid_file: Path, proc: Path = Path("/proc")) -> bool:
    """Whether the process of a pid file is there and is that program, not one that got its number later."""
    try:
        pid = pid_file.read_text().strip()
        return pid.isdigit() and (proc / pid / "comm").read_text().strip() == program
    except OSError:
        return False


def default_route_mtu(routes: Path = Path("/proc/net/route"), interfaces: Path = Path("/sys/class/net")) -> int:
    """Largest packet in bytes of the interface that leads out of this machine, 1500 when unknown."""
    try:
        rows = [line.split() for line in routes.read_text().splitlines()[1:]]
        device = next(row[0] for row in rows if row[1] == "00000000")
        return int((interfaces / device / "mtu").read_text())
    except (OSError, StopIteration, IndexError, ValueError):
        return ETHERNET_MTU


def mtu_options(mtu: int) -> list[str]:
    """Options of dockerd: bridges must not take larger packets than the way out lets through."""
    return ["--mtu", str(mtu)] if mtu < ETHERNET_MTU else []
