"""What the verifying tests of all scenarios share: the test hosts, and SQL on them."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any, Protocol

import pytest
import testinfra
from testinfra.host import Host

from pgops import ansible
from pgops.local.fleet import TEST
from pgops.paths import ROOT


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what waits for minutes, unless it is asked for: `make test-long` sets PGOPS_LONG=1, and so does the
    molecule.yml of a scenario whose tests are all such."""
    if os.environ.get("PGOPS_LONG") == "1":
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


class Query(Protocol):
    """Runs SQL on a host as postgres and returns the rows as dictionaries."""

    def __call__(self, host: Host, sql: str, database: str = "transactions") -> list[dict[str, Any]]: ...


class Play(Protocol):
    """Runs playbooks/PLAYBOOK.yml with options and extra variables; returns exit status and output, line breaks folded."""

    def __call__(
        self, playbook: str, *options: str, inventory: Path = TEST.inventory, **variables: object
    ) -> tuple[int, str]: ...


def _host(name: str) -> Host:
    return testinfra.get_host(f"docker://root@{TEST.container(TEST.host(name))}")


@pytest.fixture(scope="session")
def primary() -> Host:
    """The machine of transactions_primary."""
    return _host("db1")


@pytest.fixture(scope="session")
def subscriber() -> Host:
    """The machine of transactions_subscriber."""
    return _host("db2")


@pytest.fixture(scope="session")
def operations() -> Host:
    """The machine of operations_primary."""
    return _host("db3")


@pytest.fixture(scope="session")
def repository() -> Host:
    """The machine of backup_repository."""
    return _host("ops1")


@pytest.fixture(scope="session")
def play() -> Play:
    """A playbook as an operator runs it."""

    def run(playbook: str, *options: str, inventory: Path = TEST.inventory, **variables: object) -> tuple[int, str]:
        command = ["pgops", "play", f"playbooks/{playbook}.yml", "--inventory", str(inventory), *options]
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
def query() -> Query:
    """A query's rows, with the types that JSON has."""

    def run(host: Host, sql: str, database: str = "transactions") -> list[dict[str, Any]]:
        wrapped = f"select coalesce(json_agg(q), '[]') from ({sql.rstrip().rstrip(';')}) q"
        result = host.run("su postgres -c %s", f"psql -XAtq -v ON_ERROR_STOP=1 -d {database} -c {_quote(wrapped)}")
        assert result.rc == 0, f"{host.backend.name}: {result.stderr.strip()}\n{sql}"
        return json.loads(result.stdout)

    return run


def _quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
