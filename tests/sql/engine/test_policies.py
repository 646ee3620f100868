"""What a partition policy accepts, what it refuses, and in which words."""

from __future__ import annotations

import json

import psycopg
import pytest
from psycopg import errors

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
