"""A plain table for each test of conversions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conversions import GRANTS, TABLE, Conversion


@pytest.fixture
def events(engine) -> Iterator[Conversion]:
    engine.run("drop publication if exists convert_p")
    engine.as_owner(TABLE)
    engine.run(GRANTS)
    # A busy computer may not keep the bound on time under locks that a quiet one keeps; few tests are about that bound.
    engine.configure(operation_lock_budget=800, lock_tries=100)
    yield Conversion(engine)
    engine.run("drop publication if exists convert_p")
    engine.configure(operation_lock_budget=100)


@pytest.fixture
def plain_events(engine) -> Conversion:
    """Conversions of a table app.events that the test makes itself."""
    engine.configure(operation_lock_budget=800, lock_tries=100)
    return Conversion(engine)
