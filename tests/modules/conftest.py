"""A server with pg_cron and pg_ivm, and the modules connected to a fresh database of it."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests.modules.harness import Modules, run_by_the_pattern
from tests.sql.servers import ContainerServer


@pytest.fixture(scope="session")
def server() -> Iterator[ContainerServer]:
    server = ContainerServer()
    yield server
    server.drop_templates()
    server.stop()


@pytest.fixture
def database(server: ContainerServer) -> Iterator[psycopg.Connection]:
    """The superuser's connection to a new, empty database."""
    with server.database() as connection:
        yield connection


@pytest.fixture
def modules(server: ContainerServer, database: psycopg.Connection) -> Modules:
    return Modules(server.host, server.port, database.info.dbname)


@pytest.fixture(scope="session")
def owner(server: ContainerServer) -> str:
    """A role without login and without privileges, as the owner of a system's objects."""
    name = "modules_test_owner"
    with server.connect() as connection, contextlib.suppress(psycopg.errors.DuplicateObject):
        connection.execute(f"create role {name} nologin")
    return name


@pytest.fixture
def pattern(modules: Modules) -> Callable[..., dict]:
    """run_by_the_pattern for the database's modules: pattern(module, state, **options)."""
    return functools.partial(run_by_the_pattern, modules)
