"""Which jobs are made, altered, adopted, removed and left alone."""

from __future__ import annotations

import pytest

from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused
from ansible_collections.pgops.fleet.plugins.module_utils.cron_jobs import declared_jobs, plan


def job(name="a", **options):
    defaults = {"every": "5 seconds", "cron": None, "run": "select 1", "as": None, "database": None, "active": True}
    return {"name": name, "state": "present", **defaults, **options}


def row(jobid=1, name="a", user="postgres", declared_by="pgops", **options):
    defaults = {"schedule": "5 seconds", "command": "select 1", "database": "db", "active": True}
    return {"jobid": jobid, "name": name, "user": user, "declared_by": declared_by, **defaults, **options}


def planned(jobs, rows, remove=False):
    changes, undeclared = plan(declared_jobs(jobs, "postgres", "db"), rows, "pgops", remove)
    return [(change.action, change.jobid) for change in changes], [item["jobid"] for item in undeclared]


def test_actions():
    assert planned([job()], []) == ([("created", None)], [])
    assert planned([job()], [row()]) == ([("none", 1)], [])
    assert planned([job()], [row(active=False)]) == ([("altered", 1)], [])
    assert planned([job()], [row(declared_by=None)]) == ([("adopted", 1)], [])
    assert planned([job(**{"as": "b"})], [row()]) == ([("altered", 1)], [])


def test_own_job_of_the_same_name_under_another_user_goes_when_both_are_there():
    rows = [row(1, user="old"), row(2, user="postgres")]
    assert planned([job()], rows) == ([("none", 2), ("removed", 1)], [])


def test_foreign_jobs_stay():
    rows = [row(1, user="other", declared_by=None), row(2, "b", declared_by=None), row(3, None, declared_by=None)]
    assert planned([job()], rows, remove=True) == ([("created", None)], [1, 2, 3])


def test_removal_is_for_what_the_same_list_declared():
    rows = [row(1, "x"), row(2, "y", declared_by="other"), row(3, "z", declared_by=None)]
    assert planned([], rows) == ([], [1, 2, 3])
    assert planned([], rows, remove=True) == ([("removed", 1)], [2, 3])


def test_absent():
    gone = job(state="absent", every=None, run=None)
    assert planned([gone], []) == ([("none", None)], [])
    assert planned([gone], [row(1), row(2, user="b"), row(3, user="c", declared_by=None)]) == (
        [("removed", 1), ("removed", 2)],
        [3],
    )


def test_all_problems_are_told_at_once():
    with pytest.raises(Refused) as refused:
        declared_jobs([job(every="0 seconds"), job("b", run=" "), job("b"), job("c", every=None)], "postgres", "db")
    for problem in (
        "job a: every '0 seconds'",
        "job b has nothing to run",
        "job b is declared twice",
        "job c has no schedule",
    ):
        assert problem in str(refused.value)
