"""Which declaration belongs to which database."""

from __future__ import annotations

from ansible_collections.pgops.fleet.plugins.filter.database_contents import LISTS, database_contents


def declared(**lists) -> dict:
    return {"databases": [{"name": "first"}, {"name": "other"}], **{key: [] for key in LISTS}, **lists}


def test_an_item_without_database_belongs_to_the_first():
    items = [{"name": "a"}, {"name": "b", "database": "other"}, {"name": "c", "database": "first"}]
    for key in LISTS:
        first, other = database_contents(declared(**{key: items}))
        assert (first["database"], other["database"]) == ("first", "other")
        assert first[key] == [{"name": "a"}, {"name": "c"}]
        assert other[key] == [{"name": "b"}]


def test_script_sets_come_by_database():
    sets = {"other": [{"name": "shop", "scripts": []}]}
    assert [content["scripts"] for content in database_contents(declared(), sets)] == [[], sets["other"]]


def test_an_absent_database_holds_nothing():
    databases = [{"name": "gone", "state": "absent"}, {"name": "kept", "state": "present"}]
    items = [{"name": "a"}, {"name": "b", "database": "gone"}]
    (content,) = database_contents(declared(databases=databases, privileges=items))
    assert content["database"] == "kept"
    assert content["privileges"] == [{"name": "a"}]


def test_a_host_without_databases_holds_nothing():
    assert database_contents(declared(databases=[])) == []


def test_the_maintenance_database_is_nobodys_default():
    """A pooler declares it, and comes before what the environment declares."""
    declared = {key: [] for key in ("partitions", "incremental_views", "default_privileges", "publications")}
    item = {"role": "x", "object": "schema public", "privileges": ["USAGE"]}
    declared |= {"databases": [{"name": "postgres"}, {"name": "pair"}], "privileges": [item]}
    found = {each["database"]: each["privileges"] for each in database_contents(declared)}
    assert found == {"postgres": [], "pair": [item]}
