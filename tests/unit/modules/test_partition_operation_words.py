"""How far an operation on partitions is, in words."""

from __future__ import annotations

import pytest

from ansible_collections.pgops.fleet.plugins.module_utils.partition_operation_words import clock, in_words
from ansible_collections.pgops.fleet.plugins.module_utils.partition_operations import exchanged

RECORD = {
    "operation_id": 7, "relation_name": "app.t1", "operation": "split", "state": "copying", "phase": "copy", "progress": {},
    "options": {"switch": "now", "switch_after": None}, "switch_requested": False, "row_count": 5_000_000,
    "copied_rows": 1_200_000, "replayed_keys": 0, "tries": 0, "error": None, "is_run": True, "duration_ms": 3140,
    "longest_wait_ms": None, "lock_held_ms": None, "wal_bytes": 0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "copied 1,200,000 of about 5,000,000 rows (24 %), 3.1 s"),
        ({"row_count": 0}, "copied 1,200,000 of about 0 rows, 3.1 s"),
        ({"copied_rows": 5_100_000}, "copied 5,100,000 of about 5,000,000 rows (100 %), 3.1 s"),
        ({"is_run": False}, "copied 1,200,000 of about 5,000,000 rows (24 %), 3.1 s; nobody runs it at the moment"),
        ({"phase": "index", "progress": {"commands": 9, "commands_done": 4}},
            "making indexes, keys and statistics: 4 of 9, 3.1 s"),
        ({"phase": "switch", "tries": 2, "error": "no lock"}, "exchanging the tables, 3.1 s; no lock (try 2)"),
        ({"phase": "wait", "options": {"switch": "wait"}}, "ready, and kept up to date until it is told to switch, 3.1 s"),
        ({"phase": "wait", "options": {"switch": "wait"}, "switch_requested": True}, "ready, 3.1 s"),
        ({"phase": "wait", "options": {"switch_after": "2026-12-01 03:00 UTC"}},
            "ready, and kept up to date until 2026-12-01 03:00 UTC, 3.1 s"),
        ({"state": "failed", "phase": "index", "error": "disk full"}, "stopped in phase index: disk full"),
        ({"state": "cancelled"}, "cancelled, nothing is left of it"),
        ({"state": "done", "lock_held_ms": 4.25, "longest_wait_ms": 19.4, "tries": 3, "wal_bytes": 812_400_000},
            "done, 5,000,000 rows in 3.1 s, strongest locks held for 4.2 ms, no writer waited for it longer than 19.4 ms, "
            "gave way to others 3 times, 812.4 MB of WAL meanwhile"),
    ],
)  # fmt: skip
def test_words(changes, words) -> None:
    assert in_words(RECORD | changes) == f"split of app.t1: {words}"


def test_durations() -> None:
    assert [clock(each) for each in (0, 59_949, 60_000, 3_725_000)] == ["0.0 s", "59.9 s", "0:01:00", "1:02:05"]


def test_an_exchange_takes_away_and_adds_by_name() -> None:
    before = {"app.b": "2", "app.a": "1", "app.rest": "default"}
    assert exchanged(before, {"app.a", "app.rest"}, {"app.rest": "default", "app.a1": "0"}) == {
        "app.a1": "0",
        "app.b": "2",
        "app.rest": "default",
    }
