"""A standby, one that is fed from it, and one that stays behind. The tests build on each other, in order."""

from __future__ import annotations

import re
import time

from members import Member
from rows import Transactions, assert_arrives, numbers, wait_for, wait_until_equal, write_marker

STREAMING = """
    select r.application_name from pg_stat_replication r
    where r.state = 'streaming' and r.application_name in ('north', 'south', 'cascaded', 'delayed') order by 1
"""
CUT_OFF = "# cut off"
READY_SLOTS = "select slot_name from pg_replication_slots where synced and not temporary"
TIMELINE = "select received_tli from pg_stat_wal_receiver where status = 'streaming'"


def timeline(primary: Member) -> str:
    return primary.query("select timeline_id from pg_control_checkpoint()")[0]


def cut_off(primary: Member, standby: Member) -> None:
    """The standby gets nothing more, and cannot come back. Not by the role, which standbys would have without login, too:
    libpq asks no further host when one refuses a role."""
    line = f"hostssl replication transactions_standby {standby.address}/32 reject {CUT_OFF}"
    primary.run(f"sed -i '1i {line}' /etc/postgresql/*/{primary.cluster}/pg_hba.conf")
    primary.query("select pg_reload_conf()")
    primary.query(
        f"select pg_terminate_backend(pid) from pg_stat_replication where application_name = '{standby.name}'"
    )


def come_back(primary: Member) -> None:
    """The machine of a lost primary has booted; nobody is cut off there any more."""
    primary.come_back()
    primary.run(f"sed -i '/{CUT_OFF}$/d' /etc/postgresql/*/{primary.cluster}/pg_hba.conf")


def assert_all_follow(primary: Member, prompt: list[Member], delayed: Member, reader: Member) -> None:
    """They are on the primary's timeline, and a row written now arrives everywhere."""
    primary.query("checkpoint")
    for member in (*prompt, delayed):
        wait_for(member, TIMELINE, [timeline(primary)])
    assert_arrives(primary, prompt, delayed)
    for member in (*prompt, reader):
        wait_until_equal(primary, member)
    assert numbers(delayed) == numbers(primary)


def test_each_is_fed_from_its_own_source(north, south):
    assert north.query(STREAMING) == ["delayed", "south"]
    assert south.query(STREAMING) == ["cascaded"]


def test_rows_arrive_at_once_and_on_the_delayed_one_after_its_delay(north, south, cascaded, delayed, reader):
    assert_arrives(north, [south, cascaded, reader], delayed)


def test_a_delayed_standby_that_was_restarted_is_in_order(system, north, delayed, reader):
    """It receives nothing until it has replayed what it has, an hour here; a deploy and the subscriber do not wait for that."""
    longer = delayed.run("echo /etc/postgresql/*/delayed/conf.d") + "/zz-longer.conf"
    write_marker(north)
    delayed.run(f"echo recovery_min_apply_delay = 1h > {longer}")
    try:
        delayed.query("select pg_reload_conf()")
        time.sleep(6)  # a job writes every 3 seconds: there is something to replay
        delayed.run(f"systemctl restart {delayed.service}")
        assert delayed.query(TIMELINE) == []
        wait_until_equal(north, reader)
        system.assert_nothing_changes()
        assert delayed.query(TIMELINE) == []
    finally:
        delayed.run(f"rm {longer}")
        delayed.query("select pg_reload_conf()")
    wait_for(delayed, TIMELINE, ["1"])


def test_only_a_prompt_standby_of_the_primary_is_switched_over_to(system, north):
    refused = system.play("playbooks/switchover.yml", switchover_to="delayed")
    assert refused.status != 0
    assert "delayed is delayed by 30s (standby_apply_delay); choose another standby" in refused.words
    refused = system.play("playbooks/switchover.yml", switchover_to="cascaded")
    assert refused.status != 0
    assert "cascaded is fed from south (standby_primary), not from north" in refused.words
    assert not north.in_recovery


def test_all_follow_the_standby_that_was_promoted(system, north, south, cascaded, delayed, reader):
    with Transactions(north, south) as client:
        cut_off(north, delayed)  # it has not more than south has, whom nothing then forbids to take over
        time.sleep(1)
        north.kill()
        run = system.play("playbooks/promote.yml", promote_to="south")
        assert run.status == 0, run.output
    assert client.compared(south)["doubled"] == 0
    assert_all_follow(south, [cascaded], delayed, reader)
    come_back(north)
    run = system.play("playbooks/rejoin.yml", rejoin_host="north")
    assert run.status == 0, run.output
    assert_all_follow(south, [north, cascaded], delayed, reader)
    assert south.query(STREAMING) == ["cascaded", "delayed", "north"]
    system.assert_nothing_changes()


def test_all_follow_after_a_switchover(system, north, south, cascaded, delayed, reader):
    with Transactions(north, south) as client:
        run = system.play("playbooks/switchover.yml", switchover_to="north")
    assert run.status == 0, run.output
    result = client.compared(north)
    assert (result["missing"], result["doubled"]) == (0, 0)
    assert_all_follow(north, [south, cascaded], delayed, reader)
    assert north.query(STREAMING) == ["delayed", "south"]
    assert south.query(STREAMING) == ["cascaded"]
    system.assert_nothing_changes("--check")


def test_the_delayed_one_takes_over_when_it_alone_has_the_last_rows(system, north, south, cascaded, delayed, reader):
    with Transactions(north, south, delayed) as client:
        cut_off(north, south)
        time.sleep(2)
        north.kill()
        refused = system.play("playbooks/promote.yml", promote_to="south")
        run = system.play("playbooks/promote.yml", promote_to="delayed")
    assert refused.status != 0
    assert re.search(
        r"delayed has \d+ bytes more; promote that: -e promote_to=delayed \(it stays behind", refused.words
    )
    assert run.status == 0, run.output
    assert "bytes more are received, and replayed before it takes over" in run.words
    result = client.compared(delayed)
    assert result["doubled"] == 0
    assert result["missing"] < len(client.writer.acknowledged) / 2  # they were written while south was cut off
    for member in (south, cascaded, reader):
        wait_until_equal(delayed, member)


def test_and_gives_the_role_back(system, north, south, cascaded, delayed, reader):
    come_back(north)
    run = system.play("playbooks/rejoin.yml", rejoin_host="north")
    assert run.status == 0, run.output
    run = system.play("playbooks/switchover.yml", switchover_to="north")
    assert run.status == 0, run.output
    assert_all_follow(north, [south, cascaded], delayed, reader)
    system.assert_nothing_changes()


def test_takes_over_without_what_only_another_has_received(system, north, south, cascaded, delayed, reader):
    """When told so. Who has those rows cannot follow, and is copied anew."""
    wait_for(south, READY_SLOTS, ["t1_subscription"])
    with Transactions(north, south) as client:
        cut_off(north, south)
        time.sleep(2)
        north.kill()
        run = system.play("playbooks/promote.yml", promote_to="south", promote_giving_up="delayed")
    assert run.status == 0, run.output
    result = client.compared(south)
    assert result["missing"] > 0
    assert result["doubled"] == 0
    for member in (cascaded, reader):
        wait_until_equal(south, member)
    assert delayed.query(TIMELINE) == []
    come_back(north)
    run = system.play("playbooks/rejoin.yml", rejoin_host="north")
    assert run.status == 0, run.output
    run = system.deploy(standby_rebuild="delayed")
    assert run.status == 0, run.output
    assert_all_follow(south, [north, cascaded], delayed, reader)
    run = system.play("playbooks/switchover.yml", switchover_to="north")
    assert run.status == 0, run.output
    assert_all_follow(north, [south, cascaded], delayed, reader)
    system.assert_nothing_changes()
