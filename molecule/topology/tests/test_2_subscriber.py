"""The subscriber goes on when the publisher's standby takes over: nothing is lost, doubled, or there alone. The tests build
on each other, in order."""

from __future__ import annotations

import time

import pytest
from members import Member
from rows import Transactions, numbers, wait_for, wait_until_equal, write_marker

SLOTS = "select slot_name, failover, synced, temporary from pg_replication_slots where slot_type = 'logical'"
DRIFT = "select count(*) from app.totals_drift()"
APPLYING = "select count(*) > 0 from pg_stat_subscription where subname = 't1_subscription' and pid is not null"


def assert_goes_on(client: Transactions, primary: Member, reader: Member) -> int:
    """The subscriber has what the new primary has and goes on by itself; returns the number of acknowledged rows lost."""
    had = numbers(reader)
    assert had <= numbers(primary), f"only {reader.name} has {sorted(had - numbers(primary))[:10]}"
    is_there, _written = write_marker(primary)
    wait_for(reader, f"select {is_there}", ["t"])
    wait_until_equal(primary, reader)
    assert numbers(reader) == numbers(primary)
    found = client.compared(primary)
    assert found == client.compared(reader)
    assert found["doubled"] == 0
    for member in (primary, reader):
        assert member.query(DRIFT) == ["0"]
    assert reader.query(APPLYING) == ["t"]
    return int(found["missing"])


def assert_ready_for_the_next(system, inventory, standby: Member, **variables: object) -> None:
    """The new standby has the slot, ready to be taken over, and a deploy finds nothing to do."""
    wait_for(standby, SLOTS, ["t1_subscription|t|t|f"])
    system.assert_nothing_changes(inventory=inventory, **variables)


@pytest.fixture(scope="module", autouse=True)
def only_two(system, two, north, south, cascaded, delayed):
    """The other standbys leave, as the documentation says it."""
    for member in (cascaded, delayed):
        member.run(f"systemctl disable --now {member.service}")
    run = system.deploy(inventory=two)
    assert run.status == 0, run.output
    north.query("select pg_drop_replication_slot('delayed')")
    south.query("select pg_drop_replication_slot('cascaded')")
    assert north.query("show synchronized_standby_slots") == ["south"]


def test_planned_switchover(system, two, north, south, reader):
    with Transactions(north, south) as client:
        run = system.play("playbooks/switchover.yml", inventory=two, switchover_to="south")
    assert run.status == 0, run.output
    assert (north.in_recovery, south.in_recovery) == (True, False)
    assert assert_goes_on(client, south, reader) == 0
    assert_ready_for_the_next(system, two, north)


def test_lost_primary_whose_standby_was_behind(system, two, north, south, reader):
    """The standby is cut off for two seconds, so that there are rows that the subscriber must not have either."""
    with Transactions(north, south) as client:
        south.query("alter role transactions_standby nologin")
        south.query("select pg_terminate_backend(pid) from pg_stat_replication where application_name = 'north'")
        time.sleep(2)
        south.kill()
        run = system.play("playbooks/promote.yml", inventory=two, promote_to="north")
    assert run.status == 0, run.output
    north.query("alter role transactions_standby login")
    assert assert_goes_on(client, north, reader) > 0


def test_the_old_primary_is_brought_back(system, two, north, south, reader):
    south.come_back()
    run = system.play("playbooks/rejoin.yml", inventory=two, rejoin_host="south")
    assert run.status == 0, run.output
    assert_ready_for_the_next(system, two, south)
    wait_until_equal(north, reader)


def test_lost_primary_with_a_synchronous_standby(system, two, north, south, reader):
    run = system.deploy(inventory=two, standby_synchronous=True)
    assert run.status == 0, run.output
    assert north.query("show synchronous_standby_names") == ["ANY 1 (south)"]
    with Transactions(north, south) as client:
        north.kill()
        run = system.play("playbooks/promote.yml", inventory=two, promote_to="south", standby_synchronous=True)
    assert run.status == 0, run.output
    assert assert_goes_on(client, south, reader) == 0


def test_and_back(system, two, north, south, reader):
    north.come_back()
    run = system.play("playbooks/rejoin.yml", inventory=two, rejoin_host="north", standby_synchronous=True)
    assert run.status == 0, run.output
    assert_ready_for_the_next(system, two, north, standby_synchronous=True)
    with Transactions(north, south) as client:
        run = system.play("playbooks/switchover.yml", inventory=two, switchover_to="north", standby_synchronous=True)
    assert run.status == 0, run.output
    assert assert_goes_on(client, north, reader) == 0
    run = system.deploy(inventory=two)
    assert run.status == 0, run.output
    assert_ready_for_the_next(system, two, south)
