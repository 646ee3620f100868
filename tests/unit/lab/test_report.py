"""The page: everything that was recorded is on it, and nothing has to be fetched for it."""

from __future__ import annotations

import base64
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pgops.cli import app
from pgops.errors import PgopsError
from pgops.lab import figures, record, report
from pgops.lab.connection import Lab

LAB = Lab("example", "", "")
COUNTERS = {"rows": 120, "failed": 1, "in_doubt": 0, "p50_ms": 1.5, "p95_ms": 3.0, "p99_ms": 9.0, "longest_ms": 33.25}
LOAD = {
    "seconds": 4.0, "clients": 3, "interval_ms": 10.0, "rows_per_second": 290.5, "reconnects": 0, "errors": {},
    "tables": {"event_logs": COUNTERS}, "all": COUNTERS,
}  # fmt: skip


def table(name: str, key: str | None, *parts: tuple[str, int]) -> dict[str, Any]:
    return {
        "name": name, "key": key, "rows": sum(rows for _name, rows in parts), "size_bytes": 8192 * len(parts),
        "parts": [
            {"name": part, "parent": None, "bounds": key and "FOR VALUES", "rows": rows, "size_bytes": 8192}
            for part, rows in parts
        ],
    }  # fmt: skip


BEFORE = table("event_logs", "RANGE (created_at)", ("event_logs_2024_02", 40), ("event_logs_default", 260))
AFTER = table("event_logs", "RANGE (created_at)", ("event_logs_2024_02_w1", 41), ("event_logs_default", 263))
SPLIT = {
    "name": "repartition split", "title": "February into <four> weeks", "seconds": 1.25, "before": [BEFORE], "after": [AFTER],
    "longest_wait_ms": 21.5, "proofs": ["event_logs: 300 rows before, 4 written meanwhile, 304 now"], "load": LOAD,
    "series": [[0.0, 1.5, 2.0], [0.1, 1.5, 33.25]], "spans": [{"operation": "split", "from": 0.05, "to": 0.09}],
    "operations": [{
        "operation_id": 1, "operation": "split", "relation_name": "app.event_logs", "state": "done", "rows": 40,
        "seconds": 1.2, "longest_wait_ms": 21.5, "lock_held_ms": 4.5, "lock_budget_ms": 37, "tries": 2, "wal_bytes": 123456,
    }],
}  # fmt: skip
QUERY = {
    "strategy": "range", "title": "events of ten days", "query": "select 1 where 1 < 2", "parameters": [], "partitions": 2,
    "statement": "read 1 of 2 partitions (1 left out by the planner)", "read": ["event_logs_2024_02_w1"],
    "planning_ms": 0.25, "execution_ms": 1.0, "table": AFTER,
}  # fmt: skip


@pytest.fixture(autouse=True)
def state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(record, "STATE", tmp_path)


def test_the_page_shows_what_was_recorded() -> None:
    steps = [SPLIT, {"name": "simulate", "title": "Load alone", "load": LOAD, "series": SPLIT["series"]},
             {"name": "queries", "title": "What queries read", "queries": [QUERY]}]  # fmt: skip
    page = report.page("example", "18.6", steps, [AFTER])
    for text in ("February into &lt;four&gt; weeks", "300 rows before, 4 written meanwhile, 304 now", "21.5", "33.25",
                 "read 1 of 2 partitions", "1 &lt; 2", "Load alone", "RANGE (created_at)"):  # fmt: skip
        assert text in page
    assert page.count('<span class="read"') == 1
    assert page.count('<span class="pruned"') == 1
    # Before and after, two latencies, and the tables now.
    assert page.count('src="data:image/svg+xml;base64,') == 4


def test_the_page_needs_no_other_file() -> None:
    page = report.page("example", "18.6", [SPLIT], [AFTER])
    addresses = re.findall(r'(?:src|href)="([^"]{1,40})', page)
    assert addresses
    assert all(address.startswith(("data:", "#")) for address in addresses)
    assert "<script" not in page


def drawn(address: str) -> str:
    """The SVG of an image; each text of it stands there in a comment, too."""
    return base64.b64decode(address.partition(",")[2]).decode()


def test_the_line_is_at_the_budget_of_the_operations() -> None:
    assert "budget for locks: 37 ms" in drawn(figures.latency(SPLIT))
    assert "budget for locks" not in drawn(figures.latency({"series": SPLIT["series"]})), "the load alone has none"


@pytest.mark.parametrize("command", ["report", "all"])
def test_without_something_to_draw_with_it_is_refused_at_once(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = CliRunner().invoke(app, ["lab", command, "--dsn", "host=/nowhere"])
    assert isinstance(result.exception, PgopsError)
    assert "needs matplotlib, which is not installed: make venv installs it" in str(result.exception)


def test_a_record_is_kept_until_the_next_reset() -> None:
    assert record.read(LAB) == []
    record.add(LAB, SPLIT)
    record.add(LAB, {"name": "queries", "queries": []})
    record.add(LAB, SPLIT | {"seconds": 9.0})
    assert [(step["name"], step.get("seconds")) for step in record.read(LAB)] == [
        ("queries", None), ("repartition split", 9.0),
    ]  # fmt: skip
    record.clear(LAB)
    assert record.read(LAB) == []


def test_there_is_no_page_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(PgopsError, match="nothing was recorded"):
        report.write(LAB, None, tmp_path / "page.html")
