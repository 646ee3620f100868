"""Servers and databases for the SQL tests: see servers.py for what they are."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from servers import BareServer, ContainerServer, Server, apply_set


@pytest.fixture(scope="session")
def bare_server() -> Iterator[BareServer]:
    """PostgreSQL 16 without extensions."""
    server = BareServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def extended_server() -> Iterator[ContainerServer]:
    """PostgreSQL of the local host image, with pg_cron and pg_ivm."""
    server = ContainerServer()
    yield server
    server.drop_templates()
    server.stop()


@pytest.fixture(scope="session", params=["bare", "extended"])
def server(request: pytest.FixtureRequest) -> Server:
    """Each server in turn, for what needs neither pg_cron nor pg_ivm."""
    return request.getfixturevalue(f"{request.param}_server")


@pytest.fixture
def empty_database(server: Server) -> Iterator[psycopg.Connection]:
    """The superuser's connection to a new, empty database, on each server in turn."""
    with server.database() as connection:
        yield connection


@pytest.fixture
def engine_database(server: Server) -> Iterator[psycopg.Connection]:
    """The same with the SQL set `pgops` applied."""
    template = server.template("pgops", lambda connection: apply_set(connection, "pgops"))
    with server.database(template) as connection:
        yield connection
