"""Databases of system 4 for the tests, on each server."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from servers import Server

from application.system import limit_access, prepare


@pytest.fixture(scope="session")
def application_template(server: Server) -> str:
    return server.template("application", prepare)


@pytest.fixture
def database(server: Server, application_template: str) -> Iterator[psycopg.Connection]:
    """The superuser's connection to a fresh database."""
    with server.database(application_template) as connection:
        limit_access(connection)
        yield connection


@pytest.fixture
def session_of(server: Server, database: psycopg.Connection) -> Iterator[Callable[[str], psycopg.Connection]]:
    """Connections of other roles to the same database."""
    sessions = []

    def connect(role: str) -> psycopg.Connection:
        sessions.append(server.connect(database.info.dbname, user=role))
        return sessions[-1]

    yield connect
    for session in sessions:
        session.close()
