"""`pgops lab` on the command line: what it refuses before it asks any server, and the inventory's way there."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from pgops.cli import app
from pgops.errors import PgopsError
from pgops.lab import connection

HOSTS = """
all:
  vars: {environment_name: example}
partition_lab_primary:
  hosts:
    lab1: {ansible_host: 192.0.2.17, postgresql_port: 5434}
partition_lab_standby:
  hosts:
    lab2: {ansible_host: 192.0.2.18}
"""


def message(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["lab", *arguments])
    assert isinstance(result.exception, PgopsError), result.output
    return str(result.exception)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("simulate", "-1", "5"), "interval -1: accepted are 0 to 3600000 ms"),
        (("simulate", "10", "0"), "duration 0: accepted are more than 0"),
        (("simulate", "10", "5", "--clients", "0"), "--clients 0: accepted are 1 to 200"),
        (("seed", "--scale", "0"), "--scale 0: accepted are 1 (900 rows)"),
        (("all", "--scale", "0"), "--scale 0"),
        (("queries", "--dsn", "host"), "--dsn is no connection string of libpq"),
        (("queries", "--dsn", "host=/nowhere dbname=lab"), "no connection to the partition lab"),
        (("queries", "--inventory", "inventories/nowhere"), "inventory inventories/nowhere does not exist; there are"),
    ],
)
def test_mistakes_are_named(arguments: tuple[str, ...], expected: str) -> None:
    if arguments[0] == "simulate":
        arguments = (arguments[0], "--dsn", "host=/nowhere", *arguments[3:], "--", *arguments[1:3])
    assert expected in message(*arguments)


def test_unknown_words_are_refused() -> None:
    for arguments in (["repartition", "merge"], ["queries", "round-robin"], ["simulate", "often", "5"]):
        assert CliRunner().invoke(app, ["lab", *arguments]).exit_code == 2


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    (tmp_path / "hosts.yml").write_text(HOSTS)
    return tmp_path


def test_the_inventory_says_where_the_lab_is(inventory: Path) -> None:
    passwords = inventory / ".secrets" / "passwords"
    passwords.mkdir(parents=True)
    for role in ("partition_lab_operator", "partition_lab_app"):
        (passwords / role).write_text(f"secret of {role}\n")
    lab = connection.of_inventory(inventory)
    assert lab.name == "example"
    found = psycopg.conninfo.conninfo_to_dict(lab.conninfo)
    assert found["hostaddr"] == "192.0.2.17,192.0.2.18"
    assert found["host"] == "lab1,lab2", "the names that the certificates prove"
    assert found["port"] == "5434,5432"
    assert (found["sslmode"], found["target_session_attrs"]) == ("verify-full", "read-write")
    assert found["sslrootcert"] == str(inventory / ".secrets" / "certificates" / "ca.crt")
    assert (found["user"], found["password"]) == ("partition_lab_operator", "secret of partition_lab_operator")
    assert psycopg.conninfo.conninfo_to_dict(lab.load_conninfo)["user"] == "partition_lab_app"


def test_secrets_that_are_not_there_are_named(inventory: Path) -> None:
    with pytest.raises(PgopsError, match="there is no .*partition_lab_operator: deploy the lab first"):
        connection.of_inventory(inventory)


def test_an_inventory_without_a_lab_is_named(tmp_path: Path) -> None:
    (tmp_path / "hosts.yml").write_text("transactions_primary: {hosts: {tx1: {}}}")
    with pytest.raises(PgopsError, match="has no host in group partition_lab_primary"):
        connection.of_inventory(tmp_path)
