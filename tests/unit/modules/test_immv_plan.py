"""Names and indexes of incremental views, compared without a server."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.pgops.fleet.plugins.module_utils.immv_change import NAME_BYTES, rebuild_name, sibling_name
from ansible_collections.pgops.fleet.plugins.module_utils.immv_plan import compare_indexes, named_index, plan_new
from ansible_collections.pgops.fleet.plugins.module_utils.immv_state import Query, View, maintenance_problems


def index(*columns, name=None, unique=False, method="btree"):
    return {"columns": list(columns), "name": name, "unique": unique, "method": method}


def found(name, *columns, unique=False, partial=False):
    return {"name": name, "columns": list(columns), "is_unique": unique, "method": "btree", "is_partial": partial}


def compared(declared, *existing):
    missing, superseded = compare_indexes({"name": "app.v", "indexes": declared}, View("app.v", indexes=list(existing)))
    return [item["name"] for item in missing], superseded


def test_indexes():
    assert compared([index("a", "b")]) == (["v_a_b_idx"], [])
    assert compared([index("a")], found("any", "a")) == ([], [])
    assert compared([index("a", name="mine")], found("any", "a")) == (["mine"], [])
    assert compared([index("a", name="mine")], found("mine", "a")) == ([], [])
    assert compared([index("a", name="mine")], found("mine", "b")) == (["mine"], ["mine"])
    assert compared([index("a", unique=True)], found("any", "a")) == (["v_a_idx"], [])
    assert compared([index("a")], found("v_a_idx", "a", partial=True)) == (["v_a_idx"], ["v_a_idx"])
    assert compared([index("A b")], found("any", '"A b"')) == ([], [])


@given(st.text(min_size=1, max_size=80).filter(lambda name: "." not in name))
def test_names_for_a_while_fit_and_differ(table):
    name = rebuild_name(f"app.{table}")
    assert name.startswith("app.")
    assert name.endswith("__rebuild")
    assert len(name.removeprefix("app.").encode()) <= NAME_BYTES
    assert name != sibling_name(f"app.{table}", "__retired")
    assert len(named_index(f"app.{table}", index("column"))["name"].encode()) <= NAME_BYTES


def test_new_view_without_a_server():
    declared = {
        "name": "app.v",
        "query": "select 1 ",
        "owner": None,
        "comment": None,
        "indexes": [],
        "state": "present",
    }
    plan = plan_new(declared, "postgres")
    assert plan.change == "created"
    assert plan.difference()["before"] == ""
    assert plan.difference()["after"]["owner"] == "postgres"
    assert plan_new({**declared, "state": "absent"}, "postgres").change == "none"


def test_maintenance_problems():
    query = Query("", base_tables=[{"oid": 1, "name": "app.base"}])
    healthy = View("app.v", oid=2, definition="x", populated=True, triggers={1: 8, 2: 4})
    assert maintenance_problems(healthy, query) == []
    healthy.triggers[1] = 5
    assert maintenance_problems(healthy, query) == ["3 of pg_ivm's 8 triggers on app.base are missing or disabled"]
    healthy.populated = False
    assert maintenance_problems(healthy, query)[0] == "it is not populated"
    assert "plain table" in maintenance_problems(View("app.v", oid=2), query)[0]
