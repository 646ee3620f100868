"""Looks for gaps in a stanza's archive, on the machine that keeps it, and asks for the backup that closes one.

A gap cannot be filled any more: the database has dropped those segments. No moment between the gap and the end of the
next backup can be restored, so that backup is to come soon.
"""

from __future__ import annotations

import argparse
import os
import time
from typing import Any

from pgops_backup import forecast, state
from pgops_backup.repository import Backup, Repository, RepositoryError, Stanza
from pgops_backup.segments import SEGMENT_BYTES, Gap, Segment, gaps

REQUEST_EVERY_SECONDS = 300
"""A backup that fails is not asked for again at once."""
LIST_ALL_EVERY_SECONDS = 3600
"""Folders that were full are listed again: what is in the archive can also get lost there."""


def add_command(commands: argparse._SubParsersAction) -> None:
    """Declare the command."""
    parser = commands.add_parser("watch-repository", help="look for gaps in a stanza's archive")
    parser.add_argument("stanza")
    parser.set_defaults(run=lambda given: run(given.stanza))


def run(name: str) -> int:
    """Look once."""
    settings = state.read(state.SETTINGS / f"{name}.repository.json")
    file = state.STATE / f"{name}.repository.json"
    before = state.read(file)
    repository = Repository(name, settings.get("segment_bytes", SEGMENT_BYTES))
    try:
        now = look(repository, before, time.time())
    except RepositoryError as error:
        if not before.get("error"):
            print(f"<4>stanza {name}: the repository does not answer: {error}")
        before |= room(settings.get("directory"), before, time.time())
        state.write(file, {**before, "error": str(error), "looked_at": state.moment(time.time())})
        return 0
    now |= room(settings.get("directory"), before, time.time())
    for line in news(name, before, now):
        print(line)
    state.write(file, now)
    request = state.STATE / f"{name}.backup-requested"
    if now["backup_due"]:
        request.touch()
    else:
        request.unlink(missing_ok=True)
    return 0


def look(repository: Repository, before: dict[str, Any], now: float) -> dict[str, Any]:
    """State of the archive: gaps, what closes them, and whether a backup is due."""
    stanza = repository.info()
    listed_all = before.get("listed_all", 0)
    list_all = now - listed_all >= LIST_ALL_EVERY_SECONDS
    found, complete = read_archive(repository, stanza, [] if list_all else before.get("complete_folders", []))
    size = repository.segment_bytes
    seen = describe(relevant(gaps(found), stanza, size), stanza.backups, size)
    suspects = {gap["first"]: gap for gap in seen}
    # Segments travel side by side, so a hole may be one that is still on its way: it is one when it stays.
    known = {gap["first"] for gap in before.get("suspects", [])} | {gap["first"] for gap in before.get("gaps", [])}
    confirmed = [gap for first, gap in suspects.items() if first in known]
    open_gaps = [gap for gap in confirmed if gap["closed_by"] is None]
    last_request = before.get("backup_requested", 0)
    due = bool(open_gaps) and not stanza.backup_running and now - last_request >= REQUEST_EVERY_SECONDS
    return {
        "stanza": repository.stanza,
        "looked_at": state.moment(now),
        "error": None,
        "segments": len(found),
        "last_segment": max(found).name(size) if found else None,
        "gaps": confirmed,
        "suspects": [gap for first, gap in suspects.items() if first not in known],
        "complete_folders": complete,
        "listed_all": now if list_all else listed_all,
        "backup_due": due,
        "backup_requested": now if due else last_request,
        "last_backup": stanza.backups[-1].label if stanza.backups else None,
        "last_backup_stop": stanza.backups[-1].stop if stanza.backups else None,
        "backups": len(stanza.backups),
    }


def room(directory: str | None, before: dict[str, Any], now: float) -> dict[str, Any]:
    """Room on the repository's file system, and when it is used up; storage without a directory has no such end."""
    if not directory:
        return {}
    try:
        status = os.statvfs(directory)
    except OSError as error:
        return {"room_error": str(error)}
    free, used = status.f_bavail * status.f_frsize, (status.f_blocks - status.f_bfree) * status.f_frsize
    total = status.f_blocks * status.f_frsize
    # On a file system that was made larger or replaced, the rate begins anew.
    samples = before.get("room_samples", []) if before.get("total_bytes") == total else []
    samples = forecast.remember(samples, now, used, used)
    seconds = samples[-1][0] - samples[0][0]
    rate = (samples[-1][2] - samples[0][2]) / seconds if seconds else 0.0
    return {
        "room_error": None,
        "free_bytes": free,
        "total_bytes": total,
        "used_bytes_per_second": round(rate, 1),
        "seconds_until_full": forecast.remaining(free, rate),
        "room_samples": samples,
    }


def read_archive(repository: Repository, stanza: Stanza, known: list[str]) -> tuple[set[Segment], list[str]]:
    """The segments of the archive, and its folders that are full; those that are known as such are not listed."""
    found: set[Segment] = set()
    complete = []
    if not stanza.archive_id:
        return found, complete
    for log in repository.logs(stanza.archive_id):
        whole = folder(log, repository.segment_bytes)
        segments = whole if log in known else repository.segments(stanza.archive_id, log)
        found |= segments
        if segments == whole:
            complete.append(log)
    return found, complete


def folder(log: str, segment_bytes: int) -> set[Segment]:
    """All segments that a folder can have."""
    last = 0x1_0000_0000 // segment_bytes - 1
    first = Segment.parse(f"{log}00000000", segment_bytes)
    return {Segment(first.timeline, first.number + position) for position in range(last + 1)}


def relevant(found: list[Gap], stanza: Stanza, segment_bytes: int) -> list[Gap]:
    """Gaps behind the oldest backup; what lies before it serves no restore."""
    starts = [backup.start_segment for backup in stanza.backups if backup.start_segment]
    if not starts:
        return found
    oldest = Segment.parse(starts[0], segment_bytes)
    return [gap for gap in found if gap.last.number >= oldest.number]


def describe(found: list[Gap], backups: tuple[Backup, ...], segment_bytes: int) -> list[dict[str, Any]]:
    """Gaps with names, and the first backup that starts behind each."""
    return [
        {
            "first": gap.first.name(segment_bytes),
            "last": gap.last.name(segment_bytes),
            "count": gap.count,
            "closed_by": closing(gap, backups, segment_bytes),
        }
        for gap in found
    ]


def closing(gap: Gap, backups: tuple[Backup, ...], segment_bytes: int) -> str | None:
    """Label of the first backup that starts behind a gap."""
    for backup in backups:
        if backup.start_segment and Segment.parse(backup.start_segment, segment_bytes) > gap.last:
            return backup.label
    return None


def news(name: str, before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What has changed since the last look, for the journal."""
    lines = [f"<5>stanza {name}: the repository answers again"] if before.get("error") else []
    old = {gap["first"]: gap["closed_by"] for gap in before.get("gaps", [])}
    for gap in now["gaps"]:
        span = f"{gap['count']} segments are missing, {gap['first']} to {gap['last']}"
        if gap["first"] not in old:
            lines.append(f"<3>stanza {name}: {span}: no moment behind them can be restored before the next backup ends")
        if gap["closed_by"] and old.get(gap["first"]) != gap["closed_by"]:
            lines.append(f"<5>stanza {name}: {span}; backup {gap['closed_by']} closes the gap")
    if forecast.soon(before, now, "seconds_until_full"):
        lines.append(
            f"<4>stanza {name}: the repository's file system is full in {now['seconds_until_full']} s at the present rate "
            f"({now['free_bytes']} bytes are free). WAL then waits on the database hosts"
        )
    if now["backup_due"]:
        lines.append(f"<4>stanza {name}: starting a backup that closes the gap")
    return lines
