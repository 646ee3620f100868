"""The servers of the SQL tests: see servers.py for what they are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from servers import BareServer, ContainerServer, Server


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
