"""A plan only reads, an apply does what it said, and both live with what people made by hand."""

from __future__ import annotations

from datetime import datetime

import pytest
from psycopg import errors

NOW = "2026-11-21 12:00+00"
MONTHLY = {"by": {"range": "date", "every": "month"}, "name": "t1_{year}_{month}"}


def test_plan_changes_nothing_and_apply_does_what_it_said(engine):
    engine.table()
    engine.set_policy(ahead=2, behind=1)
    plan = engine.plan(as_of=NOW)
    assert engine.plan(as_of=NOW) == plan
    assert engine.partitions() == []
    assert [(step["step"], step["operation"], step["partition_name"], step["lower_bound"]) for step in plan] == [
        (1, "create_default", "app.t1_default", None),
        (2, "create", "app.t1_2026_10", "2026-10-01 00:00:00+00"),
        (3, "create", "app.t1_2026_11", "2026-11-01 00:00:00+00"),
        (4, "create", "app.t1_2026_12", "2026-12-01 00:00:00+00"),
        (5, "create", "app.t1_2027_01", "2027-01-01 00:00:00+00"),
    ]
    engine.apply(NOW)
    assert engine.partitions() == ["t1_2026_10", "t1_2026_11", "t1_2026_12", "t1_2027_01", "t1_default"]
    assert {name: str(lower) for name, (lower, _) in engine.bounds().items()} == {
        step["partition_name"].removeprefix("app."): step["lower_bound"].removesuffix("+00") for step in plan[1:]
    }
    assert engine.events() == [f"{step['operation']} {step['partition_name']}" for step in plan]


def test_apply_again_does_nothing(engine):
    engine.table()
    engine.set_policy()
    engine.apply()
    events = engine.events()
    catalogue = engine.run("select oid, relfilenode from pg_class order by 1")
    assert engine.plan() == []
    engine.apply()
    assert engine.events() == events
    assert engine.run("select oid, relfilenode from pg_class order by 1") == catalogue


def test_lock_levels_are_those_taken(engine):
    """The plan's lock_level against what a step holds, seen from its hook."""
    engine.table()
    engine.as_owner(
        "create table app.seen (relation text, mode text);"
        "create function app.attached(partition regclass) returns void language sql begin atomic"
        " insert into app.seen select relation::regclass::text, mode from pg_catalog.pg_locks"
        " where locktype = 'relation' and pid = pg_catalog.pg_backend_pid() and relation in"
        "  ('app.t1'::regclass, (select partdefid from pg_catalog.pg_partitioned_table where partrelid = 'app.t1'::regclass))"
        "  and partition::text <> 'app.t1_default';"
        " end"
    )
    engine.set_policy(ahead=0, hooks={"attached": "app.attached"})
    lock_level = next(step["lock_level"] for step in engine.plan() if step["operation"] == "create")
    engine.apply()
    strongest = {"app.t1": "ShareRowExclusiveLock", "app.t1_default": "AccessExclusiveLock"}
    assert lock_level == "SHARE ROW EXCLUSIVE on app.t1, ACCESS EXCLUSIVE on app.t1_default"
    seen = set(engine.run("select relation, mode from app.seen"))
    assert set(strongest.items()) <= seen
    weak = {"AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock", "ShareRowExclusiveLock"}
    assert {mode for relation, mode in seen if relation == "app.t1"} <= weak


def test_time_goes_on(engine):
    engine.table()
    engine.set_policy(ahead=1)
    engine.apply("2026-11-30 23:59+00")
    engine.apply("2026-12-01 00:00+00")
    assert engine.partitions() == ["t1_2026_11", "t1_2026_12", "t1_2027_01", "t1_default"]


def test_nobody_ran_for_months(engine):
    engine.table()
    engine.set_policy(ahead=1)
    engine.apply("2026-01-15")
    engine.apply("2026-06-15")
    assert engine.partitions() == ["t1_2026_01", "t1_2026_02", "t1_2026_06", "t1_2026_07", "t1_default"]


def test_quoted_and_mixed_case_names(engine):
    engine.run('create schema "My ""App" authorization engine_owner')
    table = '"My ""App"."Ünser Tab\'le"'
    engine.as_owner(
        f'create table {table} ("Da""te %s" date, "ID" int) partition by range ("Da""te %s")'.replace("%", "%")
    )
    engine.set_policy(
        by={"range": 'Da"te %s', "every": "month"},
        name="P \"{year}\" '{month}' %I",
        default="Re%st",
        table=table,
        ahead=1,
    )
    engine.apply(NOW, table=table)
    engine.run(f"insert into {table} values ('2026-11-05', 1), ('2026-08-05', 2), (null, 3)")
    before = engine.rows(table)
    engine.apply(NOW, table=table)
    assert engine.rows(table) == before
    assert engine.rows_by_partition(table) == {"P \"2026\" '11' %I": 1, "P \"2026\" '08' %I": 1, "Re%st": 1}


def test_a_partition_of_the_same_bounds_counts_whatever_its_name(engine):
    engine.table()
    engine.as_owner(
        "create table app.by_hand partition of app.t1 for values from ('2026-12-01 00:00+00') to ('2027-01-01 00:00+00')"
    )
    engine.set_policy(ahead=2)
    engine.apply(NOW)
    assert engine.partitions() == ["t1_2026_11", "by_hand", "t1_2027_01", "t1_default"]
    assert engine.events("warning") == []


def test_partitions_in_another_schema_count(engine):
    engine.run("create schema attic authorization engine_owner")
    engine.table()
    engine.as_owner(
        "create table attic.t1_2026_11 partition of app.t1 for values from ('2026-11-01+00') to ('2026-12-01+00')"
    )
    engine.set_policy(ahead=1)
    engine.apply(NOW)
    assert engine.operations(as_of=NOW) == []
    assert engine.partitions() == ["t1_2026_11", "t1_2026_12", "t1_default"]


def test_the_rest_of_a_period_gets_a_partition(engine):
    engine.table()
    engine.as_owner(
        "create table app.by_hand partition of app.t1 for values from ('2026-11-10+00') to ('2026-12-05+00')"
    )
    engine.set_policy(ahead=1)
    by_hand = "app.by_hand (from 2026-11-10 00:00:00+00 up to 2026-12-05 00:00:00+00)"
    assert [step["description"].partition(", ")[2] for step in engine.plan(as_of=NOW)[1:]] == [
        f"the rest of a period beside {by_hand}"
    ] * 2
    engine.apply(NOW)
    assert engine.plan(as_of=NOW) == []
    assert engine.bounds() == {
        "t1_2026_11": (datetime(2026, 11, 1), datetime(2026, 11, 10)),
        "by_hand": (datetime(2026, 11, 10), datetime(2026, 12, 5)),
        "t1_2026_12": (datetime(2026, 12, 5), datetime(2027, 1, 1)),
    }


def test_several_gaps_are_reported_not_crashed(engine):
    engine.table()
    engine.as_owner(
        "create table app.by_hand partition of app.t1 for values from ('2026-12-10+00') to ('2026-12-12+00')"
    )
    engine.set_policy(ahead=2)
    assert engine.operations(as_of=NOW)[2] == ("blocked", "app.t1_2026_12")
    engine.apply(NOW)
    assert engine.partitions() == ["t1_2026_11", "by_hand", "t1_2027_01", "t1_default"]
    (warning,) = engine.events("warning")
    assert "app.t1_2026_12" in warning
    assert "app.by_hand (from 2026-12-10 00:00:00+00 up to 2026-12-12 00:00:00+00)" in warning
    assert "leave gaps" in warning
    engine.run("insert into app.t1 values ('2026-12-25', 1)")
    assert engine.rows_by_partition() == {"t1_default": 1}


@pytest.mark.parametrize("lower", ["minvalue", "'2026-12-01+00'", "'2020-01-01+00'"])
def test_periods_inside_an_unbounded_partition_are_blocked(engine, lower):
    engine.table()
    engine.as_owner(f"create table app.wide partition of app.t1 for values from ({lower}) to (maxvalue)")
    engine.set_policy(ahead=2, default=False)
    engine.apply(NOW)
    assert engine.partitions() == (["t1_2026_11", "wide"] if "12" in lower else ["wide"])
    blocked = engine.operations(as_of=NOW)
    assert blocked[-2:] == [("blocked", "app.t1_2026_12"), ("blocked", "app.t1_2027_01")]
    assert len(blocked) == (2 if "12" in lower else 3)
    assert all(
        f"app.wide (from {lower.upper() if lower == 'minvalue' else lower[1:11]}" in text and "up to MAXVALUE)" in text
        for text in engine.events("warning")
    )


def test_a_taken_name_is_reported_and_the_others_are_made(engine):
    engine.table()
    engine.as_owner("create table app.t1_2026_12 (like app.t1)")
    engine.set_policy(ahead=2)
    step = engine.plan(as_of=NOW)[2]
    assert (step["operation"], step["lock_level"]) == ("blocked", "none")
    engine.apply(NOW)
    assert engine.partitions() == ["t1_2026_11", "t1_2027_01", "t1_default"]
    (warning,) = engine.events("warning")
    assert "app.t1_2026_12" in warning
    assert "attach it, rename it or drop it" in warning
    engine.as_owner(
        "alter table app.t1 attach partition app.t1_2026_12 for values from ('2026-12-01+00') to ('2027-01-01+00')"
    )
    assert engine.plan(as_of=NOW) == []


def test_a_default_partition_of_another_name_is_recognised_and_kept(engine):
    engine.table()
    engine.as_owner("create table app.rest partition of app.t1 default")
    engine.set_policy(ahead=0, default=False)
    engine.apply(NOW)
    assert engine.partitions() == ["t1_2026_11", "rest"]


def test_a_taken_name_of_the_default_partition_is_reported(engine):
    engine.table()
    engine.as_owner("create table app.t1_default (n int)")
    engine.set_policy(ahead=0)
    assert engine.operations(as_of=NOW) == [("blocked", "app.t1_default"), ("create", "app.t1_2026_11")]
    engine.apply(NOW)
    assert engine.partitions() == ["t1_2026_11"]


def test_a_default_partition_can_be_named_and_left_out(engine):
    engine.table()
    engine.set_policy(ahead=0, default=False)
    engine.apply(NOW)
    assert engine.partitions() == ["t1_2026_11"]
    engine.set_policy(ahead=0, default="Rest")
    engine.apply(NOW)
    assert engine.partitions() == ["t1_2026_11", "Rest"]


def test_policy_changed_to_weeks_goes_on_where_the_months_end(engine):
    engine.table()
    engine.set_policy(ahead=0)
    engine.apply("2026-11-21")
    weekly = {"by": {"range": "date", "every": "week"}, "name": "t1_{year}_w{week}", "ahead": 2}
    engine.set_policy(weekly)
    plan = engine.plan(as_of="2026-11-21")
    assert [(step["operation"], step["partition_name"]) for step in plan] == [
        ("blocked", "app.t1_2026_w47"),
        ("blocked", "app.t1_2026_w48"),
        ("create", "app.t1_2026_w49"),
    ]
    month = "app.t1_2026_11 (from 2026-11-01 00:00:00+00 up to 2026-12-01 00:00:00+00)"
    assert plan[0]["description"] == (
        "cannot make app.t1_2026_w47 for date from 2026-11-16 00:00:00+00 up to 2026-11-23 00:00:00+00:"
        f" its rows belong to {month}; detach what is in the way to have it made"
    )
    assert (plan[0]["lower_bound"], plan[0]["upper_bound"]) == ("2026-11-16 00:00:00+00", "2026-11-23 00:00:00+00")
    assert plan[2]["description"].endswith(f", the rest of a period beside {month}")
    engine.apply("2026-11-21")
    assert engine.bounds() == {
        "t1_2026_11": (datetime(2026, 11, 1), datetime(2026, 12, 1)),
        "t1_2026_w49": (datetime(2026, 12, 1), datetime(2026, 12, 7)),
    }
    assert engine.events("warning") == [step["description"] for step in plan[:2]]
    # What could be made of week 49 is there.
    assert engine.operations(as_of="2026-11-21") == [("blocked", "app.t1_2026_w47"), ("blocked", "app.t1_2026_w48")]


def test_policy_changed_to_days_over_existing_months(engine):
    engine.table()
    engine.set_policy(ahead=3)
    engine.apply(NOW)
    daily = {"by": {"range": "date", "every": "day"}, "name": "t1_{year}_{month}_{day}", "ahead": 3}
    plan = engine.plan(policy=daily, as_of=NOW)
    assert [(step["operation"], step["partition_name"]) for step in plan] == [
        ("blocked", f"app.t1_2026_11_{day}") for day in (21, 22, 23, 24)
    ]
    assert all("app.t1_2026_11 (from 2026-11-01" in step["description"] for step in plan)
    assert all(step["lock_level"] == "none" for step in plan)


def test_policy_changed_to_months_over_existing_days(engine):
    engine.table()
    engine.set_policy(by={"range": "date", "every": "day"}, name="t1_{year}_{month}_{day}", ahead=30, default=False)
    engine.apply("2026-11-01")
    engine.apply("2026-12-01")
    november, december = engine.plan(policy={**MONTHLY, "ahead": 1, "default": False}, as_of=NOW)
    assert (november["operation"], november["partition_name"]) == ("blocked", "app.t1_2026_11")
    assert november["description"] == (
        "cannot make app.t1_2026_11 for date from 2026-11-01 00:00:00+00 up to 2026-12-01 00:00:00+00: its rows belong to"
        " app.t1_2026_11_01 (from 2026-11-01 00:00:00+00 up to 2026-11-02 00:00:00+00) and 29 other partitions;"
        " detach what is in the way to have it made"
    )
    assert december["operation"] == "blocked"


def test_time_zone_changed_leaves_no_gap(engine):
    engine.table()
    engine.set_policy(ahead=0)
    engine.apply(NOW)
    engine.set_policy(ahead=1, time_zone="Europe/Berlin")
    engine.apply(NOW)
    assert engine.bounds() == {
        "t1_2026_11": (datetime(2026, 11, 1), datetime(2026, 12, 1)),
        "t1_2026_12": (datetime(2026, 12, 1), datetime(2026, 12, 31, 23)),
    }
    # Berlin's November began an hour before, where no partition was; its name is taken by what was made for UTC.
    (warning,) = engine.events("warning")
    assert "from 2026-10-31 23:00:00+00 up to 2026-11-01 00:00:00+00" in warning


def test_a_given_policy_is_planned_without_being_stored(engine):
    engine.table()
    engine.set_policy(ahead=0)
    other = {"by": {"range": "date", "every": "year"}, "name": "y{year}", "ahead": 1, "default": False}
    assert [step["partition_name"] for step in engine.plan(policy=other, as_of=NOW)] == ["app.y2026", "app.y2027"]
    assert engine.operations(as_of=NOW) == [("create_default", "app.t1_default"), ("create", "app.t1_2026_11")]
    with pytest.raises(errors.InvalidParameterValue, match='"ahead" is -3'):
        engine.plan(policy=other | {"ahead": -3})


def test_ensure_makes_what_is_asked_for_and_no_more(engine):
    engine.table()
    engine.set_policy(retention={"keep": "1 month", "then": "drop"})
    engine.ensure("2024-01-31 23:59+00", "2024-04-01 00:00+00")
    assert engine.partitions() == ["t1_2024_01", "t1_2024_02", "t1_2024_03"]
    engine.ensure("2024-01-31 23:59+00", "2024-04-01 00:00+00")
    engine.ensure("2024-04-01 00:00+00", "2024-04-01 00:00:00.000001+00")
    assert engine.partitions() == ["t1_2024_01", "t1_2024_02", "t1_2024_03", "t1_2024_04"]


@pytest.mark.parametrize(
    ("from_time", "upto"),
    [("2026-01-01", "2026-01-01"), ("2026-01-02", "2026-01-01"), (None, "2026-01-01"), ("2026-01-01", "infinity")],
)
def test_ensure_refuses_what_is_no_range(engine, from_time, upto):
    engine.table()
    engine.set_policy()
    with pytest.raises(errors.InvalidParameterValue, match="is no range; accepted: two moments"):
        engine.ensure(from_time, upto)


def test_too_many_periods_are_refused_before_anything_is_made(engine):
    engine.table()
    engine.set_policy(by={"range": "date", "every": "day"}, name="t1_{year}_{month}_{day}", ahead=1000, behind=1000)
    with pytest.raises(errors.ProgramLimitExceeded, match="more than 1200 periods of a day"):
        engine.apply()
    with pytest.raises(errors.ProgramLimitExceeded, match="more than 1200 periods of a day"):
        engine.ensure("0001-01-01", "9999-01-01")
    assert engine.partitions() == []


COMMITTING = [
    ("pgops.partition_apply", "'app.t1'"),
    ("pgops.partition_ensure", "'app.t1', '2026-01-01', '2026-02-01'"),
    ("pgops.maintain", ""),
]


@pytest.mark.parametrize(("procedure", "arguments"), COMMITTING)
def test_what_commits_is_refused_inside_a_transaction_block(engine, procedure, arguments):
    engine.table()
    engine.set_policy()
    call = f"call {procedure}({arguments})"
    engine.run(f"create function app.f() returns void language plpgsql as $$ begin {call}; end $$")
    for statements in (["begin", call], [f"begin; {call}"], [f"select 1; {call}"], ["select app.f()"]):
        with pytest.raises(errors.InvalidTransactionTermination) as refused:
            for statement in statements:
                engine.superuser.execute(statement)
        engine.superuser.execute("rollback")
        diagnostic = refused.value.diag
        assert diagnostic.message_primary == (
            f"{procedure}() commits as it goes and cannot run inside a transaction block"
        )
        assert f"CALL {procedure}() by itself" in diagnostic.message_hint
    assert engine.partitions() == []
    assert engine.events() == []


@pytest.mark.parametrize(("procedure", "arguments"), COMMITTING)
def test_what_commits_may_be_called_from_what_may_commit(engine, procedure, arguments):
    engine.table()
    engine.set_policy(ahead=0, default=False)
    engine.run(f"do $$ begin commit; call {procedure}({arguments}); end $$")
    assert len(engine.partitions()) == 1
    engine.run(f"create procedure app.p() language plpgsql as $$ begin call {procedure}({arguments}); commit; end $$")
    session = engine.session()
    session.execute("set default_transaction_isolation = 'serializable'")
    engine.run("grant execute on procedure app.p() to engine_jobs")
    session.execute("call app.p()")
    session.execute(f"call {procedure}({arguments})")
    assert engine.events("error") == []


def test_a_step_that_fails_does_not_stop_the_others(engine):
    engine.table()
    engine.as_owner(
        "create function app.attached(partition regclass) returns void language plpgsql as"
        " $$ begin if partition::text like '%2026_12' then raise 'not in December'; end if; end $$"
    )
    engine.set_policy(ahead=2, hooks={"attached": "app.attached"})
    with pytest.raises(
        errors.RaiseException, match=r"a step failed for partitions of app\.t1: create app\.t1_2026_12: not in"
    ):
        engine.apply(NOW)
    assert engine.partitions() == ["t1_2026_11", "t1_2027_01", "t1_default"]
    assert engine.events("error") == ["create app.t1_2026_12: not in December (SQLSTATE P0001)"]
    assert engine.value("select last_error from pgops.partition_status") == engine.events("error")[0]
    engine.as_owner("create or replace function app.attached(partition regclass) returns void language sql as ''")
    engine.apply(NOW)
    assert engine.partitions() == ["t1_2026_11", "t1_2026_12", "t1_2027_01", "t1_default"]
    assert engine.value(
        "select last_error is null and last_error_at is null and last_applied_at is not null from pgops.partition_status"
    )


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
def test_the_default_isolation_level_does_not_matter(engine, isolation):
    engine.table()
    engine.set_policy(ahead=0)
    engine.apply(NOW)
    engine.run("insert into app.t1 values ('2026-05-05', 1)")
    engine.run(f"set default_transaction_isolation = '{isolation}'")
    engine.apply(NOW)
    assert engine.rows_by_partition() == {"t1_2026_05": 1}


def test_an_interrupted_concurrent_detach_is_finished(engine):
    engine.table()
    engine.set_policy(ahead=1, default=False)
    engine.apply(NOW)
    reader, detacher = engine.session("postgres", autocommit=False), engine.session("postgres")
    reader.execute("select * from app.t1").fetchall()
    detacher.execute("set lock_timeout = '100ms'")
    with pytest.raises((errors.LockNotAvailable, errors.QueryCanceled)):
        detacher.execute("alter table app.t1 detach partition app.t1_2026_12 concurrently")
    reader.rollback()
    assert engine.operations(as_of=NOW) == [("finalize_detach", "app.t1_2026_12")]
    engine.apply(NOW)
    assert engine.partitions() == ["t1_2026_11"]
    assert engine.operations(as_of=NOW) == [("blocked", "app.t1_2026_12")]
