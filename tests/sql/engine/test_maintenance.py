"""The daily call, the event log, settings, status, and pg_cron's history."""

from __future__ import annotations

import pytest
from psycopg import errors
from servers import apply_set


def test_maintain_does_all_tables_and_one_failing_stops_none(engine):
    for name in ("app.a", "app.b", "app.c"):
        engine.table(name=name)
        engine.set_policy(table=name, name=name.removeprefix("app.") + "_{year}_{month}", ahead=0)
    engine.as_owner("alter table app.b rename column date to day")
    with pytest.raises(
        errors.RaiseException, match='maintenance failed for 1 of 3 tables: app.b: no plan: .*"by.range" is "date"'
    ):
        engine.session().execute("call pgops.maintain()")
    assert len(engine.partitions("app.a")) == len(engine.partitions("app.c")) == 2
    assert engine.partitions("app.b") == []
    assert engine.run("select parent::text from pgops.partition_status where last_error is not null") == [("app.b",)]
    assert len(engine.events("error")) == 1
    engine.as_owner("alter table app.b rename column day to date")
    engine.session().execute("call pgops.maintain()")
    assert len(engine.partitions("app.b")) == 2
    assert engine.run("select parent::text from pgops.partition_status where last_error is not null") == []


def test_maintain_without_right_on_a_table_says_so_and_does_the_others(engine):
    engine.table(name="app.a")
    engine.run("create table app.b (date date) partition by range (date)")
    for name in ("app.a", "app.b"):
        engine.set_policy(table=name, name=name.removeprefix("app.") + "_{year}_{month}", ahead=0)
    with pytest.raises(
        errors.RaiseException, match='1 of 2 tables: app.b: no plan: permission denied .* owner "postgres"'
    ):
        engine.session().execute("call pgops.maintain()")
    assert len(engine.partitions("app.a")) == 2
    assert engine.partitions("app.b") == []


def test_a_dropped_table_is_forgotten_with_a_warning(engine):
    engine.table()
    engine.set_policy()
    engine.as_owner("drop table app.t1")
    assert engine.run("select periods_ahead, partitions from pgops.partition_status") == [(None, None)]
    engine.session().execute("call pgops.maintain()")
    assert engine.value("select count(*) from pgops.partition_policy") == 0
    (warning,) = engine.events("warning")
    assert "t1_{year}_{month}" in warning
    assert "no longer exists" in warning


def test_a_renamed_table_keeps_its_policy(engine):
    engine.table()
    engine.set_policy(ahead=0)
    engine.as_owner("alter table app.t1 rename to other")
    engine.apply("2026-11-21", table="app.other")
    assert engine.partitions("app.other") == ["t1_2026_11", "other_default"]


def test_old_events_are_purged(engine):
    engine.run("select pgops.log_event('info', 'test', null, 'new')")
    engine.run("insert into pgops.event (severity, source, message, occurred_at)"
        " values ('info', 'test', 'old', now() - interval '91 days'), ('info', 'test', 'kept', now() - interval '89 days')")  # fmt: skip
    engine.session().execute("call pgops.maintain()")
    assert sorted(engine.events()) == ["kept", "new"]


@pytest.mark.parametrize("severity", ["debug", "ERROR", ""])
def test_an_unknown_severity_is_refused(engine, severity):
    with pytest.raises(errors.CheckViolation, match="severity_known"):
        engine.run("select pgops.log_event(%s, 'test', null, 'x')", severity)


def test_an_operator_logs_and_who_it_was_is_known(engine):
    engine.session("engine_operator").execute(
        "select pgops.log_event('warning', 'test', 'app.t1', 'looks odd', '{\"n\": 1}')"
    )
    assert engine.run("select severity, source, object_name, message, details, logged_by::text from pgops.event") == [
        ("warning", "test", "app.t1", "looks odd", {"n": 1}, "engine_operator")
    ]


@pytest.mark.parametrize(
    ("name", "value"), [("lock_timeout", 0), ("lock_timeout", 1000), ("lock_tries", 0), ("event_keep", 0)]
)
def test_settings_have_bounds(engine, name, value):
    with pytest.raises(errors.CheckViolation, match="value_in_range"):
        engine.run("update pgops.configuration set value = %s where name = %s", value, name)


def test_an_unknown_setting_names_those_that_there_are(engine):
    with pytest.raises(errors.UndefinedObject) as caught:
        engine.run("select pgops.configuration_value('lock_time')")
    assert "lock_timeout" in caught.value.diag.message_hint


def test_status(engine):
    engine.table()
    engine.set_policy(ahead=2)
    question = (
        "select parent::text, every, periods_wanted_ahead, periods_ahead, partitions, last_bound,"
        " default_partition::text, default_has_rows, last_applied_at is null from pgops.partition_status"
    )
    assert engine.run(question) == [("app.t1", "month", 2, -1, 0, "none", None, None, True)]
    engine.apply()
    last_bound = engine.value("select date_trunc('month', now() at time zone 'UTC') + interval '3 months'")
    assert engine.run(question) == [("app.t1", "month", 2, 2, 3, f"{last_bound}+00", "app.t1_default", False, False)]
    engine.as_owner("create table app.far partition of app.t1 for values from ('2500-01-01') to (maxvalue)")
    engine.run("insert into app.t1 values ('2400-01-01', 1)")
    with engine.session("engine_monitor") as monitor:
        assert monitor.execute(question).fetchall() == [
            ("app.t1", "month", 2, 2, 4, "infinity", "app.t1_default", True, False)
        ]


def test_scripts_applied_again_change_nothing(engine):
    assert apply_set(engine.superuser, "pgops") == []


def test_scripts_that_changed_can_be_applied_again(engine):
    engine.run("update pgops.applied_script set body = '' where name like 'R%'")
    assert len(apply_set(engine.superuser, "pgops")) > 50


class TestCronHistory:
    """Needs pg_cron."""

    @pytest.fixture
    def cron_database(self, extended_server):
        with extended_server.cron_database(lambda connection: apply_set(connection, "pgops")) as connection:
            yield connection

    def test_old_runs_go(self, cron_database):
        cron_database.execute(
            "insert into cron.job_run_details (jobid, runid, username, status, start_time, end_time) values"
            " (1, 1, 'a', 'succeeded', now() - interval '9 days', now() - interval '8 days'),"
            " (1, 2, 'b', 'failed', now() - interval '8 days', null),"
            " (1, 3, 'b', 'running', now() - interval '8 days', null),"
            " (1, 4, 'b', 'succeeded', now() - interval '8 days', now() - interval '6 days')"
        )
        assert cron_database.execute("select pgops.purge_cron_history()").fetchone() == (2,)
        assert cron_database.execute("select runid from cron.job_run_details order by 1").fetchall() == [(3,), (4,)]
        assert cron_database.execute("select pgops.purge_cron_history('0')").fetchone() == (1,)

    def test_runs_of_other_roles_go_too(self, cron_database):
        cron_database.execute(
            "insert into cron.job_run_details (jobid, runid, username, status, start_time, end_time)"
            " values (1, 1, 'somebody', 'succeeded', now() - interval '9 days', now() - interval '8 days');"
        )
        cron_database.execute("set role pgops_operator")
        assert cron_database.execute("select pgops.purge_cron_history()").fetchone() == (1,)

    @pytest.mark.parametrize("keep", ["-1 day", None])
    def test_a_bad_age_is_refused(self, cron_database, keep):
        with pytest.raises(errors.InvalidParameterValue, match="accepted: an interval of zero or more"):
            cron_database.execute("select pgops.purge_cron_history(%s)", [keep])

    def test_the_daily_job_runs_as_pg_cron_runs_it(self, cron_database, extended_server):
        """In a background worker of pg_cron: COMMIT within the procedure, SET LOCAL ROLE to an owner."""
        cron_database.execute(
            "do $$ begin create role cron_owner; create role cron_jobs login;"
            " exception when duplicate_object then null; end $$;"
            "grant cron_owner to cron_jobs with inherit false, set true; grant pgops_operator to cron_jobs;"
            "grant usage on schema cron to cron_jobs;"
            "create schema app authorization cron_owner; set role cron_owner;"
            "create table app.t1 (date date) partition by range (date); reset role;"
            "select pgops.set_partition_policy('app.t1',"
            ' \'{"by": {"range": "date", "every": "month"}, "name": "t1_{year}_{month}", "ahead": 1}\')'
        )
        with extended_server.connect(cron_database.info.dbname, user="cron_jobs") as jobs:
            jobs.execute("select cron.schedule('maintenance', '1 second', 'call pgops.maintain()')")
        for _ in range(150):
            statuses = cron_database.execute("select status, return_message from cron.job_run_details").fetchall()
            if any(status in ("succeeded", "failed") for status, _ in statuses):
                break
            cron_database.execute("select pg_sleep(0.1)")
        cron_database.execute("select cron.unschedule(jobid) from cron.job")
        assert "succeeded" in [status for status, _ in statuses], statuses
        assert cron_database.execute("select count(*) from pgops.partitions('app.t1')").fetchone() == (3,)


def test_without_pg_cron_the_purge_says_so(engine):
    with pytest.raises(errors.UndefinedTable, match="pg_cron is not installed in it"):
        engine.run("select pgops.purge_cron_history()")
