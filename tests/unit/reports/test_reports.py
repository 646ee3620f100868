"""Heads of the reports, and their rows as text."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from rich.console import Console
from typer.testing import CliRunner

from pgops.cli import app
from pgops.errors import PgopsError
from pgops.paths import ROOT
from pgops.reports import definitions, present
from pgops.reports.asking import Place
from pgops.reports.definitions import Report

HEAD = """\
-- Things, the largest first.
-- scope: database
-- needs: some_extension
-- column name: which
-- column size_mb: megabytes,
--     of everything
-- good: few.
-- bad: many.
-- do: less.
select 1 -- good: not of the head
"""
REPORT = Report(
    "things", "select", "Things.", "database", None, "few", "many", "less", {"name": "which", "size_mb": "MB"}
)
ROWS = [{"name": 'a, "b"\n', "size_mb": 1234.5}, {"name": None, "size_mb": True}]
PLACE = Place("app1", "application")


@pytest.mark.parametrize("name", definitions.names())
def test_each_report_says_what_is_good_bad_and_to_do(name):
    report = definitions.find(name)
    assert report.title.endswith(".")
    assert report.good and report.bad and report.do
    assert all(report.columns.values())


def test_head(tmp_path):
    path = tmp_path / "things.sql"
    path.write_text(HEAD)
    report = definitions.read(path)
    assert (report.name, report.scope, report.needs) == ("things", "database", "some_extension")
    assert report.columns == {"name": "which", "size_mb": "megabytes, of everything"}
    assert report.good == "few."


@pytest.mark.parametrize("line", ["-- scope: database\n", "-- good: few.\n", "-- do: less.\n"])
def test_an_incomplete_head_is_an_error(tmp_path, line):
    path = tmp_path / "things.sql"
    path.write_text(HEAD.replace(line, ""))
    with pytest.raises(ValueError, match=r"things\.sql: its head lacks"):
        definitions.read(path)


def test_json_has_rows_and_advice():
    document = json.loads(present.as_json(REPORT, PLACE, ROWS, datetime(2026, 1, 1, tzinfo=UTC)))
    assert document["rows"] == ROWS
    assert document["taken_at"] == "2026-01-01T00:00:00+00:00"
    assert (document["host"], document["database"], document["do"]) == ("app1", "application", "less")


@pytest.mark.parametrize("rows", [[], ROWS])
def test_csv_can_be_read_again(rows):
    found = list(csv.reader(io.StringIO(present.as_csv(REPORT, rows))))
    assert found[0] == ["name", "size_mb"]
    assert found[1:] == ([['a, "b"\n', "1234.5"], ["", "True"]] if rows else [])


@pytest.mark.parametrize(("rows", "seen"), [([], "no rows"), (ROWS, "1,234.5")])
def test_table_ends_with_the_advice(rows, seen):
    console = Console(width=100, file=io.StringIO(), highlight=False)
    present.as_table(console, REPORT, PLACE, rows)
    text = console.file.getvalue()
    assert "things of app1, database application" in text
    assert seen in text
    assert all(line in text for line in ("good: few", "bad: many", "do: less"))


def test_process_ids_can_be_copied_into_a_command():
    report = definitions.find("locks")
    row = dict.fromkeys(report.columns) | {"waiting_pid": 10469, "blocking_pid": 10462, "waited_s": 12345}
    console = Console(width=300, file=io.StringIO(), highlight=False)
    present.as_table(console, report, PLACE, [row])
    text = console.file.getvalue()
    assert all(each in text for each in (" 10469 ", " 10462 ", " 12,345 "))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["report", "no-such"], "there is no report no-such; there are: bloat, "),
        (["report", "locks"], "say of whom: pgops report locks HOST"),
        (["report", "locks", "app1", "--dsn", "host=x"], "say of whom"),
        (["report", "locks", "--dsn", "nonsense"], "--dsn is no connection string"),
    ],
)
def test_refusals(arguments, words):
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, PgopsError)
    assert words in str(result.exception)


@pytest.mark.parametrize("host", ["ops1", "app1pool", "no-such"])
def test_a_host_that_is_no_cluster_is_refused(host):
    # A process of its own, as Ansible reads its configuration once in a process.
    command = [sys.executable, "-c", "from pgops.cli import main; main()", "report", "locks", host]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment)
    assert ended.returncode == 1
    assert f"{host} is no cluster of inventories/local; there are: app1, db1, db2, db3, db3b, lab1" in ended.stderr
