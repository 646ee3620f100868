"""postgresql_cron_job on a real pg_cron: users, foreign jobs, adoption, removal, refusals, damage."""

from __future__ import annotations

import pytest

from tests.modules.harness import Modules
from tests.sql.servers import CRON_DATABASE

MODULE = "postgresql_cron_job"
RUNNER = "modules_test_jobs"
OTHER = "modules_test_other"
# Never due while a test runs.
INSERT = {"name": "t1-insert", "cron": "0 0 29 feb *", "run": "select 1", "as": RUNNER}
PURGE = {"name": "purge", "cron": "0 0 $ * mon-fri", "run": "select '100%'", "active": False}


@pytest.fixture
def database(server):
    with server.connect() as connection:
        for role in (RUNNER, OTHER):
            connection.execute(f"drop role if exists {role}")
            connection.execute(f"create role {role} login")
    with server.cron_database() as connection:
        yield connection


@pytest.fixture
def modules(server, database):
    return Modules(server.host, server.port, CRON_DATABASE)


@pytest.fixture
def state(database):
    def read():
        return database.execute(
            "select jobname, schedule, command, username, database, active from cron.job order by jobname, username"
        ).fetchall()

    return read


def test_pattern(state, pattern, database):
    done = pattern(MODULE, state, jobs=[INSERT, PURGE])
    assert state() == [
        ("purge", "0 0 $ * mon-fri", "select '100%'", "postgres", CRON_DATABASE, False),
        ("t1-insert", "0 0 29 feb *", "select 1", RUNNER, CRON_DATABASE, True),
    ]
    assert [job["change"] for job in done["jobs"]] == ["created", "created"]
    assert done["diff"][0]["after"] == {
        "schedule": "0 0 29 feb *",
        "command": "select 1",
        "user": RUNNER,
        "database": CRON_DATABASE,
        "active": True,
        "declared": True,
    }


@pytest.mark.parametrize(
    "damage",
    [
        "select cron.alter_job(jobid, schedule := '1 1 1 1 1') from cron.job where jobname = 't1-insert'",
        "select cron.alter_job(jobid, active := false) from cron.job where jobname = 't1-insert'",
        f"select cron.alter_job(jobid, username := '{OTHER}') from cron.job where jobname = 't1-insert'",
        "select cron.alter_job(jobid, database := 'postgres') from cron.job where jobname = 't1-insert'",
        "select cron.unschedule(jobid) from cron.job where jobname = 't1-insert'",
    ],
)
def test_damage_is_mended(modules, database, state, pattern, damage):
    modules.run(MODULE, jobs=[INSERT, PURGE])
    asked = state()
    database.execute(damage)
    pattern(MODULE, state, jobs=[INSERT, PURGE])
    assert state() == asked


def test_alteration_keeps_the_job_and_its_history(modules, database, state, pattern):
    modules.run(MODULE, jobs=[INSERT])
    jobid = database.execute("select jobid from cron.job").fetchone()
    moved = {**INSERT, "as": OTHER, "cron": None, "every": "59  seconds", "active": False}
    done = pattern(MODULE, state, jobs=[moved])
    assert database.execute("select jobid from cron.job").fetchone() == jobid
    assert state() == [("t1-insert", "59 seconds", "select 1", OTHER, CRON_DATABASE, False)]
    assert done["jobs"][0]["change"] == "altered"
    assert done["diff"][0]["before"]["user"] == RUNNER
    assert done["diff"][0]["after"]["user"] == OTHER


def test_foreign_jobs_are_left_alone_and_reported(modules, database, state):
    database.execute("select cron.schedule('foreign', '@yearly', 'select 2'), cron.schedule('@yearly', 'select 3')")
    foreign = state()
    result = modules.run(MODULE, jobs=[], remove_undeclared=True)
    assert not result["changed"]
    assert state() == foreign
    assert [(job["name"], job["command"], job["declared_by"]) for job in result["undeclared"]] == [
        ("foreign", "select 2", None),
        (None, "select 3", None),
    ]


def test_undeclared_job_of_our_own_is_reported_or_removed(modules, database, state, pattern):
    database.execute("select cron.schedule('foreign', '@yearly', 'select 2')")
    modules.run(MODULE, jobs=[INSERT, PURGE])
    modules.run(MODULE, jobs=[{**PURGE, "name": "other system"}], declared_by="other", remove_undeclared=True)
    kept = modules.run(MODULE, jobs=[PURGE])
    assert not kept["changed"]
    assert [(job["name"], job["declared_by"]) for job in kept["undeclared"]] == [
        ("foreign", None),
        ("other system", "other"),
        ("t1-insert", "pgops"),
    ]
    pattern(MODULE, state, jobs=[PURGE], remove_undeclared=True)
    assert [row[0] for row in state()] == ["foreign", "other system", "purge"]


def test_foreign_job_of_declared_name_and_user_is_adopted(database, modules, state, pattern):
    database.execute("select cron.schedule('purge', '0 0 $ * mon-fri', 'select 5')")
    done = pattern(MODULE, state, jobs=[PURGE])
    assert done["jobs"][0]["change"] == "adopted"
    assert state() == [("purge", "0 0 $ * mon-fri", "select '100%'", "postgres", CRON_DATABASE, False)]
    assert modules.run(MODULE, jobs=[], remove_undeclared=True)["changed"]
    assert state() == []


def test_foreign_job_of_the_same_name_under_another_user_gets_a_warning(modules, database, state):
    database.execute("select cron.schedule('t1-insert', '@yearly', 'select 5')")
    result = modules.run(MODULE, jobs=[INSERT])
    assert [row[3] for row in state()] == [RUNNER, "postgres"]
    assert [job["user"] for job in result["undeclared"]] == ["postgres"]
    assert "t1-insert of user postgres was made elsewhere" in result["warnings"][0]


def test_absent(modules, database, state, pattern):
    modules.run(MODULE, jobs=[INSERT, PURGE])
    done = pattern(MODULE, state, jobs=[{"name": "t1-insert", "state": "absent"}])
    assert [row[0] for row in state()] == ["purge"]
    assert done["diff"][0]["after"] == ""


@pytest.mark.parametrize(
    ("job", "message"),
    [
        ({"every": "0 seconds"}, "job bad: every '0 seconds' is not a schedule: accepted: 1 to 59 seconds"),
        ({"every": "2 minutes"}, "job bad: every '2 minutes' is not a schedule"),
        ({"cron": "61 * * * *"}, "job bad: cron '61 * * * *' is not a schedule: minute '61'"),
        ({"cron": "* * * *"}, "4 fields instead of 5"),
        ({"cron": "* * * * *", "every": "5 seconds"}, "job bad has every '5 seconds' and cron '* * * * *': set either"),
        ({}, "job bad has no schedule"),
        ({"cron": "* * * * *", "run": " "}, "job bad has nothing to run"),
        ({"cron": "* * * * *", "as": "nobody_there"}, "job bad: role nobody_there does not exist"),
        ({"cron": "* * * * *", "as": "pg_monitor"}, "role pg_monitor is not allowed to log in"),
        ({"cron": "* * * * *", "database": "nowhere"}, "job bad: database nowhere does not exist"),
    ],
)
def test_bad_job_is_refused_before_any_is_touched(modules, state, job, message):
    bad = {"name": "bad", "run": "select 1", **job}
    assert message in modules.fails(MODULE, jobs=[INSERT, bad])
    assert state() == []


def test_check_mode_before_extension_role_and_database_exist(modules, database, server):
    promised = modules.run(MODULE, check=True, login_db="not_there_yet", jobs=[INSERT])
    assert [job["change"] for job in promised["jobs"]] == ["created"]
    promised = modules.run(MODULE, check=True, jobs=[{**INSERT, "as": "nobody_yet"}])
    assert promised["changed"]
    assert "role nobody_yet does not exist" in promised["warnings"][0]
    promised = modules.run(MODULE, check=True, login_db="postgres", jobs=[INSERT])
    assert promised["changed"]
    message = modules.fails(MODULE, login_db="postgres", jobs=[INSERT])
    assert f"database postgres has no extension pg_cron; cron.database_name is {CRON_DATABASE}" in message


def test_every_form_that_is_taken_is_one_that_pg_cron_takes(modules, state):
    schedules = ["* * * * *", "*/15 8-17 1,15 jan-mar,DEC mon-fri", "0-59/2 0 31 12 0-7", "5 4 $ * Sun", "0 0 * * sat"]
    schedules += [f"@{keyword}" for keyword in ("reboot", "yearly", "monthly", "weekly", "daily", "midnight", "hourly")]
    jobs = [{"name": f"c{i}", "cron": text, "run": "select 1", "active": False} for i, text in enumerate(schedules)]
    jobs += [{"name": f"e{i}", "every": f"{i} seconds", "run": "select 1", "active": False} for i in (1, 2, 59)]
    assert modules.run(MODULE, jobs=jobs)["changed"]
    assert {row[1] for row in state()} == {*schedules, "1 second", "2 seconds", "59 seconds"}
