"""Segments of WAL: names, order, and what is missing between them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

SEGMENT_BYTES = 16 * 1024 * 1024
NAME = re.compile(r"[0-9A-F]{24}")
# A folder of pgBackRest's archive. A history file's name, such as 00000002.history, is as long.
FOLDER = re.compile(r"[0-9A-F]{16}")
# As pgBackRest keeps them: checksum, and the extension of the compression.
ARCHIVED = re.compile(r"([0-9A-F]{24})-[0-9a-f]{40}(?:\.[a-z0-9]+)?")


@dataclass(frozen=True, order=True)
class Segment:
    """A segment by timeline and running number; numbers of a timeline have no holes."""

    timeline: int
    number: int

    @classmethod
    def parse(cls, name: str, segment_bytes: int = SEGMENT_BYTES) -> Segment:
        """Read a name such as 000000010000000A000000FF."""
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no segment of WAL; accepted: 24 hexadecimal digits in capitals")
        per_log = segments_per_log(segment_bytes)
        return cls(int(name[:8], 16), int(name[8:16], 16) * per_log + int(name[16:], 16))

    def name(self, segment_bytes: int = SEGMENT_BYTES) -> str:
        """Name of the segment's file."""
        log, position = divmod(self.number, segments_per_log(segment_bytes))
        return f"{self.timeline:08X}{log:08X}{position:08X}"


@dataclass(frozen=True)
class Gap:
    """Segments that are missing, the first and the last of them included."""

    first: Segment
    last: Segment

    @property
    def count(self) -> int:
        """How many are missing."""
        return self.last.number - self.first.number + 1


def segments_per_log(segment_bytes: int) -> int:
    """How many segments share the middle eight digits."""
    return 0x1_0000_0000 // segment_bytes


def lsn_bytes(lsn: str) -> int:
    """Position in WAL, in bytes, of an LSN such as 0/1A2B3C4D."""
    high, _slash, low = lsn.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


def archived_names(files: list[str]) -> list[str]:
    """Names of the segments among the files of an archive; partial ones and history files are none."""
    found = (ARCHIVED.fullmatch(file.rsplit("/", 1)[-1]) for file in files)
    return [match.group(1) for match in found if match]


def folder_names(files: list[str]) -> list[str]:
    """Names of the folders among what an archive holds, in order."""
    return sorted(file for file in files if FOLDER.fullmatch(file))


def gaps(segments: set[Segment]) -> list[Gap]:
    """What is missing between the first and the last segment of an archive.

    A timeline goes on where its parent ended, at the latest with the parent's next segment.
    """
    found = []
    timelines = sorted({segment.timeline for segment in segments})
    last_of_parent = None
    for timeline in timelines:
        numbers = sorted(segment.number for segment in segments if segment.timeline == timeline)
        if last_of_parent is not None and numbers[0] > last_of_parent.number + 1:
            parent = last_of_parent.timeline
            found.append(Gap(Segment(parent, last_of_parent.number + 1), Segment(parent, numbers[0] - 1)))
        for before, after in pairwise(numbers):
            if after > before + 1:
                found.append(Gap(Segment(timeline, before + 1), Segment(timeline, after - 1)))
        last_of_parent = Segment(timeline, numbers[-1])
    return found


def as_gaps(segments: set[Segment]) -> list[Gap]:
    """Missing segments, taken together where they follow each other."""
    found: list[Gap] = []
    for segment in sorted(segments):
        if found and segment == Segment(found[-1].last.timeline, found[-1].last.number + 1):
            found[-1] = Gap(found[-1].first, segment)
        else:
            found.append(Gap(segment, segment))
    return found
