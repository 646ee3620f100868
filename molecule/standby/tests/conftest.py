"""The pair: two clusters that take turns."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from members import TABLE, Member, System

from pgops.local.fleet import TEST

PORT, CLUSTER = 5452, "pair"


@pytest.fixture(scope="module")
def pair() -> System:
    """What both have in common."""
    return System("standby", database="pair", client="pair_client", beside=(TEST.inventory,))


@pytest.fixture(scope="module")
def first(pair: System) -> Member:
    """The member that is made first."""
    return pair.member("pair1", PORT, CLUSTER)


@pytest.fixture(scope="module")
def second(pair: System, first: Member) -> Iterator[Member]:
    """The other member, with the client's table made on the primary. Machines that were killed are up again at the end."""
    first.query(
        f"create table if not exists {TABLE} (number bigint primary key, at timestamptz default clock_timestamp());"
        f" grant usage on schema public to pair_client; grant select, insert on {TABLE} to pair_client"
    )
    member = pair.member("pair2", PORT, CLUSTER)
    yield member
    first.come_back()
    member.come_back()
