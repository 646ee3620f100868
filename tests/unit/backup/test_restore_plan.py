"""What a restore would do, and what speaks against it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pgops_backup.restore_plan import Target, gap_warnings, no_room, parse_time, plan
from samples import Archive, backup, stanza

NOW = parse_time("2026-11-21 16:00:00+00")
FIRST = backup("20261120-020000F", int(NOW) - 50000, int(NOW) - 40000, lsn="0/5000000")
SECOND = backup("20261121-020000F", int(NOW) - 20000, int(NOW) - 10000, lsn="0/9000000")
BOTH = stanza(FIRST, SECOND)


def at(seconds):
    return datetime.fromtimestamp(NOW + seconds, UTC).isoformat()


@pytest.mark.parametrize(
    ("target", "backup_label", "option"),
    [
        (Target(), SECOND.label, "--type=default"),
        (Target(time=at(-1)), SECOND.label, "--type=time"),
        (Target(time=at(-10000)), SECOND.label, "--type=time"),
        (Target(time=at(-10001)), FIRST.label, "--type=time"),
        (Target(time=at(-1), backup=FIRST.label), FIRST.label, "--type=time"),
        (Target(lsn="0/9000000"), SECOND.label, "--target=0/9000000"),
        (Target(lsn="0/8FFFFFF"), FIRST.label, "--type=lsn"),
        (Target(name="before the change"), SECOND.label, "--target=before the change"),
    ],
)
def test_the_last_backup_before_the_target_is_taken(target, backup_label, option):
    made = plan(BOTH, target, NOW)
    assert made.problems == []
    assert made.backup == backup_label
    assert made.options[0] == f"--set={backup_label}"
    assert option in made.options
    assert made.database_bytes == 1000


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (Target(time=at(1)), ["in the future", "accepted: from 2026-11-21T04:53:20+00:00"]),
        (Target(time=at(-40001)), ["before the first backup's end", FIRST.label]),
        (Target(time="yesterday"), ["restore_target_time is 'yesterday'", "2026-11-21 14:05:00+00"]),
        (Target(time="2026-11-21 15:00:00"), ["offset from UTC"]),
        (Target(lsn="0/4FFFFFF"), ["before the first backup's end", "0/5000000"]),
        (Target(lsn="12"), ["restore_target_lsn is '12'", "0/1A2B3C4D"]),
        (Target(lsn="0/9000000", name="a"), ["restore_target_lsn and restore_target_name are given"]),
        (Target(backup="20260101-000000F"), ["restore_backup is 20260101-000000F", FIRST.label, SECOND.label]),
    ],
)
def test_a_target_out_of_reach_is_refused(target, words):
    (problem,) = plan(BOTH, target, NOW).problems
    for word in words:
        assert word in problem


def test_a_stanza_without_backup_is_refused():
    (problem,) = plan(stanza(), Target(), NOW).problems
    assert "restore_stanza is db1, which has no backup" in problem


def test_a_time_keeps_its_fraction_and_its_offset():
    made = plan(BOTH, Target(time="2026-11-21 16:59:59.123456+01"), NOW)
    assert "--target=2026-11-21 15:59:59.123456+00" in made.options


def test_no_room(tmp_path):
    assert no_room(tmp_path / "a" / "b", 1) == []
    (problem,) = no_room(tmp_path / "a" / "b", 2**62)
    assert "bytes are free" in problem


def test_a_gap_behind_the_backup_is_told():
    archive = Archive([2, 3, 7], timeline=1)
    (warning,) = gap_warnings(archive, BOTH, SECOND.label)
    assert (
        "3 segments are missing behind backup 20261121-020000F, 000000010000000000000004 to 000000010000000000000006"
        in warning
    )
    assert gap_warnings(Archive([2, 3, 4]), BOTH, SECOND.label) == []
