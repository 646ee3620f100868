"""Playbooks, the program on the hosts, and databases that are removed again."""

from __future__ import annotations

import json
import shlex

import pytest

PROGRAM = "/usr/local/lib/pgops/dump"


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


@pytest.fixture(scope="session")
def sql():
    """The output of SQL, with | between columns."""

    def run(host, text, database="postgres"):
        result = host.run(
            "su postgres -c %s", f"psql -XAtq -v ON_ERROR_STOP=1 -d {shlex.quote(database)} -c {shlex.quote(text)}"
        )
        assert result.rc == 0, f"{result.stderr}\n{text}"
        return result.stdout.strip()

    return run


@pytest.fixture(scope="session")
def version(primary):
    """Major version of PostgreSQL."""
    return primary.check_output("ls /etc/postgresql").strip()


@pytest.fixture(scope="session")
def program(version, installed):
    """Run the program on a host; returns what it prints."""

    def run(host, command, *arguments):
        result = host.run(f"{PROGRAM} {command} {version} 5432 " + " ".join(shlex.quote(str(a)) for a in arguments))
        assert result.stdout.startswith("{"), result.stderr
        return json.loads(result.stdout)

    return run


@pytest.fixture(scope="session")
def installed(play):
    """The program is on both hosts; the refusal comes after that."""
    for name in ("db1", "db3"):
        status, output = play("dump", dump_host=name, dump_database="nothing")
        assert status != 0
        assert "dump_database is nothing; accepted: one of " in output


@pytest.fixture(scope="session")
def folder():
    """The folder of a host's dumps."""
    return "/var/lib/pgops/dump/{}".format


@pytest.fixture
def remove(sql):
    """Removes databases and roles when the test is over."""
    named = []
    yield lambda host, *names: named.extend((host, name) for name in names)
    for host, name in reversed(named):
        for found in sql(
            host, f"select datname from pg_database where datname = '{name}' or datname like '{name}\\_\\_%'"
        ).splitlines():
            sql(host, f"drop database {quoted(found)} with (force)")
