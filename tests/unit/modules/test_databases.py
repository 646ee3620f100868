"""What postgresql_database would execute, without a server."""

from __future__ import annotations

import pytest

from ansible_collections.pgops.fleet.plugins.module_utils import databases
from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused

KEYS = ("owner", "encoding", "locale", "template", "tablespace", "connection_limit", "comment")
FOUND = {
    "owner": "postgres",
    "encoding": "UTF8",
    "locale": "C.UTF-8",
    "tablespace": "pg_default",
    "connection_limit": -1,
    "comment": None,
}


def declared(**options):
    return {"name": "Shop.1", **dict.fromkeys(KEYS), **options}


def available(name, *versions, schema=None, relocatable=True, requires=None):
    entry = {"schema": schema, "relocatable": relocatable, "requires": requires}
    return {name: dict.fromkeys(versions, entry)}


SERVER = databases.Server(
    known=True,
    available={
        **available("cube", "1.4", "1.5"),
        **available("earthdistance", "1.2", requires=["cube"]),
        **available("pg_cron", "1.6", schema="pg_catalog", relocatable=False),
        **available("pg_stat_statements", "1.12"),
    },
    default_versions={"cube": "1.5", "earthdistance": "1.2", "pg_cron": "1.6", "pg_stat_statements": "1.12"},
    preloaded='pg_ivm, "$libdir/pg_cron"',
)


def statements(*extensions, present=None, server=SERVER, path=True, missing=None):
    contents = databases.empty_contents()
    contents[0].update(present or {})
    plan = databases.ExtensionPlan("shop", server, contents, missing or pytest.fail, lambda *_update: path)
    for item in databases.declared_extensions({"name": "shop", "extensions": extensions}):
        plan.add(item)
    return plan.statements


def test_create_says_only_what_is_declared():
    assert databases.plan_database(declared(), None) == ['create database "Shop.1" template "template1"']
    assert databases.plan_database(
        declared(owner='o"w', locale="C", tablespace="fast", connection_limit=0, comment="it's"), None
    ) == [
        'create database "Shop.1" owner "o""w" template "template0" locale \'C\' tablespace "fast" connection limit 0',
        "comment on database \"Shop.1\" is 'it''s'",
    ]


@pytest.mark.parametrize(
    ("options", "template"),
    [({}, "template1"), ({"encoding": "UTF8"}, "template0"), ({"encoding": "UTF8", "template": "mine"}, "mine")],
)
def test_template(options, template):
    assert databases.template_of(declared(**options)) == template


def test_existing_database():
    same = declared(owner="postgres", tablespace="pg_default", connection_limit=-1, comment="", template="other")
    assert databases.plan_database(same, FOUND) == []
    assert databases.plan_database(declared(owner="me", connection_limit=0), FOUND) == [
        'alter database "Shop.1" owner to "me"',
        'alter database "Shop.1" connection limit 0',
    ]


def test_spellings_of_a_locale():
    databases.refuse_unchangeable(None, declared(locale="C.utf8"), FOUND)
    for other in ("C", "c.UTF-8", "en_US.UTF-8"):
        with pytest.raises(Refused, match="has the locale C.UTF-8, asked for is"):
            databases.refuse_unchangeable(None, declared(locale=other), FOUND)


@pytest.mark.parametrize(
    "wrong", ["", 5, None, {}, {"name": 5}, {"name": "a", "version": 1.1}, {"name": "a", "state": "gone"}, {"nam": "a"}]
)
def test_wrong_extensions(wrong):
    with pytest.raises(Refused, match="database shop: extension .*; accepted is a name"):
        databases.declared_extensions({"name": "shop", "extensions": [wrong]})


def test_required_extensions_come_along_once():
    assert statements("earthdistance", "cube") == ['create extension "earthdistance" cascade']
    assert statements("earthdistance", {"name": "cube", "version": "1.5", "schema": "s"}) == [
        'create extension "earthdistance" cascade',
        'create schema "s"',
        'alter extension "cube" set schema "s"',
    ]


def test_a_schema_is_made_once():
    assert statements({"name": "earthdistance", "schema": "s"}, {"name": "pg_cron", "schema": "pg_catalog"}) == [
        'create schema "s"',
        'create extension "earthdistance" schema "s" cascade',
        'create extension "pg_cron" schema "pg_catalog" cascade',
    ]


def test_versions():
    old = {"cube": {"version": "1.4", "schema": "public", "relocatable": True}}
    assert statements("cube", present=old) == ["alter extension \"cube\" update to '1.5'"]
    old = {"cube": {"version": "1.4", "schema": "public", "relocatable": True}}
    assert statements({"name": "cube", "version": "1.4"}, present=old) == []
    gone = {"lost": {"version": "0.1", "schema": "public", "relocatable": True}}
    assert statements("lost", present=gone) == [], "its files are gone, and it is as it was"


@pytest.mark.parametrize(
    ("extension", "words"),
    [
        ("nothing", "pg_available_extensions does not name it"),
        ({"name": "cube", "version": "2"}, "installed on the host are 1.4, 1.5"),
        ("pg_stat_statements", "shared_preload_libraries = 'pg_ivm, \"$libdir/pg_cron\"'"),
    ],
)
def test_what_the_host_lacks(extension, words):
    told = []
    statements(extension, missing=told.append)
    assert len(told) == 1
    assert told[0].startswith("database shop: extension ")
    assert words in told[0]


def test_without_a_server_nothing_is_missing():
    assert statements("pg_cron", {"name": "cube", "state": "absent"}, server=databases.Server()) == [
        'create extension "pg_cron" cascade'
    ]


def test_difference_leaves_out_what_is_not_set():
    shown = databases.difference("shop", {}, {**declared(owner="me", comment=""), "extensions": {}})
    assert (shown["before"], shown["after"]) == ({}, {"owner": "me"})
