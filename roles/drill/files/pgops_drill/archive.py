"""What of the source is in the archive: at the drill's beginning (what its loss would cost), and up to the moment."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from pgops_backup.repository import Repository, RepositoryError
from pgops_backup.segments import NAME, Segment

from pgops_drill.errors import DrillError
from pgops_drill.sessions import Session

ARCHIVER = """
select last_archived_wal, extract(epoch from last_archived_time)::float8, last_failed_wal, failed_count,
       pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint
from pg_stat_archiver
"""
POLL_SECONDS = 0.5
NOTHING = {
    "seconds": None,
    "bytes": None,
    "archived_until": None,
    "last_segment": None,
    "basis": "nothing was archived yet",
}


def exposure(session: Session, data_directory: Path, segment_bytes: int) -> dict[str, Any]:
    """What would be missing if the source and its pg_wal were lost now.

    PostgreSQL notes a segment that is complete in a file, and renames that file when it is archived: its time stays that
    of the completion, so every commit up to then is in the archive.
    """
    name, archived_at, _failed, _count, position = session.rows(ARCHIVER)[0]
    if name is None or not NAME.fullmatch(name[:24]):
        return NOTHING
    segment = name[:24]
    behind = position - (Segment.parse(segment, segment_bytes).number + 1) * segment_bytes
    try:
        complete_at = (data_directory / "pg_wal" / "archive_status" / f"{segment}.done").stat().st_mtime
        basis = "when the last archived segment was complete"
    except OSError:
        complete_at, basis = archived_at, "when the last archived segment was archived; its completion is not known"
    return {
        "seconds": round(max(0.0, time.time() - complete_at), 1) if behind > 0 else 0.0,
        "bytes": max(0, behind),
        "archived_until": complete_at,
        "last_segment": segment,
        "basis": basis,
    }


def finish_segment(session: Session, lsn: str) -> str:
    """Finish the segment that holds a position; its name."""
    name = session.value("select pg_walfile_name(%s::pg_lsn)", (lsn,))
    session.rows("select pg_switch_wal()")
    return name


def wait_archived(session: Session, repository: Repository, segment: str, timeout_seconds: float) -> float:
    """Wait until the repository has a segment; seconds that it took.

    The repository is asked itself: PostgreSQL also counts segments as archived that pgBackRest has dropped.
    """
    began = time.monotonic()
    wanted = Segment.parse(segment, repository.segment_bytes)
    why = ""
    while time.monotonic() - began < timeout_seconds:
        last, _at, failed, count, _position = session.rows(ARCHIVER)[0]
        if last is not None and last[8:24] >= segment[8:]:
            try:
                stanza = repository.info()
                if wanted in repository.segments(stanza.archive_id, segment[:16]):
                    return round(time.monotonic() - began, 3)
                why = f"PostgreSQL counts {last} as archived, but the repository does not have {segment}"
            except RepositoryError as error:
                why = f"the repository does not answer: {error}"
        else:
            why = f"last archived: {last}; {count} failures, the last of {failed}"
        time.sleep(POLL_SECONDS)
    raise DrillError(
        f"segment {segment}, which holds the moment of comparison, was not in the repository after {timeout_seconds:g} s "
        f"({why}). What the archive lacks cannot be restored; /var/lib/pgops/backup and the journal of "
        "pgops-archive-watch say what archiving suffers from"
    )
