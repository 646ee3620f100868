"""What is refused between the hosts of an inventory."""

from __future__ import annotations

import pytest

from ansible_collections.pgops.fleet.plugins.filter.fleet_problems import fleet_problems

TWO = {"transactions_primary": ["tx1"], "transactions_subscriber": ["tx2"], "all": ["tx1", "tx2"]}
APART = {"tx1": {"ansible_host": "192.0.2.11"}, "tx2": {"ansible_host": "192.0.2.12"}}


def test_two_hosts_apart_are_right():
    assert fleet_problems(APART, TWO, ["transactions"]) == []


def test_two_clusters_share_a_machine_on_ports_of_their_own():
    hosts = {
        "tx1": {"ansible_host": "192.0.2.11", "postgresql_port": 5432, "postgresql_cluster": "main"},
        "tx2": {"ansible_host": "192.0.2.11", "postgresql_port": 5433, "postgresql_cluster": "second"},
    }
    assert fleet_problems(hosts, TWO, ["transactions"]) == []
    hosts["tx2"]["postgresql_port"] = 5432
    problems = fleet_problems(hosts, TWO, ["transactions"])
    assert "postgresql_port: tx1 and tx2 claim the same port 5432 of 192.0.2.11" in problems[0]
    assert "host tx2 of group transactions_subscriber is the same server as its source tx1" in problems[1]


def test_two_clusters_of_one_name_on_one_machine_are_refused():
    hosts = {"tx1": {"ansible_host": "m"}, "tx2": {"ansible_host": "m", "postgresql_port": 5433}}
    (problem,) = fleet_problems(hosts, TWO, ["transactions"])
    assert "postgresql_cluster: tx1 and tx2 claim the same cluster main of m" in problem


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ({"transactions_subscriber": ["tx2"]}, "but group transactions_primary, where their data comes from, has none"),
        ({"transactions_primary": ["tx1", "tx2"]}, "group transactions_primary has 2 hosts (tx1, tx2); accepted: one"),
        (
            {"transactions_subscribers": ["tx2"]},
            "group transactions_subscribers is unknown; nearest known: transactions_subscriber",
        ),
        (
            {"transactions_primary": ["tx1"], "transactions_standby": ["tx1"]},
            "host tx1 is in groups transactions_primary and transactions_standby",
        ),
    ],
)
def test_groups_that_miss_each_other_are_refused(groups, words):
    (problem,) = fleet_problems(APART, groups, ["transactions"])
    assert words in problem


def test_all_systems_of_the_collection_are_looked_at_by_default():
    groups = {"transactions_primary": ["tx1"], "operations_primary": ["tx1"], "operations_standbys": ["tx2"]}
    (problem,) = fleet_problems(APART, groups)
    assert "group operations_standbys is unknown; nearest known: operations_standby" in problem
    hosts = {"tx1": {"ansible_host": "m"}, "op1": {"ansible_host": "m", "postgresql_cluster": "operations"}}
    (problem,) = fleet_problems(hosts, {"transactions_primary": ["tx1"], "operations_primary": ["op1"]})
    assert "postgresql_port: op1 and tx1 claim the same port 5432 of m" in problem


PAIR = {"operations_primary": ["op1"], "operations_standby": ["op2"]}


def pair(one=None, other=None):
    """A primary and a standby that say the same but for what is given."""
    return {
        "op1": {"ansible_host": "a", "operations_seed_rows": 0, **(one or {})},
        "op2": {"ansible_host": "b", "operations_seed_rows": 0, **(other or {})},
    }


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (
            {"operations_client_addresses": ["192.0.2.1"]},
            {},
            "operations_client_addresses of op2 is not set, and of op1 ['192.0.2.1']; accepted: the same for all of",
        ),
        ({}, {"operations_seed_rows": 7}, "operations_seed_rows of op2 is 7, and of op1 0"),
        ({"postgresql_cron_jobs": [{"name": "x"}]}, {}, "postgresql_cron_jobs of op2 is not set"),
    ],
)
def test_members_that_declare_differently_are_refused(one, other, words):
    (problem,) = fleet_problems(pair(one, other), PAIR, ["operations"])
    assert words in problem


def test_members_may_differ_in_what_their_machines_are():
    other = {"postgresql_memory_mb": 512, "postgresql_port": 5433, "standby_apply_delay": "1h"}
    assert fleet_problems(pair({}, other), PAIR, ["operations"]) == []


def test_members_take_turns_in_one_stanza():
    groups = {**PAIR, "backup_repository": ["ops1"]}
    (problem,) = fleet_problems(pair(), groups, ["operations"])
    assert "backup_stanza of op2 is 'op2', and of op1 'op1'" in problem
    assert fleet_problems(pair({}, {"backup_stanza": "op1"}), groups, ["operations"]) == []
    assert fleet_problems(pair({"postgresql_archive": "off"}), groups, ["operations"]) == []


def test_a_group_that_joins_others_carries_their_variables():
    groups = {**PAIR, "operations_members": ["op1", "op2"]}
    assert fleet_problems(pair(), groups, ["operations"]) == []
    (problem,) = fleet_problems(pair(), {**PAIR, "operations_members": ["op1", "op3"]}, ["operations"])
    assert "group operations_members is unknown" in problem
