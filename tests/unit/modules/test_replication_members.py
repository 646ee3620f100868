"""Who replicates one cluster, read from groups and variables."""

from __future__ import annotations

import pytest

from ansible_collections.pgops.fleet.plugins.module_utils.replication_members import (
    MembersError,
    conninfo,
    members_of,
    replicated_hosts,
)
from ansible_collections.pgops.fleet.plugins.module_utils.replication_settings import render, replication_settings

GROUPS = {"shop_primary": ["a"], "shop_standby": ["b", "c"], "lone_primary": ["x"], "all": ["a", "b", "c", "x"]}
HOSTVARS = {
    "a": {"postgresql_address": "192.0.2.1"},
    "b": {"postgresql_address": "192.0.2.2", "postgresql_port": 5433},
    "c": {"ansible_host": "192.0.2.2", "standby_primary": "b", "standby_apply_delay": "1h"},
    "x": {},
}
OPTIONS = {
    "version": 18,
    "wal_level": "logical",
    "passfile": "/p",
    "authority": "/ca",
    "feedback": True,
    "sync_slots": True,
}


def state(**more):
    return {"accepting": True, "in_recovery": False, "receivers": [], "slots": [], "settings": {}, **more}


def test_a_system_without_standbys_is_no_physical_cluster():
    assert members_of(HOSTVARS, GROUPS, "x") == {}


def test_only_hosts_of_systems_with_a_standby_can_change_their_roles():
    groups = {
        **GROUPS,
        "shop_standby_spare": ["y"],
        "empty_primary": ["z"],
        "empty_standby": [],
        "backup_repository": ["o"],
    }
    assert replicated_hosts(groups) == ["a", "b", "c"]
    assert replicated_hosts({"lone_primary": ["x"], "all": ["x"]}) == []


def test_members_see_each_other():
    found = members_of(HOSTVARS, GROUPS, "a")
    assert (found["system"], found["first"], found["role"]) == ("shop", "a", "shop_standby")
    assert found["connection"]["host"] == "192.0.2.2,192.0.2.2"
    assert found["connection"]["port"] == "5433,5432"
    assert found["connection"]["target_session_attrs"] == "read-write"


def test_each_address_is_admitted_once_to_replication_and_to_one_database():
    lines = members_of(HOSTVARS, GROUPS, "a")["declarations"]["hba"]
    assert [(line["database"], line["address"], line["type"], line["method"]) for line in lines] == [
        ("replication", "192.0.2.2/32", "hostssl", "scram-sha-256"),
        ("postgres", "192.0.2.2/32", "hostssl", "scram-sha-256"),
    ]


def test_a_cascading_standby_has_its_own_source():
    found = members_of(HOSTVARS, GROUPS, "c")
    assert found["connection"]["host"] == "192.0.2.2"
    assert "target_session_attrs" not in found["connection"]
    settings = replication_settings(found, {}, OPTIONS)
    assert settings["sync_replication_slots"] == "off"
    assert settings["recovery_min_apply_delay"] == "1h"
    assert (found["generations"], found["members"]["b"]["generation"], found["members"]["c"]["generation"]) == (2, 1, 2)


@pytest.mark.parametrize(
    ("hostvars", "words"),
    [
        ({"b": {"standby_primary": "x"}}, "standby_primary of b is 'x'"),
        ({"b": {"standby_primary": "b"}}, "standby_primary of b is 'b'"),
        ({"b": {"standby_primary": "c"}}, "in a circle: b is fed from c is fed from b"),
        ({"b": {"standby_slot": "same"}, "c": {"standby_slot": "same"}}, "would share the slot same"),
    ],
)
def test_what_cannot_be(hostvars, words):
    with pytest.raises(MembersError, match=words):
        members_of({**HOSTVARS, **hostvars}, GROUPS, "a")


def test_a_host_of_two_systems_is_refused():
    with pytest.raises(MembersError, match="a is a member of shop and stock"):
        members_of(HOSTVARS, {**GROUPS, "stock_standby": ["a"]}, "a")


def test_synchronous_said_of_one_holds_for_all_but_those_that_say_no():
    given = {**HOSTVARS, "b": {"standby_synchronous": "true"}, "c": {"standby_synchronous": False}}
    members = members_of(given, GROUPS, "a")["members"]
    assert {name: member["synchronous"] for name, member in members.items()} == {"a": True, "b": True, "c": False}


def test_a_primary_waits_only_for_who_streams_or_is_waited_for_already():
    given = {**HOSTVARS, "c": {}, "b": {"standby_synchronous": True}}
    found = members_of(given, GROUPS, "a")
    assert replication_settings(found, state(), OPTIONS)["synchronous_standby_names"] == ""
    slots = [{"name": name, "type": "physical"} for name in ("b", "c")]
    streaming = state(receivers=[{"name": "b", "state": "streaming"}], slots=slots)
    settings = replication_settings(found, streaming, OPTIONS)
    assert settings["synchronous_standby_names"] == "ANY 1 (b)"
    assert settings["synchronized_standby_slots"] == "b"
    away = state(slots=slots, settings={"synchronous_standby_names": "ANY 1 (b)", "synchronized_standby_slots": "b"})
    assert replication_settings(found, away, OPTIONS) == settings


@pytest.mark.parametrize("given", [{"standby_feedback": False}, {"standby_primary": "b"}])
def test_a_subscriber_waits_for_nobody_who_keeps_no_slots(given):
    found = members_of({**HOSTVARS, "c": given}, GROUPS, "b" if "standby_primary" in given else "a")
    streaming = [{"name": name, "state": "streaming"} for name in ("a", "b", "c")]
    slots = [{"name": name, "type": "physical"} for name in ("a", "b", "c")]
    settings = replication_settings(found, state(receivers=streaming, slots=slots), OPTIONS)
    assert settings["synchronized_standby_slots"] == ("a" if "standby_primary" in given else "b")


def test_a_subscriber_does_not_wait_for_a_delayed_standby():
    """Restarted, it receives nothing until it has replayed what it has, an hour here. It keeps copies of the slots."""
    found = members_of({**HOSTVARS, "c": {"standby_apply_delay": "1h"}}, GROUPS, "a")
    receivers = [{"name": name, "state": "streaming"} for name in ("b", "c")]
    slots = [{"name": name, "type": "physical"} for name in ("b", "c")]
    streaming = state(receivers=receivers, slots=slots, settings={"synchronized_standby_slots": "b, c"})
    assert replication_settings(found, streaming, OPTIONS)["synchronized_standby_slots"] == "b"
    of_the_delayed = members_of({**HOSTVARS, "c": {"standby_apply_delay": "1h"}}, GROUPS, "c")
    assert replication_settings(of_the_delayed, state(in_recovery=True), OPTIONS)["sync_replication_slots"] == "on"


def test_a_standby_waits_for_nobody():
    found = members_of(HOSTVARS, GROUPS, "b")
    settings = replication_settings(found, state(in_recovery=True), OPTIONS)
    assert settings["synchronized_standby_slots"] == ""
    assert settings["primary_slot_name"] == "b"


def test_16_knows_no_failover_slots():
    settings = replication_settings(members_of(HOSTVARS, GROUPS, "b"), {}, {**OPTIONS, "version": 16})
    assert not {"sync_replication_slots", "synchronized_standby_slots"} & set(settings)


def test_text_of_the_file_quotes_what_must_be():
    text = render({"primary_conninfo": conninfo({"host": "h", "passfile": "/a path/it's"})})
    assert text.splitlines()[1] == r"primary_conninfo = 'host=h passfile=''/a path/it\\''s'''"
