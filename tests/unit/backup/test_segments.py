"""Names of segments, their order, and what is missing between them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pgops_backup.segments import Gap, Segment, archived_names, as_gaps, folder_names, gaps, lsn_bytes

SIZES = st.sampled_from([1 << power for power in range(20, 31)])


def segments(timeline, *numbers):
    return {Segment(timeline, number) for number in numbers}


@given(timeline=st.integers(1, 2**32 - 1), number=st.integers(0, 2**33), size=SIZES)
def test_a_name_is_read_as_it_is_written(timeline, number, size):
    segment = Segment(timeline, number)
    assert Segment.parse(segment.name(size), size) == segment


def test_numbers_run_on_across_the_middle_of_the_name():
    last = Segment.parse("0000000100000000000000FF")
    assert Segment(1, last.number + 1).name() == "000000010000000100000000"


@pytest.mark.parametrize("name", ["", "00000001", "00000001000000000000000g", "000000010000000000000006.partial"])
def test_what_is_no_segment_is_refused(name):
    with pytest.raises(ValueError, match="no segment of WAL"):
        Segment.parse(name)


def test_only_whole_segments_of_an_archive_count():
    checksum = "3df3113916722973edfd9345e4ad8bf7b3229369"
    files = [
        f"000000010000000000000003-{checksum}.zst",
        f"0000000100000000/000000010000000000000004-{checksum}",
        f"000000010000000000000005.partial-{checksum}.zst",
        "000000010000000000000006.000000D8.backup",
        "00000002.history",
        f"000000010000000000000007-{checksum}.zst.pgbackrest.tmp",
    ]
    assert archived_names(files) == ["000000010000000000000003", "000000010000000000000004"]


def test_only_folders_of_an_archive_are_looked_into():
    files = ["0000000200000000", "00000002.history", "0000000100000001", "archive.info"]
    assert folder_names(files) == ["0000000100000001", "0000000200000000"]


def test_an_archive_without_holes_has_no_gap():
    assert gaps(segments(1, *range(250, 260))) == []
    assert gaps(set()) == []


def test_each_hole_is_a_gap():
    assert gaps(segments(1, 1, 2, 5, 6, 8)) == [Gap(Segment(1, 3), Segment(1, 4)), Gap(Segment(1, 7), Segment(1, 7))]


def test_a_timeline_goes_on_where_its_parent_ended():
    assert gaps(segments(1, 1, 2, 3) | segments(2, 3, 4)) == []
    assert gaps(segments(1, 1, 2, 3) | segments(2, 4, 5)) == []
    assert gaps(segments(1, *range(1, 9)) | segments(2, 4, 5)) == [], "restored to an earlier moment"


def test_what_was_lost_before_a_promotion_is_a_gap():
    assert gaps(segments(1, 1, 2) | segments(2, 5, 6)) == [Gap(Segment(1, 3), Segment(1, 4))]


@given(st.sets(st.integers(0, 300), min_size=1))
def test_gaps_and_segments_make_the_whole(numbers):
    missing = {number for gap in gaps(segments(1, *numbers)) for number in range(gap.first.number, gap.last.number + 1)}
    assert missing == set(range(min(numbers), max(numbers) + 1)) - numbers
    assert as_gaps(segments(1, *missing)) == gaps(segments(1, *numbers))


def test_positions():
    assert lsn_bytes("0/6014A10") == 0x6014A10
    assert lsn_bytes("1A/0") == 0x1A << 32
