"""Results: what they judge, what they keep, how they read."""

from __future__ import annotations

import json

import pytest
from pgops_drill import report, results
from pgops_drill.drill import judge, new_result
from pgops_drill.errors import DrillError
from pgops_drill.settings import Settings

SETTINGS = Settings("db1", "db1", "18", 5432, "/var/run/postgresql", "/data", "/drill")
DIFFERENCE = {
    "database": "transactions",
    "object": "app.t1_2026_07",
    "kind": "table",
    "what": "another number of rows",
    "here": {"rows": 5, "checksum": "12"},
    "there": "missing",
}


def result(now=1795275297, **more):
    comparison = {"databases": ["d"], "tables": 3, "rows": 9, "sequences": 1, "differences": [], "left_out": []}
    given = new_result(SETTINGS, now) | {"comparison": comparison, "outcome": "passed", "ended_at": str(now)}
    return given | {"ended_seconds_since_1970": now} | more


def with_comparison(**more):
    return result(comparison=result()["comparison"] | more)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (result(), None),
        (with_comparison(tables=0), "no table was compared (databases: d)"),
        (result(comparison=None), "no table was compared"),
        (
            with_comparison(differences=[DIFFERENCE]),
            "1 differences between source and copy, the first: transactions: table app.t1_2026_07",
        ),
        (result(checks=[{"name": "sums", "error": None, "wrong": 2, "rows": ["{}"]}]), "check sums: 2 rows are wrong"),
        (result(checks=[{"name": "sums", "error": "no function", "wrong": 0}]), "check sums failed: no function"),
        (
            result(amcheck={"ran": True, "why": None, "problems": ["index i is corrupt"]}),
            "pg_amcheck: index i is corrupt",
        ),
        (result(problems=["backup F holds damaged pages"]), "backup F holds damaged pages"),
    ],
)
def test_what_speaks_against_a_backup(given, words):
    problems = judge(given)
    assert (words is None and problems == []) or any(words in problem for problem in problems)


def test_results_are_bounded_and_remember_what_passed(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "DIRECTORY", tmp_path)
    for day in range(5):
        results.keep(result(1795275297 + day * 86400), 3)
    results.keep(result(1795275297 + 5 * 86400, outcome="failed"), 3)
    names = sorted(path.name for path in (tmp_path / "db1").iterdir())
    assert names == ["20261124T153457Z.json", "20261125T153457Z.json", "20261126T153457Z.json", "latest.json"]
    latest = json.loads((tmp_path / "db1" / "latest.json").read_text())
    assert latest["outcome"] == "failed"
    assert latest["last_passed_seconds_since_1970"] == 1795275297 + 4 * 86400
    assert results.latest("db2") == {}


def test_the_report_names_differences():
    given = with_comparison(
        differences=[DIFFERENCE] * 25, left_out=[{"database": "d", "table": "s.u", "why": "an unlogged table"}]
    )
    text = "\n".join(report.lines(given | {"outcome": "failed", "message": "25 differences"}))
    assert "drill of db1, 2026-11-21T15:34:57+00:00: FAILED" in text
    assert (
        "DIFFERS    transactions: table app.t1_2026_07: another number of rows; source: 5 rows, checksum 12, copy: missing"
        in text
    )
    assert "and 5 more" in text
    assert "left out   d: s.u, an unlogged table" in text
    assert report.lines({}) == ["there was no drill yet"]


def test_a_report_of_all_that_was_measured():
    given = result(
        backup={"label": "F", "database_bytes": 1024, "ended_at": "then"},
        moment={"at": "now", "lsn": "0/1", "seconds": 1.5, "tries": 9},
        rto={"seconds": 9.5, "restore_seconds": 6, "recovery_seconds": 3.5},
        rpo={"seconds": 4.0, "bytes": 2048, "basis": ""},
        wal_replayed_bytes=4096,
        amcheck={"ran": False, "why": "not installed", "problems": []},
    )
    lines = report.lines(given)
    assert "backup     F, 1.0 kB, ended then; 4.0 kB of WAL replayed" in lines
    assert "RTO        9.5 s: 6 s restore, 3.5 s recovery" in lines
    assert "RPO        4.0 s, 2.0 kB of WAL that were not in the archive" in lines
    assert "structure  not installed" in lines


def test_settings_are_read_as_they_are_written():
    given = {
        "cluster": "db1",
        "stanza": "db1",
        "version": "18",
        "port": 5432,
        "socket_directory": "/s",
        "data_directory": "/d",
    }
    assert Settings.parse(given | {"directory": "/x", "databases": ["a"]}).databases == ("a",)
    with pytest.raises(DrillError, match="unknown settings tables; accepted: amcheck"):
        Settings.parse(given | {"directory": "/x", "tables": []})
