"""Retention: only what is wholly older goes, the default never."""

from __future__ import annotations

import json

import pytest
from psycopg import errors


@pytest.fixture
def table(engine):
    engine.table()
    engine.set_policy(ahead=0)
    engine.ensure("2026-01-01+00", "2026-05-01+00")
    engine.run(
        "insert into app.t1 select m, 1 from generate_series('2026-01-01+00', '2026-04-30+00', interval '1 day') m"
    )
    return engine


def test_nothing_goes_without_retention(table):
    table.apply("2036-01-01+00")
    assert {"t1_2026_01", "t1_2026_04"} <= set(table.partitions())


@pytest.mark.parametrize(
    ("as_of", "gone"),
    [
        ("2026-02-28 23:59:59.999999+00", 0),  # a month before is 28 January
        ("2026-03-01 00:00+00", 1),
        ("2026-03-31 23:59+00", 1),
        ("2026-04-01 00:00+00", 2),
    ],
)
def test_a_partition_goes_when_all_of_it_is_older(table, as_of, gone):
    table.set_policy(ahead=0, behind=12, retention={"keep": "1 month", "then": "drop"})
    table.apply(as_of)
    ranges = ["t1_2026_01", "t1_2026_02", "t1_2026_03", "t1_2026_04"]
    assert table.partitions() == [*ranges[gone:], "t1_default"]
    assert table.operations(as_of=as_of) == []


def test_detached_partitions_keep_their_rows(table):
    table.set_policy(ahead=0, retention={"keep": "60 days", "then": "detach"})
    (step,) = [step for step in table.plan(as_of="2026-04-05+00") if step["operation"] == "detach"]
    assert (step["partition_name"], step["upper_bound"]) == ("app.t1_2026_01", "2026-02-01 00:00:00+00")
    table.apply("2026-04-05+00")
    assert table.partitions() == ["t1_2026_02", "t1_2026_03", "t1_2026_04", "t1_default"]
    assert table.value("select count(*) from app.t1_2026_01") == 31
    assert table.value("select count(*) from app.t1") == 120 - 31


def test_dropped_partitions_are_gone(table):
    table.set_policy(ahead=0, retention={"keep": "2 months", "then": "drop"})
    table.apply("2026-05-05+00")
    assert table.value("select to_regclass('app.t1_2026_01') is null and to_regclass('app.t1_2026_02') is null")
    assert table.value("select count(*) from app.t1") == 61


def test_the_default_and_what_has_no_upper_end_stay(engine):
    engine.table()
    engine.as_owner(
        "create table app.old partition of app.t1 for values from (minvalue) to ('2000-01-01+00');"
        "create table app.coming partition of app.t1 for values from ('2000-01-01+00') to (maxvalue);"
        "create table app.rest partition of app.t1 default"
    )
    engine.set_policy(ahead=0, retention={"keep": "1 day", "then": "drop"})
    engine.apply("2500-01-01")
    assert engine.partitions() == ["coming", "rest"]


def test_partitions_made_by_hand_age_too(engine):
    engine.table("date")
    engine.run("create schema attic authorization engine_owner")
    engine.as_owner(
        "create table attic.\"By hand\" partition of app.t1 for values from ('2025-01-05') to ('2025-01-15')"
    )
    engine.set_policy(ahead=0, default=False, retention={"keep": "1 week", "then": "detach"})
    # January has gaps on either side of it: what is blocked does not keep the rest from being done.
    engine.apply("2025-01-21 23:59+00")
    assert engine.partitions() == ["By hand"]
    engine.apply("2025-01-22 00:00+00")
    assert engine.partitions() == []
    assert engine.value('select count(*) from attic."By hand"') == 0


def test_the_calendar_of_the_time_zone_counts(engine):
    engine.table()
    engine.set_policy(by={"range": "date", "every": "day"}, name="d_{year}_{month}_{day}", ahead=0, default=False,
        time_zone="Pacific/Apia", retention={"keep": "1 day", "then": "drop"})  # fmt: skip
    engine.ensure("2026-11-01 Pacific/Apia", "2026-11-02 Pacific/Apia")
    engine.apply("2026-11-02 23:59 Pacific/Apia")
    assert engine.partitions() == ["d_2026_11_01", "d_2026_11_02"]
    engine.apply("2026-11-03 00:00 Pacific/Apia")
    assert engine.partitions() == ["d_2026_11_02", "d_2026_11_03"]


def test_a_partition_that_others_refer_to_stays_and_is_reported(table):
    table.as_owner(
        "create table app.child (id bigint, date timestamptz, foreign key (id, date) references app.t1 (id, date))"
    )
    table.run("insert into app.child values (1, '2026-02-05+00')")
    table.set_policy(ahead=0, retention={"keep": "1 month", "then": "drop"})
    with pytest.raises(errors.RaiseException, match=r"drop app\.t1_2026_02: .*foreign key"):
        table.apply("2026-04-30+00")
    assert table.partitions() == ["t1_2026_02", "t1_2026_03", "t1_2026_04", "t1_default"]


def test_maintenance_drops_nothing_that_the_archive_does_not_hold(table):
    """Number and checksum are compared for archiving by policy, too: one row lost, and one changed."""
    table.set_policy(ahead=0, retention={"keep": "2 months", "then": "archive", "into": "app.t1_archive"})
    table.as_owner(
        "create table app.t1_archive (like app.t1, archived_at timestamptz not null, archive_reason text);"
        "create function app.spoil() returns trigger language plpgsql as $$ begin"
        # Only when the partition has left: what is tried before is not lost.
        " if new.date = '2026-01-07+00' and to_regclass('app.t1_2026_01') is null then return null; end if;"
        " if new.date = '2026-02-07+00' then new.note := 'other'; end if; return new; end $$;"
        "create trigger spoil before insert on app.t1_archive for each row execute function app.spoil()"
    )
    before = table.rows()
    with pytest.raises(
        errors.RaiseException, match=r"does not hold what .*\(rows, checksum\) are \(30,.* instead of \(31,"
    ):
        table.apply("2026-05-15+00")
    left = table.value("select (sources #>> '{0,oid}')::oid::regclass::text from pgops.operation")
    assert table.value(f"select count(*) from {left}") == 31
    # What the archive lacks is added by hand; then the next month is compared.
    table.as_owner(
        "alter table app.t1_archive disable trigger spoil;"
        f"insert into app.t1_archive select t.*, a.archived_at, a.archive_reason from {left} as t,"
        " (select archived_at, archive_reason from app.t1_archive limit 1) as a where t.date = '2026-01-07+00';"
        "alter table app.t1_archive enable trigger spoil"
    )
    table.run(f"call pgops.operation_resume({table.value('select operation_id from pgops.operation')})")
    assert table.value("select to_regclass(%s) is null", left)
    with pytest.raises(errors.RaiseException, match=r"does not hold what .* are \(28,-?\d+\) instead of \(28,-?\d+\)"):
        table.apply("2026-05-15+00")
    left = table.value(
        "select (sources #>> '{0,oid}')::oid::regclass::text from pgops.operation where state = 'failed'"
    )
    assert table.value(f"select count(*) from {left}") == 28
    assert table.rows()[0] + 31 + 28 == before[0]
    assert len([message for message in table.events("error") if "does not hold what" in message]) == 2


@pytest.mark.parametrize("phases", [[], ["wait"], ["wait", "switch"], ["wait", "switch", "archive"]])
def test_the_next_run_goes_on_with_an_archiving_that_was_killed(table, phases):
    table.set_policy(ahead=0, retention={"keep": "2 months", "then": "archive", "into": "app.t1_archive"})
    before = table.rows()
    killed = table.session()
    number = killed.execute(
        "select pgops.start_operation('app.t1', 'archive', %s, '{}')",
        [json.dumps({"partition": "t1_2026_01", "into": "app.t1_archive", "reason": "retention: 2 months"})],
    ).fetchone()[0]
    for phase in phases:
        assert killed.execute("select problem from pgops.try_operation_step(%s, %s)", [number, phase]).fetchone() == (
            None,
        )
    killed.close()
    table.apply("2026-05-15+00")
    assert table.run("select state, count(*) from pgops.operation group by 1") == [("done", 2)]
    assert table.partitions() == ["t1_2026_03", "t1_2026_04", "t1_2026_05", "t1_default"]
    assert table.rows()[0] + table.value("select count(*) from app.t1_archive") == before[0]
    assert table.value("select count(distinct date) from app.t1_archive") == 59


def test_maintenance_goes_on_with_an_archiving_that_was_killed(table):
    table.set_policy(ahead=0, behind=1, retention={"keep": "2 months", "then": "archive", "into": "app.t1_archive"})
    killed = table.session()
    killed.execute(
        "select pgops.try_operation_step(pgops.start_operation('app.t1', 'archive', %s, '{}'), 'wait')",
        [json.dumps({"partition": "t1_2026_01", "into": "app.t1_archive", "reason": "retention: 2 months"})],
    )
    killed.close()
    table.session().execute("call pgops.maintain()")
    assert table.value("select state from pgops.operation order by operation_id limit 1") == "done"
    assert table.value("select count(*) from app.t1_archive") >= 31


def test_an_archiving_that_an_operator_has_begun_is_left_to_him(table):
    table.set_policy(ahead=0, retention={"keep": "2 months", "then": "archive", "into": "app.t1_archive"})
    other = table.session()
    for arguments, options in (
        ({"reason": "mine"}, {}),
        ({"reason": "retention: 2 months"}, {"switch": "wait"}),
        ({"reason": "retention: 2 months"}, {"switch_after": "2100-01-01"}),
    ):
        number = other.execute(
            "select pgops.start_operation('app.t1', 'archive', %s, %s)",
            [
                json.dumps({"partition": "t1_2026_01", "into": "app.t1_archive"} | arguments),
                json.dumps(options),
            ],
        ).fetchone()[0]
        with pytest.raises(errors.ObjectInUse, match=rf"operation {number} \(archive\) changes the partitions"):
            table.apply("2026-05-15+00")
        other.execute("call pgops.operation_cancel(%s)", [number])


def test_archiving_is_planned_with_where_the_rows_go(table):
    table.set_policy(
        ahead=0, retention={"keep": "2 months", "then": "archive", "into": "app.t1_archive", "reason": "old"}
    )
    steps = [step for step in table.plan(as_of="2026-04-05+00") if step["operation"] == "archive"]
    assert [(step["partition_name"], step["bound"]) for step in steps] == [
        ("app.t1_2026_01", "FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2026-02-01 00:00:00+00')")
    ]
    assert steps[0]["description"] == "archive app.t1_2026_01 into app.t1_archive, all of it older than 2 months"
    assert table.value("select count(*) from app.t1") == 120
