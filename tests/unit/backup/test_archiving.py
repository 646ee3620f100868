"""What is said of a cluster's archiving."""

from __future__ import annotations

from pgops_backup.archiving import KEYS, lines

NOW = 1_795_275_400.0
QUIET = dict.fromkeys(KEYS) | {
    "looked_at": "now",
    "in_recovery": False,
    "waiting_segments": 0,
    "waiting_bytes": 0,
    "last_archived_at": NOW - 300,
    "free_bytes": 5 << 30,
    "limit_bytes": 4 << 30,
    "gives_way": "archive",
}
BEHIND = QUIET | {"waiting_segments": 3, "waiting_bytes": 48 << 20, "seconds_until_dropped": 1800}


def said(**more):
    return "\n".join(lines("db1", QUIET | more, NOW))


def test_nothing_waits():
    assert said() == "archiving of db1: nothing waits, the last one went at 2026-11-21T15:31:40+00:00 (now)"
    assert "none went yet" in said(last_archived_at=None)
    assert lines("db1", {}, NOW) == ["archiving of db1: not looked at yet"]


def test_what_waits_and_what_gives_way():
    text = "\n".join(lines("db1", BEHIND, NOW))
    assert "3 segments (48.0 MB) WAIT, the last one went at" in text
    assert "at 4.0 GB they are dropped (backup_archive_queue_max_mb), and the server goes on: in 30 minutes" in text
    text = "\n".join(lines("db1", BEHIND | {"gives_way": "server", "limit_bytes": 0}, NOW))
    assert "5.0 GB are free for them; when those are used up, the server stops" in text
    assert "minutes" not in text


def test_what_was_finished_just_now_is_no_alarm():
    assert "3 segments (48.0 MB) wait, " in "\n".join(lines("db1", BEHIND | {"last_archived_at": NOW - 5}, NOW))


def test_troubles():
    assert "THE REPOSITORY DOES NOT ANSWER: no route" in said(repository_error="no route")
    assert "FAILS: 0000A, 2026-11-21T15:36:30" in said(last_failed_wal="0000A", last_failed_at=NOW - 10)
    assert "FAILS" not in said(last_failed_wal="0000A", last_failed_at=NOW - 1000)
    assert "THE SERVER DOES NOT ANSWER (now): refused" in said(error="refused")
    assert "it is a standby" in said(in_recovery=True)
    gap = {"first": "A", "last": "B", "count": 2, "closed_by": None}
    assert "DROPPED: 2 segments, A to B, not closed yet" in said(dropped=[gap])
