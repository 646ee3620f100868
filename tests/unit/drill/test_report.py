"""A result is told as far as the drill came."""

from __future__ import annotations

import pytest
from pgops_drill import report

WHOLE = {
    "cluster": "tx1",
    "started_at": "2026-11-21T19:30:54+00:00",
    "outcome": "passed",
    "message": "",
    "backup": {"label": "20261121-175012F", "database_bytes": 71_600_000, "ended_at": "2026-11-21T19:30:18+00:00"},
    "moment": {"at": "2026-11-21T19:30:54+00:00", "lsn": "0/15023248", "seconds": 0.007, "tries": 1},
    "rto": {"seconds": 7.5, "restore_seconds": 4.9, "recovery_seconds": 2.6},
    "rpo": {"seconds": 36.4, "bytes": 140_000, "basis": "the last archived segment"},
    "wal_replayed_bytes": 16_000_000,
    "comparison": {
        "tables": 2, "rows": 100, "sequences": 1, "databases": ["transactions"], "left_out": [],
        "differences": [
            {"database": "transactions", "kind": "table", "object": "app.t1_2026_11", "what": "rows differ",
             "here": {"rows": 50, "checksum": "1"}, "there": {"rows": 49, "checksum": "2"}},
        ],
    },
    "checks": [{"name": "totals equal a recount", "wrong": 0, "rows": [], "error": ""}],
    "amcheck": {"ran": True, "problems": [], "why": ""},
    "warnings": [],
}  # fmt: skip
STEPS = ("backup", "rpo", "moment", "rto", "wal_replayed_bytes", "comparison", "checks", "amcheck")


def test_a_whole_result_says_everything() -> None:
    text = "\n".join(report.lines(WHOLE))
    for words in ("PASSED", "of WAL replayed", "RTO        7.5 s", "compared   2 tables, 100 rows", "1 differences"):
        assert words in text
    assert "table app.t1_2026_11: rows differ; source: 50 rows, checksum 1, copy: 49 rows, checksum 2" in text


@pytest.mark.parametrize("reached", range(len(STEPS)))
def test_a_drill_that_ended_early_is_told(reached: int) -> None:
    cut = {step: [] if step == "checks" else None for step in STEPS[reached:]}
    text = "\n".join(report.lines(WHOLE | cut | {"outcome": "failed", "message": "backup 20261121-175012F is damaged"}))
    assert "FAILED" in text
    assert "is damaged" in text


def test_no_result_is_told() -> None:
    assert report.lines({}) == ["there was no drill yet"]
