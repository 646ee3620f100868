"""A table with rows for each test of operations on partitions."""

from __future__ import annotations

import pytest
from partition_operations import ROOTS, TABLES, Operations


@pytest.fixture
def operations(engine, request: pytest.FixtureRequest) -> Operations:
    """A table of the strategy that the test asks for by indirect parametrization, else of `range`."""
    strategy = getattr(request, "param", "range")
    engine.as_owner(TABLES[strategy])
    engine.run("analyze")
    return Operations(engine, ROOTS[strategy])
