"""The pair: two clusters that take turns."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
from members import TABLE, THROUGH, Member, System

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
def pooler(pair: System) -> str:
    """Address and port of the pooler before the pair."""
    host = pair.hosts["pairpool"]
    address = subprocess.run(
        ["docker", "exec", host["ansible_host"], "hostname", "-i"], text=True, capture_output=True, check=True
    )
    return f"{address.stdout.split()[0]}:{host['pooler_port']}"


@pytest.fixture(scope="module")
def second(pair: System, first: Member) -> Iterator[Member]:
    """The other member, with the client's table made on the primary. Machines that were killed are up again at the end."""
    for table in (TABLE, THROUGH):
        first.query(
            f"create table if not exists {table} (number bigint primary key, at timestamptz default clock_timestamp());"
            f" grant usage on schema public to pair_client; grant select, insert on {table} to pair_client"
        )
    member = pair.member("pair2", PORT, CLUSTER)
    yield member
    first.come_back()
    member.come_back()
