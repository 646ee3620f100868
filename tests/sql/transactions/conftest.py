"""Databases of system 1 for the tests: a primary on each server, and a subscriber."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from servers import Server

from transactions.system import prepare_primary, prepare_subscriber


@pytest.fixture(scope="session")
def primary_template(server: Server) -> str:
    return server.template("transactions_primary", prepare_primary)


@pytest.fixture
def primary(server: Server, primary_template: str) -> Iterator[psycopg.Connection]:
    """The superuser's connection to a fresh primary with partitions for 2026-01 to 2026-03 and the default one."""
    with server.database(primary_template) as connection:
        yield connection


@pytest.fixture
def subscriber(server: Server) -> Iterator[psycopg.Connection]:
    """The same for a subscriber that is subscribed to nothing."""
    with server.database(server.template("transactions_subscriber", prepare_subscriber)) as connection:
        yield connection
