"""Who is primary and who is standby, and what must not be done."""

from __future__ import annotations

import pytest

from ansible_collections.pgops.fleet.plugins.module_utils.replication_members import members_of
from ansible_collections.pgops.fleet.plugins.module_utils.replication_topology import topology
from ansible_collections.pgops.fleet.plugins.module_utils.role_changes import (
    promotion_plan,
    stale_slots,
    switchover_plan,
)

GROUPS = {"shop_primary": ["a"], "shop_standby": ["b", "c"]}
MEMBERS = members_of({"a": {}, "b": {}, "c": {}}, GROUPS, "a")
NOTHING = {"exists": False, "configured": False, "running": False, "in_recovery": False, "accepting": False}
OPTIONS = {"max_lag_bytes": 1000, "abandoned_slots": []}


def cluster(**more):
    found = {
        "exists": True,
        "configured": True,
        "running": True,
        "accepting": True,
        "in_recovery": False,
        "timeline": 1,
        "lsn": "0/5000",
        "system_identifier": "7",
        "data_directory": "/data",
        "version": 18,
        "slots": [],
        "receivers": [],
        "settings": {},
        "message": "",
        "control": {},
    }
    return {**found, **more}


def standby(**more):
    upstream = {"status": "streaming", "host": "h", "port": 5432, "heard_seconds_ago": 1.0}
    found = {
        "in_recovery": True,
        "received_lsn": "0/5000",
        "replayed_lsn": "0/5000",
        "replay_lag_bytes": 0,
        "upstream": upstream,
    }
    return cluster(**{**found, **more})


def stopped(**more):
    return cluster(**{"running": False, "accepting": False, **more})


def judge(rebuild="", **seen):
    return topology(MEMBERS, seen, rebuild)


def kinds(found):
    return {name: member["kind"] for name, member in found["members"].items()}


def refusals(found):
    return {name: member["refusal"] for name, member in found["members"].items() if member["refusal"]}


def test_first_deploy():
    found = judge(a=NOTHING, b=NOTHING, c=NOTHING)
    assert found["primary"] == "a"
    assert [found["members"][name]["due"] for name in "abc"] == ["", "copy", "copy"]


def test_as_the_groups_say():
    found = judge(a=cluster(), b=standby(), c=standby(received_lsn="0/4000"))
    assert found["primary"] == "a"
    assert found["members"]["c"]["lag_bytes"] == 0x1000
    assert not found["notes"]
    assert not refusals(found)


def test_after_a_switchover_the_servers_count():
    found = judge(a=standby(timeline=2), b=cluster(timeline=2), c=standby(timeline=2))
    assert found["primary"] == "b"
    assert [found["members"][name]["role"] for name in "abc"] == ["standby", "primary", "standby"]
    assert "swap the two hosts" in found["notes"][0]


def test_a_former_primary_is_not_started():
    found = judge(a=stopped(), b=cluster(timeline=2), c=standby(timeline=2))
    assert kinds(found)["a"] == "former primary"
    assert "rejoin_host=a" in refusals(found)["a"]
    assert set(refusals(found)) == {"a"}


def test_two_primaries():
    found = judge(a=cluster(), b=cluster(timeline=2), c=standby(timeline=2))
    assert "two primaries: a (primary, running, timeline 1, LSN 0/5000) and b" in found["problems"][0]


def test_an_empty_primary_is_not_made_beside_a_standby_with_the_data():
    found = judge(a=NOTHING, b=standby(upstream=None), c=NOTHING)
    assert found["primary"] is None
    assert "a has no cluster" in refusals(found)["a"]
    assert "promote_fenced=a" in refusals(found)["a"]


def test_nothing_is_made_while_somebody_cannot_be_asked():
    assert "c cannot be asked" in refusals(judge(a=NOTHING, b=NOTHING, c={}))["a"]
    assert "c cannot be asked" in refusals(judge(a=stopped(), b=standby(upstream=None), c={}))["a"]


def test_a_stopped_primary_is_started_when_nobody_went_on():
    found = judge(a=stopped(), b=standby(upstream=None), c=stopped(in_recovery=True))
    assert found["primary"] == "a"
    assert not refusals(found)


def test_a_stopped_primary_that_others_went_on_without():
    found = judge(a=stopped(), b=standby(upstream=None, timeline=2), c=NOTHING)
    assert found["primary"] is None
    assert "went on" in refusals(found)["a"]


@pytest.mark.parametrize("timeline", [1, 2])
def test_a_cluster_of_its_own_is_not_overwritten(timeline):
    stranger = cluster(system_identifier="8", timeline=timeline)
    found = judge(a=cluster(), b=stranger, c=standby())
    assert found["primary"] == "a"
    assert "standby_rebuild=b" in refusals(found)["b"]
    assert found["members"]["b"]["due"] == ""
    told = judge(rebuild="b", a=cluster(), b=stranger, c=standby())
    assert told["members"]["b"]["due"] == "rebuild"
    assert not refusals(told)


def test_a_cluster_of_its_own_is_not_taken_for_the_primary():
    found = judge(a=NOTHING, b=cluster(), c=NOTHING)
    assert found["primary"] == "a"
    assert "b" in refusals(found)


def test_the_primary_itself_is_not_rebuilt():
    assert "no other running primary" in refusals(judge(rebuild="a", a=cluster(), b=standby(), c=standby()))["a"]


def plan(seen, target="b", **options):
    return switchover_plan(topology(MEMBERS, seen), MEMBERS, seen, target, {**OPTIONS, **options})


def test_switchover():
    seen = {"a": cluster(), "b": standby(), "c": standby()}
    assert plan(seen) == {"step": "stop", "from": "a", "problems": [], "slots": ["a", "c"]}


@pytest.mark.parametrize(
    ("b", "words"),
    [
        (standby(received_lsn="0/1000"), "16384 bytes behind a; accepted: 1000"),
        (standby(upstream=None), "does not receive from a"),
        (stopped(in_recovery=True), "is no running standby"),
        (standby(replay_paused=True), "replay is paused"),
    ],
)
def test_switchover_is_refused(b, words):
    assert words in "\n".join(plan({"a": cluster(), "b": b, "c": standby()})["problems"])


def test_nobody_is_switched_over_to_who_is_fed_from_another_standby_or_stays_behind():
    seen = {"a": cluster(), "b": standby(), "c": standby()}
    fed = members_of({"a": {}, "b": {"standby_primary": "c"}, "c": {}}, GROUPS, "a")
    found = switchover_plan(topology(fed, seen), fed, seen, "b", OPTIONS)
    assert "b is fed from c (standby_primary), not from a" in found["problems"][0]
    fed_by_primary = {"a": standby(), "b": standby(), "c": cluster(timeline=2)}
    assert switchover_plan(topology(fed, fed_by_primary), fed, fed_by_primary, "b", OPTIONS)["problems"] == []
    behind = members_of({"a": {}, "b": {"standby_apply_delay": "1h"}, "c": {}}, GROUPS, "a")
    found = switchover_plan(topology(behind, seen), behind, seen, "b", OPTIONS)
    assert "b is delayed by 1h" in found["problems"][0]


def logical(**more):
    slot = {"name": "s", "type": "logical", "database": "d", "temporary": False, "invalidated": None, "active": False}
    slot |= {"plugin": "pgoutput", "confirmed_flush_lsn": "0/5000"}
    return {**slot, "failover": True, "synced": False, **more}


def test_switchover_waits_for_logical_slots():
    a = cluster(slots=[logical(active=True)])
    assert "not ready on b: s" in plan({"a": a, "b": standby(), "c": standby()})["problems"][0]
    assert plan({"a": a, "b": standby(slots=[logical(synced=True)]), "c": standby()})["problems"] == []
    assert plan({"a": a, "b": standby(), "c": standby()}, abandoned_slots=["s"])["problems"] == []


@pytest.mark.parametrize(
    ("there", "words"),
    [
        ({}, None),
        ({"confirmed_flush_lsn": "0/4000"}, None),
        ({"confirmed_flush_lsn": "0/5001"}, "has confirmed 0/5000, and the slot of that name on b sends only what was"),
        ({"confirmed_flush_lsn": None}, "wait until the subscriber is past that"),
        ({"invalidated": "conflicting"}, "make them on b before the change"),
        ({"temporary": True}, "not ready on b: s"),
        ({"database": "other"}, "not ready on b: s"),
        ({"plugin": "test_decoding"}, "not ready on b: s"),
        ({"type": "physical", "database": None, "plugin": None}, "not ready on b: s"),
        ({"failover": True}, "not ready on b: s"),
    ],
)
@pytest.mark.parametrize("version", [16, 18])
def test_switchover_accepts_a_slot_made_on_the_standby_that_its_subscriber_is_past(version, there, words):
    """It sends what was committed after it was made."""
    a = cluster(version=version, slots=[logical(failover=False, active=True)])
    b = standby(version=version, slots=[logical(**{"failover": False, **there})])
    problems = plan({"a": a, "b": b, "c": standby()})["problems"]
    assert problems == [] if words is None else words in problems[0]


def test_an_interrupted_switchover_goes_on():
    control = {"state": "shut down", "checkpoint_lsn": "0/4FD8"}
    seen = {"a": stopped(control=control), "b": standby(upstream=None), "c": standby(upstream=None)}
    assert plan(seen)["step"] == "promote"
    assert plan(seen)["problems"] == []
    crashed = {**seen, "a": stopped(control={**control, "state": "in production"})}
    assert "not cleanly" in plan(crashed)["problems"][0]
    behind = {**seen, "b": standby(upstream=None, received_lsn="0/4FD8")}
    assert "gets the rest" in plan(behind)["problems"][0]
    history = [{"timeline": 1, "ended_at_lsn": "0/5050", "reason": ""}]
    done = {"a": stopped(control=control), "b": cluster(timeline=2, history=history), "c": standby(timeline=2)}
    assert (plan(done)["step"], plan(done)["from"], plan(done)["problems"]) == ("follow", "a", [])
    parted = {**done, "a": stopped(control={**control, "checkpoint_lsn": "0/6000"})}
    assert "rejoin_host=a" in plan(parted)["problems"][0]
    assert plan({**done, "a": standby(timeline=2)})["step"] == "none"


def promotion(seen, to="b", fenced="", port_answers=False, giving_up="", members=MEMBERS):
    options = {"to": to, "fenced": fenced, "port_answers": port_answers, "giving_up": giving_up}
    return promotion_plan(topology(members, seen), members, seen, options)


def test_promotion_when_the_primary_is_gone():
    seen = {"a": {}, "b": standby(upstream=None), "c": standby(upstream=None)}
    found = promotion(seen)
    assert (found["problems"], found["from"], found["slots"]) == ([], "a", ["a", "c"])
    assert "its port 5432 answers b" in promotion(seen, port_answers=True)["problems"][0]
    assert promotion(seen, port_answers=True, fenced="a")["problems"] == []


def test_promotion_is_refused_while_the_primary_answers():
    seen = {"a": cluster(), "b": standby(), "c": standby()}
    assert "a still answers: its server runs" in promotion(seen)["problems"][0]
    assert "promote_fenced is 'c'" in promotion(seen, fenced="c")["problems"][0]
    assert promotion(seen, fenced="a")["problems"] == []


def test_the_standby_that_has_most_is_promoted():
    seen = {"a": {}, "b": standby(upstream=None), "c": standby(upstream=None, received_lsn="0/5100")}
    assert "c has 256 bytes more" in promotion(seen)["problems"][0]
    assert promotion(seen, to="")["to"] == "c"
    assert promotion(seen, giving_up="c")["problems"] == []


def test_all_that_have_more_are_given_up_together():
    members = members_of({"a": {}, "b": {}, "c": {}, "d": {}}, {**GROUPS, "shop_standby": ["b", "c", "d"]}, "a")
    more = standby(upstream=None, received_lsn="0/5100")
    seen = {"a": {}, "b": standby(upstream=None), "c": more, "d": more}
    assert "-e promote_giving_up=c,d" in promotion(seen, members=members)["problems"][0]
    assert "d has 256 bytes more" in promotion(seen, giving_up="c", members=members)["problems"][0]
    assert promotion(seen, giving_up="c, d", members=members)["problems"] == []


def test_the_delayed_standby_is_named_as_such_when_it_has_most():
    members = members_of({"a": {}, "b": {}, "c": {"standby_apply_delay": "1h"}}, GROUPS, "a")
    seen = {"a": {}, "b": standby(upstream=None), "c": standby(upstream=None, received_lsn="0/5100")}
    assert "it stays behind on purpose" in promotion(seen, members=members)["problems"][0]


def test_what_another_standby_sends_is_no_sign_of_the_primary():
    members = members_of(
        {"a": {}, "b": {"standby_primary": "c"}, "c": {"postgresql_address": "192.0.2.3"}}, GROUPS, "a"
    )
    fed = standby(upstream={"status": "streaming", "host": "192.0.2.3", "port": 5432, "heard_seconds_ago": 1.0})
    assert promotion({"a": {}, "b": fed, "c": standby(upstream=None)}, members=members)["problems"] == []
    # It may be the primary, when it cannot be asked.
    assert "b heard from it 1.0 s ago" in promotion({"a": {}, "b": fed, "c": {}}, members=members)["problems"][0]


def test_a_delayed_standby_that_replays_what_it_has_is_said_to():
    line = judge(a=cluster(), b=standby(upstream=None, replay_delayed=True), c=standby())["report"][1]
    assert "receiving from nobody until it has replayed what it has" in line


def test_promoted_already():
    assert promotion({"a": {}, "b": cluster(timeline=2), "c": standby(timeline=2)})["step"] == "none"


def test_slots_that_a_former_primary_must_not_keep():
    slots = [
        logical(name="own"),
        logical(name="synced", synced=True),
        logical(name="other", failover=False),
        {"name": "b", "type": "physical", "active": False},
        {"name": "foreign", "type": "physical", "active": False},
    ]
    assert stale_slots(MEMBERS, "a", {"slots": slots}) == ["own", "b"]
