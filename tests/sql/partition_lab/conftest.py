"""Databases of the partition lab for the tests, on each server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from servers import Server

from partition_lab.system import answer, dsn, partition_by_hand, prepare
from pgops.lab import cli, record


@pytest.fixture(scope="session")
def lab_template(server: Server) -> str:
    return server.template("partition_lab", prepare)


@pytest.fixture(scope="session")
def partitioned_template(server: Server) -> str:
    def make(connection: psycopg.Connection) -> None:
        prepare(connection)
        partition_by_hand(connection)
        answer(dsn(server, connection), "seed")

    return server.template("partition_lab partitioned", make)


@pytest.fixture
def database(request: pytest.FixtureRequest, server: Server, lab_template: str) -> Iterator[psycopg.Connection]:
    """The superuser's connection to a fresh lab: plain tables without rows, or what `partitioned` says."""
    wanted = "partitioned" in request.fixturenames
    template = request.getfixturevalue("partitioned_template") if wanted else lab_template
    with server.database(template) as connection:
        yield connection


@pytest.fixture
def partitioned(operator: str) -> str:
    """Connection string of who runs a lab that has the rows of scale 1, and partitions."""
    return operator


@pytest.fixture(autouse=True)
def recorded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where the commands keep what they did."""
    for module in (record, cli):
        monkeypatch.setattr(module, "STATE", tmp_path)
    return tmp_path


@pytest.fixture
def operator(server: Server, database: psycopg.Connection) -> str:
    """Connection string of who runs the lab."""
    return dsn(server, database)


@pytest.fixture
def client(server: Server, database: psycopg.Connection) -> str:
    """Connection string of who writes."""
    return dsn(server, database, "partition_lab_app")
