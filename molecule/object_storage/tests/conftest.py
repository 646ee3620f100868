"""The cluster's machine, the storage, what watches have written, and playbooks on this scenario's inventory."""

from __future__ import annotations

import json
import time
from functools import partial

import pytest
import testinfra

from pgops.local import docker
from pgops.local.fleet import STORAGE

# Swift's own interface: what lies in a bucket, and a way to change it behind the cluster's back.
ASK = """
key=$(sed -n 's/^user_pgops_first = \\([^ ]*\\) .*/\\1/p' /etc/swift/proxy-server.conf)
token=$(curl -sSi -H 'X-Auth-User: pgops:first' -H "X-Auth-Key: $key" http://127.0.0.1:8080/auth/v1.0 | tr -d '\\r' \
| sed -n 's/^X-Auth-Token: //p')
curl -sS --fail -H "X-Auth-Token: $token" "$@"
"""


def host(name):
    return testinfra.get_host(f"docker://root@{STORAGE.container(STORAGE.host(name))}")


@pytest.fixture(scope="session")
def database():
    """The cluster's machine, which is the repository's side, too."""
    return host("db1")


@pytest.fixture(scope="session")
def standby():
    """The machine of its standby."""
    return host("db2")


@pytest.fixture(scope="session")
def storage():
    """The storage's machine."""
    return host("s3")


@pytest.fixture(scope="session")
def swift(storage):
    """Asks the storage by its own interface; a path begins with the bucket's name."""

    def ask(path, *options):
        url = f"http://127.0.0.1:8080/v1/AUTH_pgops/{path}"
        quoted = " ".join(f"'{option}'" for option in (*options, url))
        return storage.check_output("sh -c %s", f"set -- {quoted}; {ASK}")

    return ask


@pytest.fixture(scope="session")
def run_playbook(play):
    """A playbook as an operator runs it here."""
    return partial(play, inventory=STORAGE.inventory)


@pytest.fixture(scope="session")
def sql(database):
    """SQL as postgres on the cluster, or on a copy of it."""

    def run(text, port=5432):
        command = f'psql -XAtq -v ON_ERROR_STOP=1 -p {port} -d operations_db -c "{text}"'
        result = database.run("su postgres -c %s", command)
        assert result.rc == 0, result.stderr
        return result.stdout.strip()

    return run


@pytest.fixture(scope="session")
def state(database):
    """What a watch or the verification has written."""
    return lambda name: json.loads(database.file(f"/var/lib/pgops/backup/db1.{name}.json").content_string)


@pytest.fixture(scope="session")
def status(database):
    """The state of the stanza."""
    return lambda: json.loads(database.check_output("/usr/local/lib/pgops/backup status db1 --format json"))


@pytest.fixture(scope="session")
def eventually():
    """Wait until `condition()` is true."""

    def wait(condition, what, seconds=150):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if condition():
                return
            time.sleep(2)
        pytest.fail(f"not seen within {seconds} s: {what}")

    return wait


@pytest.fixture
def restored(database):
    """Removes the restored cluster when the test is over."""
    yield
    version = database.check_output("ls /etc/postgresql").strip()
    database.run("pg_dropcluster --stop %s main_restored", version)


@pytest.fixture
def away():
    """Stops the storage's machine for as long as a block of the test lasts; it answers nothing and refuses nothing."""

    class Away:
        def __enter__(self):
            docker.docker("pause", STORAGE.container(STORAGE.host("s3")))

        def __exit__(self, *_):
            docker.docker("unpause", STORAGE.container(STORAGE.host("s3")))

    return Away
