"""The repository's machine, what its watch and pgBackRest say, and playbooks."""

from __future__ import annotations

import json
import re
import subprocess
import time

import pytest
import testinfra

from pgops import ansible
from pgops.local import docker
from pgops.local.fleet import TEST
from pgops.paths import ROOT


@pytest.fixture(scope="session")
def repository():
    """The machine of backup_repository."""
    return testinfra.get_host(f"docker://root@{TEST.container(TEST.host('ops1'))}")


@pytest.fixture(scope="session")
def play():
    """Run a playbook; returns exit status and output with line breaks folded."""

    def run(playbook, **variables):
        command = ["pgops", "play", f"playbooks/{playbook}.yml", "--inventory", str(TEST.inventory)]
        process = subprocess.run(
            [*command, "--extra-vars", json.dumps(variables)],
            cwd=ROOT,
            env=ansible.environment(),
            text=True,
            capture_output=True,
            timeout=900,
            check=False,
        )
        return process.returncode, re.sub(r"\s+", " ", process.stdout + process.stderr)

    return run


@pytest.fixture(scope="session")
def state():
    """What a watch or the verification has written."""

    def read(host, name):
        return json.loads(host.file(f"/var/lib/pgops/backup/{name}.json").content_string)

    return read


@pytest.fixture(scope="session")
def eventually():
    """Wait until `condition()` is true."""

    def wait(condition, what, seconds=90):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if condition():
                return
            time.sleep(2)
        pytest.fail(f"not seen within {seconds} s: {what}")

    return wait


@pytest.fixture
def away():
    """Stops the repository's machine for as long as a block of the test lasts; it answers nothing and refuses nothing."""

    class Away:
        def __enter__(self):
            docker.docker("pause", TEST.container(TEST.host("ops1")))

        def __exit__(self, *_):
            docker.docker("unpause", TEST.container(TEST.host("ops1")))

    return Away


@pytest.fixture(scope="session")
def archived(repository):
    """Names of the segments in the repository's archive of a stanza."""

    def names(stanza="db1"):
        listed = repository.check_output("find /var/lib/pgbackrest/archive/%s -type f", stanza)
        return {match[1] for match in re.finditer(r"/([0-9A-F]{24})-[0-9a-f]{40}", listed)}

    return names


@pytest.fixture
def restored(primary):
    """Removes the restored cluster when the test is over."""
    yield
    version = primary.check_output("ls /etc/postgresql").strip()
    primary.run("pg_dropcluster --stop %s main_restored", version)
