"""What the watches find: segments that were dropped, gaps, and when there is no room left."""

from __future__ import annotations

import pytest
from pgops_backup import archive_watch, dropped, forecast, repository_watch
from pgops_backup.segments import Segment
from samples import ASYNC_LOG, Archive, backup, stanza

SIZE = 16 * 1024 * 1024


def name(number, timeline=1):
    return Segment(timeline, number).name()


def test_the_log_names_what_was_dropped(tmp_path):
    file = tmp_path / "db1-archive-push-async.log"
    file.write_text(ASYNC_LOG)
    text, position = dropped.new_text(file, {})
    assert dropped.named_in(text) == [name(0x0B), name(0x0C)]
    assert dropped.new_text(file, position)[0] == ""
    with file.open("a") as log:
        log.write(ASYNC_LOG.replace("0000B'", "0000E'"))
    assert dropped.named_in(dropped.new_text(file, position)[0]) == [name(0x0E), name(0x0C)]


def test_a_rotated_log_is_read_from_its_start(tmp_path):
    file = tmp_path / "log"
    file.write_text("old " * 1000)
    position = dropped.new_text(file, {})[1]
    file.unlink()
    file.write_text(ASYNC_LOG)
    assert len(dropped.named_in(dropped.new_text(file, position)[0])) == 2
    assert dropped.new_text(tmp_path / "none", position) == ("", {})


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (name(6), 6),
        (f"{name(6)}.000000D8.backup", 6),
        (f"{name(6)}.partial", None),
        ("00000002.history", None),
        (None, None),
    ],
)
def test_the_last_archived_file_need_not_be_a_segment(last, expected):
    found = archive_watch.last_segment(last, SIZE)
    assert (found.number if found else None) == expected


def compared(archive, checked, last, known=()):
    return archive_watch.compare(archive, checked, list(known), now(last))


def now(last, command="pgbackrest --stanza=db1 archive-push %p"):
    return {"last_archived_wal": last, "archive_command": command, "looked_at": "now"}


def test_the_first_look_asks_nothing_of_an_older_archive():
    assert compared(Archive([]), None, name(7)) == (name(7), [])


def test_what_postgresql_counts_as_archived_must_be_in_the_repository():
    archive = Archive([250, 251, 255, 256, 257])
    checked, found = compared(archive, name(250), name(258))
    assert checked == name(258)
    assert [(gap["first"], gap["last"]) for gap in found] == [(name(252), name(254)), (name(258), name(258))]


def test_a_quiet_cluster_asks_the_repository_nothing():
    assert compared(Unasked(), name(7), f"{name(6)}.000000D8.backup") == (name(7), [])


class Unasked:
    """A repository that may not be asked."""

    segment_bytes = SIZE


def test_segments_that_go_somewhere_else_are_not_missed():
    assert archive_watch.compare(Unasked(), name(3), [], now(name(7), "cp %p /archive/%f")) == (name(7), [])


def test_a_promotion_between_two_looks_is_no_gap():
    archive = Archive([5, 6, 7])
    archive.names |= {Segment(2, 8), Segment(2, 9)}
    assert compared(archive, name(5), name(9, timeline=2)) == (name(9, timeline=2), [])


def test_a_cluster_that_was_restored_to_an_earlier_position_is_compared_again():
    archive = Archive([5, 6, 7])
    archive.names |= {Segment(2, 4)}
    assert compared(archive, name(7), name(4, timeline=2)) == (name(4, timeline=2), [])
    checked, found = compared(archive, name(4, timeline=2), name(10, timeline=2))
    assert checked == name(10, timeline=2)
    assert [gap["first"] for gap in found] == [name(8, timeline=2)]


def test_a_gap_is_recorded_once():
    found = {Segment(1, 3), Segment(1, 4), Segment(1, 9)}
    recorded = dropped.record([], found, SIZE, "now")
    assert [(gap["first"], gap["last"], gap["count"]) for gap in recorded] == [
        (name(3), name(4), 2),
        (name(9), name(9), 1),
    ]
    assert dropped.record(recorded, found, SIZE, "later") == recorded
    assert len(dropped.record(recorded, found | {Segment(1, 5)}, SIZE, "later")) == 3


def test_a_gap_is_closed_by_the_first_backup_behind_it():
    gap = dropped.record([], {Segment(1, 5)}, SIZE, "now")
    open_gap = archive_watch.with_closing_backups(stanza(backup("a", 1, 2, name(2))), gap)
    assert open_gap[0]["closed_by"] is None
    both = [backup("a", 1, 2, name(2)), backup("b", 3, 4, name(7)), backup("c", 5, 6, name(9))]
    assert archive_watch.with_closing_backups(stanza(*both), gap)[0]["closed_by"] == "b"
    assert archive_watch.with_closing_backups(stanza(*both[1:]), gap) == [], "no restore can meet it any more"


def test_a_hole_is_a_gap_when_it_stays():
    archive = Archive([2, 3, 6], [backup("a", 1, 2, name(2))])
    first = repository_watch.look(archive, {}, 1000.0)
    assert (first["gaps"], first["backup_due"]) == ([], False)
    second = repository_watch.look(archive, first, 1015.0)
    assert [(gap["first"], gap["last"]) for gap in second["gaps"]] == [(name(4), name(5))]
    assert second["backup_due"]
    third = repository_watch.look(archive, second, 1030.0)
    assert not third["backup_due"], "it was asked for"
    assert repository_watch.look(archive, third, 1400.0)["backup_due"], "and did not come"
    archive.running = True
    assert not repository_watch.look(archive, third, 1400.0)["backup_due"]
    archive.backups = [*archive.backups, backup("b", 3, 4, name(6))]
    closed = repository_watch.look(archive, third, 1400.0)
    assert closed["gaps"][0]["closed_by"] == "b"
    assert not closed["backup_due"]
    assert "backup b closes the gap" in repository_watch.news("db1", third, closed)[0]


def test_a_hole_that_is_filled_was_on_its_way():
    archive = Archive([2, 4], [backup("a", 1, 2, name(2))])
    before = repository_watch.look(archive, {}, 1000.0)
    archive.names.add(Segment(1, 3))
    assert repository_watch.look(archive, before, 1015.0)["gaps"] == []


def test_full_folders_are_not_listed_again():
    archive = Archive(range(600), [backup("a", 1, 2, name(0))])
    before = repository_watch.look(archive, {}, 1000.0)
    assert before["complete_folders"] == ["0000000100000000", "0000000100000001"]
    archive.listed = []
    assert repository_watch.look(archive, before, 1015.0)["segments"] == 600
    assert archive.listed == ["0000000100000002"]


def test_a_segment_that_is_lost_from_a_full_folder_is_found_within_the_hour():
    backups = [backup("a", 1, 2, name(0))]
    before = repository_watch.look(Archive(range(600), backups), {}, 10000.0)
    damaged = Archive([number for number in range(600) if number != 300], backups)
    before = repository_watch.look(damaged, before, 10015.0)
    assert (before["suspects"], before["gaps"]) == ([], [])
    before = repository_watch.look(damaged, before, 13600.0)
    assert [gap["first"] for gap in before["suspects"]] == [name(300)]
    found = repository_watch.look(damaged, before, 13615.0)
    assert [gap["first"] for gap in found["gaps"]] == [name(300)]
    assert found["backup_due"]


def test_what_lies_before_the_oldest_backup_is_no_gap():
    archive = Archive([1, 4, 5, 6], [backup("a", 1, 2, name(4))])
    before = repository_watch.look(archive, {}, 1000.0)
    assert before["suspects"] == []


def test_forecast():
    samples = forecast.remember([], 0.0, 0, 0)
    assert forecast.forecast(samples, 1000, 500)["seconds_until_full"] is None
    samples = forecast.remember(samples, 10.0, 1000, 200)
    assert forecast.forecast(samples, 1000, 500) == {
        "wal_bytes_per_second": 100.0,
        "queue_bytes_per_second": 20.0,
        "seconds_until_full": 50,
        "seconds_until_full_without_archiving": 10,
        "seconds_until_dropped": 15,
    }
    assert forecast.forecast(samples, 1000, 0)["seconds_until_dropped"] is None
    assert forecast.forecast(samples, 1000, 100)["seconds_until_dropped"] == 0


def test_the_rate_is_that_of_the_last_minutes():
    samples = forecast.remember([[0.0, 0, 0], [500.0, 100, 0]], 900.0, 200, 0)
    assert samples == [[500.0, 100, 0], [900.0, 200, 0]]
    assert forecast.remember(samples, 901.0, 50, 0) == [[901.0, 50, 0]], "restored to an earlier position"


def test_the_room_of_the_repository_and_when_it_is_used_up(tmp_path):
    first = repository_watch.room(str(tmp_path), {}, 1000.0)
    assert first["free_bytes"] > 0
    assert first["seconds_until_full"] is None
    used = first["room_samples"][0][1]
    grown = repository_watch.room(
        str(tmp_path), first | {"room_samples": [[990.0, used - 10 * SIZE, used - 10 * SIZE]]}, 1000.0
    )
    assert grown["used_bytes_per_second"] > 0
    assert 0 < grown["seconds_until_full"] <= grown["free_bytes"] / SIZE + 60
    other = repository_watch.room(str(tmp_path), grown | {"total_bytes": 1}, 1015.0)
    assert other["seconds_until_full"] is None, "another file system"
    assert repository_watch.room("", {}, 1000.0) == {}
    assert "No such file" in repository_watch.room(str(tmp_path / "gone"), {}, 1000.0)["room_error"]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [(None, 3599, True), (7200, 100, True), (100, 90, False), (None, None, False), (100, None, False)],
)
def test_what_comes_near_is_told_once(before, after, told):
    assert forecast.soon({"seconds_until_full": before}, {"seconds_until_full": after}, "seconds_until_full") is told


@pytest.mark.parametrize(
    ("gives_way", "words"), [("server", "server then stops"), ("archive", "all that waits is then dropped")]
)
def test_the_journal_says_what_gives_way(gives_way, words):
    now = {
        "dropped": [],
        "repository_error": None,
        "gives_way": gives_way,
        "seconds_until_full": 60,
        "seconds_until_dropped": 50,
        "waiting_segments": 3,
    }
    (line,) = archive_watch.news("db1", {}, now)
    assert words in line
