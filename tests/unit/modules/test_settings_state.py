"""Declared settings beside what a server says."""

from __future__ import annotations

import pytest

from ansible_collections.pgops.fleet.plugins.module_utils import settings_state as state

OURS = "/etc/postgresql/16/main/conf.d/pgops.conf"
MAIN = "/etc/postgresql/16/main/postgresql.conf"
LATER = "/etc/postgresql/16/main/conf.d/zz.conf"
AUTOMATIC = "/var/lib/postgresql/16/main/postgresql.auto.conf"


def row(name, value, **more):
    return {
        "name": name, "value": value, "boot_val": "", "unit": None, "source": "configuration file", "context": "user",
        "pending_restart": False, **more,
    }  # fmt: skip


def entry(name, value, file=OURS, line=7, error=None):
    return {"name": name, "value": value, "file": file, "line": line, "applied": error is None, "error": error}


def judged(settings, running, in_files, read=True):
    return {each["name"]: each for each in state.judge(settings, running, in_files, OURS, MAIN, read)}


CASES = {
    "in force": ([entry("work_mem", "32MB")], {}, True),
    "the main file says it, too, before ours": (
        [entry("work_mem", "4MB", MAIN, 130), entry("work_mem", "32MB")],
        {},
        True,
    ),
    "said again with the same value": ([entry("work_mem", "32MB"), entry("work_mem", "32MB", AUTOMATIC, 3)], {}, True),
    "waits for a restart": ([entry("work_mem", "32MB")], {"pending_restart": True}, True),
    "not read yet": ([entry("work_mem", "32MB")], {}, False),
    "not deployed": ([], {}, True),
    "not deployed: another value": ([entry("work_mem", "8MB")], {}, True),
    "overridden by hand": ([entry("work_mem", "32MB"), entry("work_mem", "7MB", AUTOMATIC, 3)], {}, True),
    "overridden by a file": ([entry("work_mem", "32MB"), entry("work_mem", "7MB", LATER, 1)], {}, True),
    "overridden: command line": ([entry("work_mem", "32MB")], {"source": "command line"}, True),
    "refused": ([entry("work_mem", "32MB", error="invalid value")], {}, True),
}
STATES = {
    "the main file says it, too, before ours": state.IN_FORCE,
    "said again with the same value": state.IN_FORCE,
}


@pytest.mark.parametrize("case", CASES)
def test_state_of_a_declared_setting(case):
    in_files, more, read = CASES[case]
    (found,) = judged({"work_mem": "32MB"}, [row("work_mem", "32MB", **more)], in_files, read).values()
    expected = STATES.get(case, next((word for word in (state.IN_FORCE, *state.DRIFT) if case.startswith(word)), None))
    assert found["state"] == expected
    assert (found["detail"] == "") == (expected == state.IN_FORCE)
    assert bool(state.drift([found])) == (expected != state.IN_FORCE)


def test_place_is_of_what_is_in_force():
    in_files = [entry("work_mem", "32MB"), entry("work_mem", "7MB", AUTOMATIC, 3)]
    found = judged({"work_mem": "32MB"}, [row("work_mem", "7MB")], in_files)["work_mem"]
    assert (found["place"], found["running"], found["declared"]) == (f"{AUTOMATIC}:3", "7MB", "32MB")


@pytest.mark.parametrize(
    ("name", "file", "expected"),
    [
        ("work_mem", AUTOMATIC, state.BY_HAND),
        ("primary_conninfo", AUTOMATIC, state.BESIDE),
        ("work_mem", LATER, state.BESIDE),
        ("work_mem", OURS, state.NOT_WRITTEN),
    ],
)
def test_what_nobody_declares(name, file, expected):
    found = judged({}, [row(name, "x")], [entry(name, "x", file, 3)])[name]
    assert (found["state"], found["declared"]) == (expected, None)


def test_settings_of_the_main_file_are_not_told():
    assert judged({}, [row("max_connections", "100")], [entry("max_connections", "100", MAIN)]) == {}


def test_a_null_declares_nothing_and_names_have_no_case():
    assert judged({"work_mem": None}, [row("work_mem", "4MB")], []) == {}
    found = judged({"Work_Mem": "32MB"}, [row("work_mem", "32MB")], [entry("work_mem", "32MB")])
    assert found["work_mem"]["state"] == state.IN_FORCE
