"""A database with planted troubles, and the reports asked as the unprivileged role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from servers import ContainerServer, Server

from pgops.reports import asking, definitions

Rows = list[dict[str, Any]]


@pytest.fixture(scope="session")
def counting_server() -> Iterator[ContainerServer]:
    """PostgreSQL that counts statements (pg_stat_statements)."""
    server = ContainerServer(shared_preload_libraries="pg_stat_statements")
    yield server
    server.stop()


@pytest.fixture
def database(server: Server) -> Iterator[psycopg.Connection]:
    """The superuser's connection to an empty database, into which only those may who were let in."""
    with server.database() as connection:
        name = connection.info.dbname
        if not connection.execute("select 1 from pg_roles where rolname = %s", [asking.ROLE]).fetchone():
            connection.execute(f"create role {asking.ROLE} login in role pg_monitor")
        connection.execute(
            f'revoke all on database "{name}" from public; grant connect on database "{name}" to {asking.ROLE}'
        )
        yield connection


@pytest.fixture
def ask(server: Server, database: psycopg.Connection) -> Callable[[str], Rows]:
    """Rows of a report, as a member of pg_monitor sees them."""

    def rows_of(name: str) -> Rows:
        dsn = make_conninfo(host=server.host, port=server.port, user=asking.ROLE)
        _place, rows = asking.by_connection(definitions.find(name), dsn, database.info.dbname)
        return rows

    return rows_of


@pytest.fixture
def session(server: Server, database: psycopg.Connection) -> Iterator[Callable[..., psycopg.Connection]]:
    """Further connections of the superuser to the same database, with a name of their own."""
    with ExitStack() as stack:

        def connect(name: str, **options) -> psycopg.Connection:
            opened = server.connect(database.info.dbname, application_name=name, **options)
            stack.callback(opened.close)
            return opened

        yield connect
