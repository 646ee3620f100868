"""What a cluster declares for its poolers."""

from __future__ import annotations

from ansible_collections.pgops.fleet.plugins.module_utils import fleet_check
from ansible_collections.pgops.fleet.plugins.module_utils.inventory_check import inventory_problems
from ansible_collections.pgops.fleet.plugins.module_utils.pooler_access import pooler_declarations, with_declarations

SYSTEM = {
    "databases": [{"name": "shop", "scripts": ["shop"]}],
    "roles": [
        {"name": "shop_user", "login": False},
        {"name": "shop_user_a", "login_of": "shop_user", "secret": True},
        {"name": "shop_user_b", "login_of": "shop_user", "secret": True},
        {"name": "reader", "login": True, "secret": True},
        {"name": "jobs", "login": True},
        {"name": "replicator", "login": True, "secret": True, "replication": True},
        {"name": "gone", "login": True, "secret": True, "state": "absent"},
    ],
}
GROUPS = {
    "shop_primary": ["db1"],
    "shop_pooler": ["pool1", "pool2"],
    "all": ["db1", "db2", "pool1", "pool2"],
    "other": ["db2"],
}
HOSTVARS = {"pool1": {"pooler_address": "192.0.2.1"}, "pool2": {"ansible_host": "pool2.example"}}


def declared(host="db1", **further):
    return pooler_declarations(SYSTEM, further, HOSTVARS, GROUPS, host)


def test_only_a_host_before_which_a_pooler_stands_declares_something():
    assert declared("db2") == {}
    assert declared("pool1") == {}


def test_clients_and_the_pooler_come_from_its_address_alone():
    lines = declared()["hba"]
    assert {line["address"] for line in lines} == {"192.0.2.1/32", "pool2.example"}
    assert all(line["type"] == "hostssl" and line["method"] == "scram-sha-256" for line in lines)
    through = [line for line in lines if line["database"] == ["shop"]]
    assert [line["user"] for line in through] == [["shop_pooler", "+shop_user", "reader"]] * 2
    own = [line for line in lines if line["database"] == "postgres"]
    assert [line["user"] for line in own] == [["shop_pooler"]] * 2


def test_roles_of_the_environment_are_clients_too():
    through = declared(roles=[{"name": "auditor", "login": True, "secret": True}])["hba"][1]
    assert through["user"][-1] == "auditor"


def test_databases_of_the_environment_are_reached_too():
    found = declared(
        databases=[{"name": "attic"}, {"name": "shop", "comment": "again"}, {"name": "gone", "state": "absent"}]
    )
    assert found["hba"][1]["database"] == ["shop", "attic"]
    assert {"role": "shop_pooler", "object": "database attic", "privileges": ["CONNECT"], "database": "attic"} in found[
        "privileges"
    ]


def test_declarations_fit_the_inventory_and_merge_with_those_of_others():
    standby = {"databases": [{"name": "postgres", "comment": "of others"}]}
    system = with_declarations(with_declarations(SYSTEM, standby), declared())
    assert inventory_problems({"postgresql_system": system}) == []
    (postgres,) = [item for item in system["databases"] if item["name"] == "postgres"]
    assert postgres == {"name": "postgres", "comment": "of others", "scripts": [{"name": "pooler", "role": "postgres"}]}
    assert [item["name"] for item in system["databases"]] == ["shop", "postgres"]


def test_poolers_are_no_clusters():
    assert fleet_check.cluster_hosts({**GROUPS, "backup_repository": ["db2"]}) == ["db1"]


def problems(groups, hostvars):
    return fleet_check.fleet_problems(hostvars, {"all": [], **groups}, ["shop"])


def test_a_pooler_needs_a_primary():
    (problem,) = problems({"shop_pooler": ["pool1"]}, {})
    assert problem.startswith("group shop_pooler has hosts (pool1), but group shop_primary")


def test_a_pooler_is_an_entry_of_its_own():
    (problem,) = problems({"shop_primary": ["db1"], "shop_pooler": ["db1"]}, {})
    assert problem.startswith("host db1 is in groups shop_primary and shop_pooler")


def test_ports_of_one_machine_differ():
    groups = {"all": ["db1", "p1", "p2"], "shop_primary": ["db1"], "shop_pooler": ["p1", "p2"]}
    one = {"ansible_host": "m"}
    assert problems(groups, {"db1": one, "p1": one, "p2": {"ansible_host": "n"}}) == []
    (problem,) = problems(groups, {"db1": one, "p1": one, "p2": one})
    assert problem.startswith("pooler_port: p2 claims the port 6432 of m, which p1 has")
    (problem,) = problems(groups, {"db1": {**one, "postgresql_port": 6432}, "p1": one, "p2": {"ansible_host": "n"}})
    assert problem.startswith("pooler_port: p1 claims the port 6432 of m, which db1 has")
