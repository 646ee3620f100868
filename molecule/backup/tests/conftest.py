"""The repository's machine, what its watch and pgBackRest say, and playbooks."""

from __future__ import annotations

import json
import re
import time

import pytest

from pgops.local import docker
from pgops.local.fleet import TEST


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
