"""What cannot follow to a partitioned table is named by the plan; everything is undone after each test."""

from __future__ import annotations

import json

import pytest
from conversions import MONTHS
from psycopg import errors


@pytest.mark.parametrize(("command", "words"), [
    ("create materialized view app.m as select id from app.events", "materialized view app.m depends on app.events"),
    ("create function app.f(app.events) returns int language sql as 'select 1'", "function app.f(app.events) depends on the row type"),
    ("create view app.w as select e from app.events as e", "view app.w depends on the row type of app.events"),
    (
        "create view app.w as select at from app.events;"
        " create rule r as on insert to app.w do instead insert into app.events (at) values (new.at)",
        'rule "r" of app.w speaks of app.events',
    ),
    ("create table app.child () inherits (app.events)", "table app.child inherits from app.events"),
    ("alter table app.events add constraint up foreign key (id, at) references app.events", 'foreign key "up" of app.events refers'),
    ("create table app.events_old (n int)", "a relation app.events_old exists"),
    ("alter table app.events add constraint c check (id > 0) no inherit", 'constraint "c" of app.events is NO INHERIT'),
    ("create unique index u on app.events (lower(note), at)", "index app.u of app.events has an expression and is unique"),
    ("create unique index u on app.events (note)", "unique index app.u of app.events does not contain at"),
    ("create trigger t after insert on app.events referencing new table as n for each row execute function app.touch()",
        'trigger "t" of app.events fires for each row and has transition tables'),
    ("create policy self on app.events using (exists (select from app.events as x where x.id = events.id))",
        'policy "self" of app.events asks the table itself'),
    ("create policy self on app.events for insert with check ((select count(*) from app.events) < 9)",
        'policy "self" of app.events asks the table itself'),
])  # fmt: skip
def test_what_cannot_follow_is_named(shared_events, command, words):
    engine = shared_events.engine
    plan = "select count(*) from pgops.operation_plan('app.events', 'convert', %s)"
    with engine.superuser.transaction(force_rollback=True):
        assert engine.value(plan, json.dumps(MONTHS)) >= 9
        engine.run("set local role engine_owner")
        engine.run(command)
        engine.run("reset role")
        with pytest.raises(errors.ObjectNotInPrerequisiteState) as caught:
            engine.run(plan, json.dumps(MONTHS))
        assert words in str(caught.value)


def test_a_policy_of_the_same_number_elsewhere_is_not_in_the_way(shared_events):
    """Only what a subquery asks counts: the table's own columns, and other tables, do not."""
    engine = shared_events.engine
    with engine.superuser.transaction(force_rollback=True):
        engine.run("set local role engine_owner")
        engine.run("create policy other on app.events using (id > 0 and note in (select c.code from app.country as c))")
        engine.run("reset role")
        steps = engine.value(
            "select count(*) from pgops.operation_plan('app.events', 'convert', %s)", json.dumps(MONTHS)
        )
        assert steps >= 9


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"wider_keys": "yes"}, '"wider_keys" is "yes"; accepted: true or false'),
        ({"old_name": 7}, '"old_name" is 7; accepted: a text'),
        ({"old_name": "ä" * 32}, "accepted: a name without schema of 1 to 63 bytes"),
        ({"new_name": ""}, "accepted: a name without schema of 1 to 63 bytes"),
    ],
)
def test_arguments_of_a_kind_that_is_not_accepted(shared_events, arguments, words):
    with pytest.raises(errors.InvalidParameterValue, match=words):
        shared_events.engine.run(
            "select * from pgops.operation_plan('app.events', 'convert', %s)", json.dumps(MONTHS | arguments)
        )


def test_a_partition_key_that_may_be_null_cannot_widen_a_primary_key(plain_events):
    engine = plain_events.engine
    engine.as_owner("create table app.users (id bigint primary key, born date); insert into app.users values (1, null)")
    by_year = {"by": {"range": "born", "every": "year"}, "name": "users_{year}", "ahead": 0, "wider_keys": True}
    with pytest.raises(errors.ObjectNotInPrerequisiteState, match='column "born" of app.users may be NULL'):
        plain_events.apply("convert", by_year, table="app.users")
    engine.as_owner("update app.users set born = '2001-01-01'; alter table app.users alter born set not null")
    plain_events.apply("convert", by_year, table="app.users")
    assert engine.value("select count(*) from app.users_2001") == 1
