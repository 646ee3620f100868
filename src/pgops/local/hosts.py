"""Containers of a fleet: made, started again, waited for, removed."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import IPv4Network

from pgops.errors import PgopsError
from pgops.local import detected, docker, image, network
from pgops.local.fleet import Fleet, Host
from pgops.local.packages import Packages, choose, from_labels
from pgops.local.progress import Progress

BOOT_SECONDS = 90
REMOVE_SECONDS = 90
# What systemd needs to be the first process of a container that is not
# privileged, and what tests need to cut a host off (NET_ADMIN, in its own
# network namespace). AppArmor's default profile forbids all mounts.
OPTIONS = (
    *("--cap-add", "SYS_ADMIN", "--cap-add", "NET_ADMIN"),
    *("--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined"),
    "--cgroupns=private",
    *("--tmpfs", "/run:exec", "--tmpfs", "/run/lock", "--tmpfs", "/tmp:exec"),
    *("--shm-size", "512m", "--env", "container=docker", "--stop-signal", "SIGRTMIN+3"),
)


@dataclass(frozen=True)
class Container:
    """What the engine says of a container."""

    name: str
    status: str
    labels: dict[str, str]

    @property
    def running(self) -> bool:
        """Whether its processes run."""
        return self.status == "running"


def existing(fleet: Fleet) -> dict[str, Container]:
    """Containers of a fleet that are there, by the name of their host."""
    names = {fleet.container(host): host.name for host in fleet.hosts}
    containers = {}
    for found in docker.inspect("container", *names):
        name = found["Name"].lstrip("/")
        labels = found["Config"]["Labels"] or {}
        if labels.get("pgops.environment") != fleet.name:
            raise PgopsError(
                f"a container named {name} is there that `pgops local` did not make: rename or remove it "
                f"(docker rename {name} NEW-NAME), then run the same command again"
            )
        containers[names[name]] = Container(name, found["State"]["Status"], labels)
    return containers


def choose_packages(fleet: Fleet, *, refresh: bool) -> Packages:
    """Packages for the fleet: those its hosts were made for, as long as there are any."""
    for container in existing(fleet).values():
        packages = from_labels(container.labels)
        if packages is not None:
            return packages
    return choose(refresh=refresh)


def up(fleet: Fleet, progress: Progress, *, refresh: bool = False, wanted: tuple[Host, ...] | None = None) -> Packages:
    """Have the hosts of a fleet running, all or those wanted; what is there already is kept with its data."""
    wanted = fleet.hosts if wanted is None else wanted
    packages = choose_packages(fleet, refresh=refresh)
    progress.say(packages.describe())
    with progress.timed("image"):
        tag = image.ensure("host", packages, progress, refresh=refresh)
    with progress.timed("containers"):
        subnet = network.ensure(fleet)
        detected.write(fleet, packages, network.prefix(subnet))
        containers = existing(fleet)
        with ThreadPoolExecutor(len(wanted)) as pool:
            jobs = [
                pool.submit(_bring_up, fleet, host, containers.get(host.name), tag, packages, subnet, progress)
                for host in wanted
            ]
            for job in jobs:
                job.result()
        for host in wanted:
            refuse_of_another_clone(fleet, host)
    return packages


def _bring_up(
    fleet: Fleet,
    host: Host,
    container: Container | None,
    tag: str,
    packages: Packages,
    subnet: IPv4Network,
    progress: Progress,
) -> None:
    name = fleet.container(host)
    if container is not None and container.status in ("dead", "removing"):
        docker.attempt("rm", "--force", "--volumes", name)
        container = None
    if container is None:
        progress.say(f"making container {name}")
        docker.docker(*run_arguments(fleet, host, tag, packages, subnet))
    else:
        if container.labels.get("pgops.tag") != tag:
            progress.say(
                f"{name} is of an older image; `make destroy`, then `make up`, makes it anew (without its data)"
            )
        if container.status == "paused":
            docker.docker("unpause", name)
        elif not container.running:
            progress.say(f"starting container {name}")
            docker.docker("start", name)
    wait_for_systemd(name, progress)


def refuse_of_another_clone(fleet: Fleet, host: Host) -> None:
    """A deploy with other secrets would get half way, and lock out those who have the ones in use."""
    name, own = fleet.container(host), fleet.inventory / ".secrets" / "certificates" / "ca.crt"
    found = docker.attempt("exec", name, "sh", "-c", "cat /etc/postgresql/*/*/tls/ca.crt 2>/dev/null").stdout
    if found.strip() and not (own.exists() and own.read_text().strip() in found):
        raise PgopsError(
            f"{name} was deployed with other secrets than those in {own.parent.parent}, by another clone perhaps: go on there, "
            "or remove the containers with their data (make destroy) and make them anew (make up)"
        )


def run_arguments(fleet: Fleet, host: Host, tag: str, packages: Packages, subnet: IPv4Network) -> list[str]:
    """Arguments of docker that make and start a host."""
    name = fleet.container(host)
    labels = {"pgops.environment": fleet.name, "pgops.host": host.name, "pgops.tag": tag, **packages.labels()}
    arguments = ["run", "--detach", "--name", name, "--hostname", name, *OPTIONS]
    arguments += ["--memory", host.memory]
    arguments += ["--network", fleet.network, "--ip", str(subnet[host.address])]
    arguments += ["--volume", f"{fleet.volume(host)}:/var/cache/apt/archives"]
    for key, value in labels.items():
        arguments += ["--label", f"{key}={value}"]
    return [*arguments, tag]


def wait_for_systemd(name: str, progress: Progress) -> None:
    """Wait until a host has booted. A unit that failed is the deploy's matter, and is only named."""
    deadline = time.monotonic() + BOOT_SECONDS
    state = ""
    while time.monotonic() < deadline:
        result = docker.attempt("exec", name, "systemctl", "is-system-running")
        state = result.stdout.strip() or docker.last_lines(result.stderr, 1)
        if state == "running":
            return
        if state == "degraded":
            failed = docker.docker("exec", name, "systemctl", "--failed", "--plain", "--no-legend").split("\n")
            progress.say(f"{name} has booted; failed units: {', '.join(line.split()[0] for line in failed)}")
            return
        if "is not running" in state:
            break
        time.sleep(0.2)
    log = docker.attempt("logs", "--tail", "10", name)
    raise PgopsError(
        f"{name} has not booted within {BOOT_SECONDS} seconds, systemd says: {state}. Its output: "
        f"{docker.last_lines(log.stdout + log.stderr, 10)}\n"
        "Run the same command again, or `make destroy` first to make the hosts anew"
    )


def down(fleet: Fleet, progress: Progress, *, caches: bool = False) -> None:
    """Remove a fleet's containers with their data, and its network.

    Images and downloaded packages stay, for they cost time and hold nothing of
    the user's; `caches` removes the packages too.
    """
    for container in existing(fleet).values():
        progress.say(f"removing container {container.name}")
        docker.docker("rm", "--force", "--volumes", container.name, timeout_seconds=REMOVE_SECONDS)
    if docker.inspect("network", fleet.network):
        progress.say(f"removing network {fleet.network}")
        docker.docker("network", "rm", fleet.network)
    volumes = docker.inspect("volume", *(fleet.volume(host) for host in fleet.hosts)) if caches else []
    for volume in volumes:
        docker.docker("volume", "rm", volume["Name"])
