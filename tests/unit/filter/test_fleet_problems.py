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
