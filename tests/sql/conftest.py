"""The servers of the SQL tests: see servers.py for what they are."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from servers import BareServer, ContainerServer, Server


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what repeats in detail what others say at large, unless it is asked for: PGOPS_LONG=1."""
    if os.environ.get("PGOPS_LONG") == "1":
        return
    left_out = [item for item in items if is_long(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def is_long(item: pytest.Item) -> bool:
    """Whether a test is marked as long, or repeats on the second server what is marked so."""
    if item.get_closest_marker("long"):
        return True
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    return bool(item.get_closest_marker("long_when_repeated") and parameters.get("server", "bare") != "bare")


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
