"""The state of a stanza, for machines and for people."""

from __future__ import annotations

from pgops_backup.repository import Stanza
from pgops_backup.status import summary
from pgops_backup.table import readable, table
from samples import INFO, NO_STANZA

WATCHED = {"error": None, "gaps": [], "looked_at": "2026-11-21T15:43:30+00:00"}


def status(given=INFO, **more):
    return {**summary(Stanza.parse(given)), "timers": [], "archive": WATCHED, "verification": {}, **more}


def test_info_is_read():
    found = summary(Stanza.parse(INFO))
    assert found["exists"]
    assert found["ok"]
    assert found["system_identifier"] == "7710644198499403947"
    (backup,) = found["backups"]
    assert backup["restores_from"] == "2026-11-21T15:35:02+00:00"
    assert backup["repository_bytes"] == 6529376


def test_a_stanza_that_is_not_there():
    stanza = Stanza.parse(NO_STANZA)
    assert not stanza.exists
    assert "there is no backup" in table(status(NO_STANZA))


def test_the_table_says_what_matters():
    lines = table(status()).splitlines()
    assert lines[0] == "stanza db1: ok"
    assert lines[2].split() == [
        "20261121-153457F",
        "full",
        "2026-11-21T15:35:02+00:00",
        "5",
        "s",
        "42.3",
        "MB",
        "6.2",
        "MB",
    ]
    assert "no gap" in lines[3]
    gap = {"first": "A", "last": "B", "count": 2, "closed_by": None}
    text = table(
        status(
            archive={**WATCHED, "gaps": [gap]},
            verification={"ok": False, "began_at": "now", "problems": ["backup X is damaged"]},
        )
    )
    assert "GAP of 2 segments A to B, not closed yet" in text
    assert "DAMAGED (now): backup X is damaged" in text


def test_sizes():
    assert [readable(size) for size in (10, 2048, 5 << 20, 3 << 30, 2 << 40)] == [
        "10 B",
        "2.0 kB",
        "5.0 MB",
        "3.0 GB",
        "2.0 TB",
    ]
