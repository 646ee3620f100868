"""Hosts that a benchmark deploys for itself, with the collection's own playbooks, and removes afterwards."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator

from pgops import ansible
from pgops.errors import PgopsError
from pgops.local import engine, hosts
from pgops.local.docker import docker
from pgops.local.fleet import BENCH
from pgops.local.progress import Progress, output

COMMAND_SECONDS = 600


@contextlib.contextmanager
def deployed(playbook: str, *names: str) -> Iterator[None]:
    """Containers of those hosts with what the playbook makes of them."""
    progress = Progress(output())
    engine.ensure(progress)
    hosts.down(BENCH, progress)
    try:
        hosts.up(BENCH, progress, wanted=tuple(BENCH.host(name) for name in names))
        play(playbook)
        yield
    finally:
        hosts.down(BENCH, progress)


def play(playbook: str, **variables: object) -> str:
    """Run a playbook on the bench's inventory; its output, or an error with the end of it."""
    command = ["ansible-playbook", "--inventory", str(BENCH.inventory), f"playbooks/{playbook}.yml"]
    if variables:
        command += ["--extra-vars", json.dumps(variables)]
    environment = ansible.environment() | {"ANSIBLE_NOCOLOR": "1"}
    done = subprocess.run(command, cwd=ansible.ROOT, env=environment, text=True, capture_output=True, check=False)
    if done.returncode != 0:
        raise PgopsError(
            f"'{' '.join(command)}' ended with {done.returncode}:\n{done.stdout[-4000:]}{done.stderr[-1000:]}"
        )
    return done.stdout


def run(host: str, *command: str, user: str = "root", timeout_seconds: float = COMMAND_SECONDS) -> str:
    """Output of a command on a host."""
    container = BENCH.container(BENCH.host(host))
    return docker("exec", "--user", user, "--workdir", "/", container, *command, timeout_seconds=timeout_seconds)


def query(host: str, database: str, statement: str) -> list[str]:
    """Rows of a query, as psql writes them."""
    return run(
        host, "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement, user="postgres"
    ).splitlines()


def address(host: str) -> str:
    """IPv4 address of a host."""
    return run(host, "hostname", "--ip-address").split()[0]
