"""The archive of WAL when the repository is away, when segments are dropped, and when a directory comes before it."""

from __future__ import annotations

import re
import time

import pytest

# PostgreSQL tries a segment again after a minute.
pytestmark = pytest.mark.long

WRITE = """
su postgres -c "psql -XAtq -d transactions -c \\"select pg_logical_emit_message(true, 'test', repeat('x', 1000))\\" \
-c 'select pg_walfile_name(pg_switch_wal())'"
"""


def write_segments(host, count):
    """Finish so many segments; returns their names."""
    names = [host.check_output(WRITE).split()[-1] for _number in range(count)]
    assert len(set(names)) == count
    return names


def test_a_repository_that_was_away_catches_up(primary, repository, archived, away, state, eventually):
    before = [state(repository, "db1.repository")["gaps"], state(primary, "db1.archive")["dropped"]]
    with away():
        names = write_segments(primary, 4)
        eventually(lambda: state(primary, "db1.archive")["waiting_segments"] >= 4, "four segments that wait")
        waiting = state(primary, "db1.archive")
        assert waiting["gives_way"] == "archive"
        assert waiting["seconds_until_full_without_archiving"] > 0
    eventually(lambda: set(names) <= archived(), "all segments in the repository", seconds=150)
    time.sleep(35)
    assert [state(repository, "db1.repository")["gaps"], state(primary, "db1.archive")["dropped"]] == before


def test_dropped_segments_are_named_and_a_backup_closes_the_gap(primary, repository, archived, state, eventually):
    limit = "sed -i 's/^archive-push-queue-max=.*/archive-push-queue-max={}MiB/' /etc/pgbackrest/conf.d/db1.conf"
    before = state(repository, "db1.repository")["last_backup"]
    known = [gap["first"] for gap in state(primary, "db1.archive")["dropped"]]

    def new():
        return [gap for gap in state(primary, "db1.archive")["dropped"] if gap["first"] not in known]

    primary.check_output(limit.format(48))
    # A server that refuses at once: one that only hangs keeps the run that began before the queue was long.
    repository.check_output("systemctl stop pgbackrest.service")
    try:
        names = write_segments(primary, 7)
        eventually(
            lambda: new() or set(names) <= archived(),
            "an end of waiting",
            seconds=150,
        )
    finally:
        repository.check_output("systemctl start pgbackrest.service")
        primary.check_output(limit.format(512))
    dropped = new()
    assert dropped, "pgBackRest has dropped nothing: all seven segments are in the repository"
    named = {name for name in names for gap in dropped if gap["first"] <= name <= gap["last"]}
    assert named == set(names) - archived(), "every segment is named or archived"
    eventually(lambda: state(repository, "db1.repository")["last_backup"] != before, "a backup")
    eventually(lambda: all(gap["closed_by"] for gap in state(primary, "db1.archive")["dropped"]), "closed gaps")
    gaps = state(repository, "db1.repository")["gaps"]
    assert all(gap["closed_by"] for gap in gaps)
    assert gaps[-1]["closed_by"] == state(repository, "db1.repository")["last_backup"]


def test_switching_from_a_directory_loses_no_segment(play, primary, repository, archived, state, eventually):
    """Everything from before is in the directory, everything behind it in the repository, and a backup follows."""
    last_backup = state(repository, "db1.repository")["last_backup"]
    status, output = play("transactions", backup_repository_kind="none")
    assert status == 0, output
    before = write_segments(primary, 3)
    directory = primary.check_output("ls -d /var/lib/postgresql/archive/*-main")
    eventually(
        lambda: set(before) <= set(primary.check_output("ls %s", directory).split()), "segments in the directory"
    )
    status, output = play("transactions")
    assert status == 0, output
    behind = write_segments(primary, 3)
    eventually(lambda: set(behind) <= archived(), "segments in the repository")
    kept = {name for name in primary.check_output("ls %s", directory).split() if len(name) == 24}
    there = sorted(kept | archived())
    first = min(before)
    numbers = [int(name[8:16], 16) * 256 + int(name[16:], 16) for name in there if first <= name <= max(behind)]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), "each segment is in one of the two"
    # The watch asks for one backup in five minutes, and the test before has had one.
    eventually(lambda: state(repository, "db1.repository")["last_backup"] != last_backup, "a backup", seconds=420)
    eventually(
        lambda: all(gap["closed_by"] for gap in state(repository, "db1.repository")["gaps"]),
        "no gap behind the backup",
    )
    assert all(gap["closed_by"] for gap in state(primary, "db1.archive")["dropped"])


def test_a_stanza_that_moves_is_backed_up_from_one_place_only(play, primary, repository):
    """From the repository's machine into a directory of the cluster's own, and back."""

    def timers(host):
        units = "'pgops-backup-*@db1.timer' pgops-repository-watch@db1.timer"
        return host.check_output(f"systemctl list-timers --no-legend {units} | wc -l")

    assert (timers(primary), timers(repository)) == ("0", "4")
    try:
        status, output = play("transactions", "--limit", "db1,ops1", backup_repository_kind="directory")
        assert status == 0, output
        assert (timers(primary), timers(repository)) == ("4", "0")
        status, output = play("backup", "--limit", "db1,ops1", backup_repository_kind="directory")
        assert status == 0, output
    finally:
        status, output = play("transactions")
    assert status == 0, output
    assert (timers(primary), timers(repository)) == ("0", "4")
    status, output = play("transactions")
    assert status == 0, output
    assert not re.search(r"changed=[1-9]", output), output
