"""Databases of system 2 for the tests, on each server."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from servers import Server

from operations.system import prepare


@pytest.fixture(scope="session")
def operations_template(server: Server) -> str:
    return server.template("operations", prepare)


@pytest.fixture
def database(server: Server, operations_template: str) -> Iterator[psycopg.Connection]:
    """The superuser's connection to a fresh database with partitions for 2026-01 to 2026-03 and the default one."""
    with server.database(operations_template) as connection:
        yield connection


@pytest.fixture
def jobs(server: Server, database: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """The jobs' connection to the same database."""
    with server.connect(database.info.dbname, user="operations_jobs") as connection:
        yield connection
