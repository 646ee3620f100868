"""What a partition policy accepts, what it refuses, and in which words."""

from __future__ import annotations

import json

import psycopg
import pytest
from psycopg import errors

pytestmark = pytest.mark.long_when_repeated

MONTHLY = {"by": {"range": "date", "every": "month"}, "name": "t1_{year}_{month}"}


@pytest.fixture(scope="module")
def table(shared_engine):
    shared_engine.table()
    shared_engine.table(name='app."' + "x" * 60 + '"')
    return shared_engine


REFUSED = [
    ([], "policy", "[]", "an object with the keys by, name"),
    ({"name": "t1_{year}_{month}"}, "by", "missing", "range, every"),
    (MONTHLY | {"months_ahead": 3}, "months_ahead", "3", "accepted keys: by, name, ahead"),
    (MONTHLY | {"by": "month"}, "by", '"month"', "range, every"),
    (MONTHLY | {"by": {"range": "date", "every": "month", "of": 1}}, "of", "1", "accepted keys: range, every"),
    (MONTHLY | {"by": {"range": "date"}}, "by.every", "missing", '"day", "week"'),
    (MONTHLY | {"by": {"range": "date", "every": "hour"}}, "by.every", '"hour"', '"day", "week"'),
    (MONTHLY | {"by": {"range": "date", "every": ["month"]}}, "by.every", '["month"]', '"day", "week"'),
    (MONTHLY | {"by": {"every": "month"}}, "by.range", "missing", "partitioned by"),
    (MONTHLY | {"by": {"range": "id", "every": "month"}}, "by.range", '"id"', '"date", the column'),
    ({"by": MONTHLY["by"]}, "name", "missing", "{year}"),
    (MONTHLY | {"name": 7}, "name", "7", "{year}"),
    (MONTHLY | {"name": "app.t1_{year}_{month}"}, "name", "app.t1", "text without schema"),
    (MONTHLY | {"name": "t1_{year}_{mont}"}, "name", "{mont}", "{year} {quarter}"),
    (MONTHLY | {"name": "t1_{year}_{month"}, "name", "{month", "{year} {quarter}"),
    (MONTHLY | {"name": "t1_{month}"}, "name", "t1_{month}", "for every month a name with the fields {year}{month}"),
    (MONTHLY | {"name": "t1_{year}_{week}"}, "name", "{week}", "{year}{month}"),
    (
        {"by": {"range": "date", "every": "week"}, "name": "t_{year}_{month}_{week}"},
        "name",
        "{week}",
        "{year}{week} or",
    ),
    ({"by": {"range": "date", "every": "day"}, "name": "t_{year}_{month}"}, "name", "t_{year}", "{year}{month}{day}"),
    (MONTHLY | {"ahead": -1}, "ahead", "-1", "a whole number from 0 to 1000"),
    (MONTHLY | {"ahead": 1001}, "ahead", "1001", "a whole number from 0 to 1000"),
    (MONTHLY | {"ahead": 1.5}, "ahead", "1.5", "a whole number from 0 to 1000"),
    (MONTHLY | {"behind": "2"}, "behind", '"2"', "a whole number from 0 to 1000"),
    (MONTHLY | {"default": 1}, "default", "1", "true, false"),
    (MONTHLY | {"default": "app.rest"}, "default", '"app.rest"', "without schema"),
    (MONTHLY | {"default": "d" * 64}, "default", "ddd", "1 to 63 bytes"),
    (MONTHLY | {"retention": "2 years"}, "retention", '"2 years"', "keep, then"),
    (MONTHLY | {"retention": {"keep": "-2 years", "then": "drop"}}, "retention.keep", '"-2 years"', "24 months"),
    (MONTHLY | {"retention": {"keep": "0 months", "then": "drop"}}, "retention.keep", '"0 months"', "24 months"),
    (MONTHLY | {"retention": {"keep": 24, "then": "drop"}}, "retention.keep", "24", "24 months"),
    (MONTHLY | {"retention": {"keep": "2 years"}}, "retention.then", "missing", '"detach" or "drop"'),
    (
        MONTHLY | {"retention": {"keep": "2 years", "then": "delete"}},
        "retention.then",
        '"delete"',
        '"detach" or "drop"',
    ),
    (MONTHLY | {"time_zone": "Berlin"}, "time_zone", '"Berlin"', "pg_timezone_names"),
    (MONTHLY | {"time_zone": "Europe/Atlantis"}, "time_zone", "Atlantis", "pg_timezone_names"),
    (MONTHLY | {"time_zone": "Europe/Berlin+2"}, "time_zone", "+2", "pg_timezone_names"),
    (MONTHLY | {"time_zone": "UTC+2"}, "time_zone", '"UTC+2"', "pg_timezone_names"),
    (MONTHLY | {"time_zone": 2}, "time_zone", "2", "pg_timezone_names"),
    (MONTHLY | {"hooks": {"after": "app.f"}}, "after", '"app.f"', "attached, detaching, moved"),
    (MONTHLY | {"hooks": {"attached": "f"}}, "hooks.attached", '"f"', "takes (regclass)"),
    (MONTHLY | {"hooks": {"attached": "app.no_such"}}, "hooks.attached", '"app.no_such"', "takes (regclass)"),
    (MONTHLY | {"hooks": {"attached": "app.f("}}, "hooks.attached", '"app.f("', "takes (regclass)"),
    (MONTHLY | {"hooks": {"attached": "app.f(); drop table app.t1"}}, "hooks.attached", "drop", "takes (regclass)"),
    (MONTHLY | {"hooks": {"moved": "app.no_such"}}, "hooks.moved", '"app.no_such"', "takes (regclass, regclass)"),
    (MONTHLY | {"storage_parameters": [1]}, "storage_parameters", "[1]", "an object"),
    (MONTHLY | {"storage_parameters": {"fillfactor": None}}, "storage_parameters.fillfactor", "null", "CREATE TABLE"),
    (MONTHLY | {"storage_parameters": {"a) --": 1}}, "storage_parameters.a) --", "1", "CREATE TABLE"),
]


NUMBERS = {"by": {"range": "n", "every": 1000}, "name": "n_{from}"}
BOUNDS = {"by": {"range": "date"}, "partitions": [{"name": "a", "from": "2024-01-01", "to": "2024-02-01"}]}
LIST = {"by": {"list": "region"}, "partitions": [{"name": "a", "values": ["eu"]}]}
HASH = {"by": {"hash": "id", "modulus": 4}, "name": "h_{remainder}"}
# By table, since each is partitioned as its name says.
REFUSED_BY_STRATEGY = [
    ("t1", MONTHLY | {"by": {"range": "date", "list": "date"}}, "by", "list", 'one of "range", "list" and "hash"'),
    ("t1", MONTHLY | {"by": {"range": "date", "every": "month", "modulus": 3}}, "by", "modulus", "range, every"),
    ("t1", MONTHLY | {"partitions": []}, "policy by period", "partitions", "accepted keys: by, name, ahead"),
    ("t1", BOUNDS | {"name": "t1_{year}"}, 'policy by range with "partitions"', '"name"', "accepted keys: by, partitions"),
    ("t1", BOUNDS | {"ahead": 1}, 'policy by range with "partitions"', '"ahead"', "accepted keys: by, partitions"),
    ("t1", BOUNDS | {"partitions": []}, "partitions", "[]", "a list of partitions with the keys name, from, to"),
    ("t1", BOUNDS | {"partitions": [{"from": "2024-01-01"}]}, "name", "missing", "text without schema"),
    ("t1", BOUNDS | {"partitions": [{"name": "a", "till": 1}]}, "partitions[0]", '"till"', "name, from, to"),
    ("t1", BOUNDS | {"partitions": [{"name": "a_{year}"}]}, "name", "a_{year}", "without fields"),
    ("t1", BOUNDS | {"partitions": [{"name": "a", "from": "2024-02-30"}]}, "partitions[0].from", "2024-02-30", "timestamp"),
    ("t1", BOUNDS | {"partitions": [{"name": "a", "to": {"a": 1}}]}, "partitions[0].to", '{"a": 1}', "a value of type"),
    ("t1", BOUNDS | {"partitions": [{"name": "a", "from": "2024-02-01", "to": "2024-01-01"}]}, "partitions[0]", "2024",
        '"from" before "to"'),
    ("t1", BOUNDS | {"partitions": [*BOUNDS["partitions"], {"name": "b", "from": "2024-01-31 23:59"}]}, "partitions[1]",
        "23:59", 'do not overlap those of "a"'),
    ("t1", BOUNDS | {"partitions": BOUNDS["partitions"] * 2}, "partitions[1].name", '"a"', "a name for each partition"),
    ("t1", BOUNDS | {"retention": {"keep": 1000, "then": "drop"}}, "retention.keep", "1000", "24 months"),
    ("t1", MONTHLY | {"retention": {"keep": "1 month", "then": "archive"}}, "retention.into", "missing", "app.t1_archive"),
    ("t1", MONTHLY | {"retention": {"keep": "1 month", "then": "drop", "into": "app.a"}}, "retention.then", '"drop"',
        '"archive" beside "into"'),
    ("t1", MONTHLY | {"tablespace": "no_such"}, "tablespace", '"no_such"', "pg_default"),
    ("t1", MONTHLY | {"indexes": {"columns": ["id"]}}, "indexes", "columns", "a list of indexes"),
    ("t1", MONTHLY | {"indexes": [{"columns": "id"}]}, "indexes[0].columns", '"id"', "a list of columns"),
    ("t1", MONTHLY | {"indexes": [{"columns": ["no"]}]}, "indexes", '"no"', "columns of app.t1"),
    ("t1", MONTHLY | {"indexes": [{"columns": ["id"], "method": "tree"}]}, "indexes[0].method", '"tree"', "btree"),
    ("t1", MONTHLY | {"indexes": [{"columns": ["id"], "unique": 1}]}, "indexes[0].unique", "1", "true or false"),
    ("t1", MONTHLY | {"indexes": [{"columns": ["id"], "where": "true"}]}, "indexes[0]", '"where"', "columns, include"),
    ("numbers", NUMBERS | {"by": {"range": "n", "every": 0}}, "by.every", "0", "a whole number"),
    ("numbers", NUMBERS | {"by": {"range": "n", "every": 1.5}}, "by.every", "1.5", "a whole number"),
    ("numbers", NUMBERS | {"by": {"range": "n", "every": -5}}, "by.every", "-5", "a whole number"),
    ("numbers", NUMBERS | {"name": "n"}, "name", '"n"', "{from} or {to}"),
    ("numbers", NUMBERS | {"name": "n_{year}"}, "name", "n_{year}", "with the fields {from} {to}"),
    ("numbers", NUMBERS | {"time_zone": "UTC"}, "policy by number", '"time_zone"', "accepted keys: by, name"),
    ("numbers", NUMBERS | {"retention": {"keep": "1 month", "then": "drop"}}, "retention.keep", '"1 month"', "highest key"),
    ("list", {"by": {"list": "region"}}, "partitions", "missing", "a list of partitions with the keys name, values"),
    ("list", LIST | {"ahead": 2}, "policy by list", '"ahead"', "accepted keys: by, partitions, default"),
    ("list", LIST | {"retention": {"keep": "1 day", "then": "drop"}}, "policy by list", '"retention"', "accepted keys"),
    ("list", LIST | {"partitions": [{"name": "a", "values": []}]}, "partitions[0].values", "[]", "null for NULL"),
    ("list", LIST | {"partitions": [{"name": "a", "values": "eu"}]}, "partitions[0].values", '"eu"', "a list of values"),
    ("list", LIST | {"partitions": [{"name": "a", "values": [1]}, {"name": "b", "values": [2, "1"]}]},
        "partitions[1].values", '"1"', "each value once"),
    ("list", LIST | {"partitions": [{"name": "a", "values": [None, None]}]}, "partitions[0].values", "null", "once"),
    ("list", LIST | {"by": {"list": "id"}}, "by.list", '"id"', '"region", the column that app.list is partitioned by'),
    ("hash", HASH | {"by": {"hash": "id"}}, "by.modulus", "missing", "a whole number"),
    ("hash", HASH | {"by": {"hash": "id", "modulus": 0}}, "by.modulus", "0", "a whole number"),
    ("hash", HASH | {"name": "h"}, "name", '"h"', "{remainder}"),
    ("hash", HASH | {"default": True}, "default", "true", "no default partition"),
    ("hash", HASH | {"subpartitions": {"by": {"list": "region"}, "partitions": [{"name": "a", "values": ["x"]}]}},
        "name", '"a"', "{parent}"),
]  # fmt: skip


@pytest.fixture(scope="module")
def strategies(table):
    table.as_owner(
        "create table app.numbers (n int) partition by range (n);"
        "create table app.list (id int, region text) partition by list (region);"
        "create table app.hash (id int, region text) partition by hash (id)"
    )
    return table


@pytest.mark.parametrize(("name", "policy", "key", "value", "accepted"), REFUSED_BY_STRATEGY)
def test_every_strategy_refuses_with_key_value_and_accepted_form(strategies, name, policy, key, value, accepted):
    with pytest.raises(errors.InvalidParameterValue) as caught:
        strategies.run(f"select pgops.set_partition_policy('app.{name}', %s)", json.dumps(policy))
    message = caught.value.diag.message_primary
    assert f'"{key}"' in message
    assert value in message
    assert accepted in message


@pytest.mark.parametrize(("name", "policy"), [("t1", BOUNDS), ("numbers", NUMBERS), ("list", LIST), ("hash", HASH)])
def test_a_completed_policy_is_complete(strategies, name, policy):
    nested = {"by": {"hash": "id", "modulus": 2}, "name": "{parent}_{remainder}", "tablespace": "pg_default"}
    for given in (policy, policy | {"subpartitions": nested, "indexes": [{"columns": ["id"]}], "hooks": None}):
        once = strategies.value("select pgops.complete_policy(%s)", json.dumps(given))
        assert strategies.value("select pgops.complete_policy(%s)", json.dumps(once)) == once


def test_a_name_of_64_bytes_is_refused_wherever_it_stands(strategies):
    for name, policy in (
        ("numbers", NUMBERS | {"name": "x" * 64 + "{from}"}),
        ("list", LIST | {"partitions": [{"name": "é" * 32, "values": ["eu"]}]}),
        ("hash", HASH | {"name": "x" * 64 + "{remainder}"}),
    ):
        with pytest.raises(errors.NameTooLong, match="accepted: at most 63"):
            strategies.set_policy(policy, table=f"app.{name}")


@pytest.mark.parametrize(("policy", "key", "value", "accepted"), REFUSED)
def test_refused_with_key_value_and_accepted_form(table, policy, key, value, accepted):
    with pytest.raises(errors.InvalidParameterValue) as caught:
        table.run("select pgops.set_partition_policy('app.t1', %s)", json.dumps(policy))
    message = caught.value.diag.message_primary
    assert f'"{key}"' in message
    assert value in message
    assert accepted in message
    assert table.value("select count(*) from pgops.partition_policy") == 0


@pytest.mark.parametrize(
    ("table_name", "changes"),
    [
        ("app.t1", {"name": "x" * 57 + "{year}_{month}"}),
        ("app.t1", {"name": "é" * 30 + "{year}_{month}"}),
        ('app."' + "x" * 60 + '"', {"name": "t1_{year}_{month}"}),
    ],
    ids=["partition", "bytes", "default"],
)
def test_names_over_63_bytes_are_refused(table, table_name, changes):
    with pytest.raises(errors.NameTooLong, match="accepted: at most 63"):
        table.set_policy(table=table_name, **changes)


def test_a_name_of_63_bytes_is_taken(engine):
    engine.table()
    name = "é" * 26 + "abc{year}_{month}"  # 52 + 11 bytes
    engine.set_policy(name=name, ahead=0)
    engine.apply("2026-11-21")
    assert engine.partitions() == ["é" * 26 + "abc2026_11", "t1_default"]


def test_defaults_are_written_out(engine):
    engine.table()
    engine.set_policy()
    stored = engine.value("select policy from pgops.partition_policy where parent = 'app.t1'::regclass")
    assert stored == MONTHLY | {"ahead": 3, "behind": 0, "default": True, "time_zone": "UTC"}


def test_set_says_whether_something_changed(engine):
    engine.table()
    assert engine.set_policy() is True
    assert engine.set_policy() is False
    assert engine.set_policy(ahead=3, time_zone="UTC", retention=None, hooks={}) is False
    assert engine.set_policy(ahead=4) is True
    assert engine.value("select pgops.remove_partition_policy('app.t1')") is True
    assert engine.value("select pgops.remove_partition_policy('app.t1')") is False
    with pytest.raises(errors.UndefinedObject, match=r"app\.t1 has no partition policy"):
        engine.plan()


def test_a_policy_written_straight_into_the_table_is_checked_too(engine):
    engine.table()
    with pytest.raises(errors.InvalidParameterValue, match='"by.every" is "hour"'):
        engine.run(
            "insert into pgops.partition_policy (parent, policy) values ('app.t1', %s)",
            json.dumps(MONTHLY | {"by": {"range": "date", "every": "hour"}}),
        )


@pytest.mark.parametrize(
    ("definition", "error"),
    [
        ("create table app.t1 (date date)", errors.WrongObjectType),
        ("create table app.t1 (date date) partition by list (date)", errors.FeatureNotSupported),
        ("create table app.t1 (date date) partition by hash (date)", errors.FeatureNotSupported),
        ("create table app.t1 (date date, n int) partition by range (date, n)", errors.FeatureNotSupported),
        ("create table app.t1 (date int) partition by range (date)", errors.FeatureNotSupported),
        ("create table app.t1 (date date) partition by range ((date + 1))", errors.FeatureNotSupported),
        ("create view app.t1 as select now() as date", errors.WrongObjectType),
    ],
)
def test_tables_of_another_kind_are_refused(engine, definition, error):
    engine.as_owner(definition)
    with pytest.raises(error, match=r"app\.t1"):
        engine.set_policy()


def test_a_temporary_table_is_refused(engine):
    engine.run("create temp table t1 (date date) partition by range (date)")
    with pytest.raises(errors.FeatureNotSupported, match="temporary"):
        engine.set_policy(table="pg_temp.t1")


def test_a_table_that_does_not_exist_is_refused(engine):
    with pytest.raises(errors.UndefinedTable):
        engine.set_policy(table="app.no_such")
    with pytest.raises(psycopg.Error, match="no table has the OID 4294967"):
        engine.run("select pgops.set_partition_policy(4294967::regclass, %s)", json.dumps(MONTHLY))


@pytest.mark.parametrize(
    ("policy", "key_type"), [(NUMBERS, "text"), (NUMBERS, "float8"), (LIST, "int[]"), (LIST, "app.p")]
)
def test_types_that_a_policy_cannot_keep_are_refused(engine, policy, key_type):
    column = policy["by"].get("range") or policy["by"]["list"]
    strategy = "range" if "range" in policy["by"] else "list"
    engine.as_owner(
        f"create type app.p as (a int); create table app.t1 ({column} {key_type}) partition by {strategy} ({column})"
    )
    with pytest.raises(
        errors.FeatureNotSupported, match=f'column "{column}" of app.t1 is of type .*; accepted for a policy'
    ):
        engine.set_policy(policy)


@pytest.mark.parametrize(
    "key", ['(region collate "C")', "(region text_pattern_ops)", "((lower(region)))", "(region, id)"]
)
def test_keys_that_no_policy_can_keep_are_refused(engine, key):
    engine.as_owner(f"create table app.t1 (id int, region text) partition by range {key}")
    with pytest.raises(errors.FeatureNotSupported, match=r"app\.t1 is partitioned by RANGE"):
        engine.set_policy(BOUNDS, by={"range": "region"})
