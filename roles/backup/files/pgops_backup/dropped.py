"""Segments that pgBackRest has dropped: it tells PostgreSQL that they are archived, and only its log tells the truth."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pgops_backup.repository import Repository
from pgops_backup.segments import Segment, as_gaps

LOGGED = re.compile(r"dropped WAL file '([0-9A-F]{24})' because archive queue exceeded")


def named_in(text: str) -> list[str]:
    """Segments that a log says were dropped."""
    return LOGGED.findall(text)


def new_text(file: Path, position: dict[str, int]) -> tuple[str, dict[str, int]]:
    """What was written to a log since a position, and the position behind it; a rotated log is read from its start."""
    try:
        with file.open(encoding="utf-8", errors="replace") as log:
            status = file.stat()
            same = position.get("inode") == status.st_ino and position.get("offset", 0) <= status.st_size
            log.seek(position["offset"] if same else 0)
            text = log.read()
            return text, {"inode": status.st_ino, "offset": log.tell()}
    except FileNotFoundError:
        return "", {}


def missing(repository: Repository, archive_id: str, after: Segment, until: Segment) -> set[Segment]:
    """Segments behind `after` up to `until` that PostgreSQL counts as archived and the repository does not have.

    A segment is there on whichever timeline: a promotion may lie between the two.
    """
    wanted = {Segment(until.timeline, number) for number in range(after.number + 1, until.number + 1)}
    middles = {segment.name(repository.segment_bytes)[8:16] for segment in wanted}
    there: set[int] = set()
    for log in repository.logs(archive_id):
        if log[8:] in middles:
            there |= {segment.number for segment in repository.segments(archive_id, log)}
    return {segment for segment in wanted if segment.number not in there}


def record(known: list[dict[str, Any]], found: set[Segment], segment_bytes: int, found_at: str) -> list[dict[str, Any]]:
    """Known gaps and new ones; a segment that is known already is not named again."""
    spans = [(item["first"], item["last"]) for item in known]
    new = {
        segment for segment in found if not any(first <= segment.name(segment_bytes) <= last for first, last in spans)
    }
    return known + [
        {
            "first": gap.first.name(segment_bytes),
            "last": gap.last.name(segment_bytes),
            "count": gap.count,
            "found_at": found_at,
            "closed_by": None,
        }
        for gap in as_gaps(new)
    ]
