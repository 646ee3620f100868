"""What the watch of a cluster knows of its archiving, for somebody who reads it."""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

from pgops_backup import state
from pgops_backup.table import readable

KEYS = (
    "looked_at",
    "error",
    "repository_error",
    "in_recovery",
    "waiting_segments",
    "waiting_bytes",
    "last_archived_wal",
    "last_archived_at",
    "last_failed_wal",
    "last_failed_at",
    "free_bytes",
    "limit_bytes",
    "gives_way",
    "seconds_until_full",
    "seconds_until_dropped",
    "dropped",
)
WAITS_SECONDS = 60
"""What was finished just now may wait for a moment; a segment that waits longer does so for a reason."""


def add_command(commands: argparse._SubParsersAction) -> None:
    """Declare the command."""
    parser = commands.add_parser("archiving", help="print what waits to be archived on this machine")
    parser.add_argument("cluster")
    parser.add_argument("--format", choices=["json", "table"], default="table")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Print it."""
    known = state.read(state.STATE / f"{given.cluster}.archive.json")
    found = {key: known.get(key) for key in KEYS} if known else {}
    print(json.dumps(found) if given.format == "json" else "\n".join(lines(given.cluster, found, time.time())))
    return 0


def lines(cluster: str, known: dict[str, Any], now: float) -> list[str]:
    """Lines of text."""
    if not known:
        return [f"archiving of {cluster}: not looked at yet"]
    if known["error"]:
        return [f"archiving of {cluster}: THE SERVER DOES NOT ANSWER ({known['looked_at']}): {known['error']}"]
    if known["in_recovery"]:
        return [f"archiving of {cluster}: it is a standby, its primary archives ({known['looked_at']})"]
    found = [f"archiving of {cluster}: {waiting(known, now)} ({known['looked_at']})"]
    failed, archived = known["last_failed_at"], known["last_archived_at"]
    if failed and (not archived or failed > archived):
        found.append(f"  FAILS: {known['last_failed_wal']}, {state.moment(failed)}; the server's log says why")
    if known["repository_error"]:
        found.append(f"  THE REPOSITORY DOES NOT ANSWER: {known['repository_error']}")
    if known["waiting_segments"]:
        found.append(f"  {ends(known)}")
    found += [
        f"  DROPPED: {gap['count']} segments, {gap['first']} to {gap['last']}, "
        + (f"closed by {gap['closed_by']}" if gap["closed_by"] else "not closed yet")
        for gap in known["dropped"] or []
    ]
    return found


def waiting(known: dict[str, Any], now: float) -> str:
    """What waits, and since when nothing went through."""
    archived = known["last_archived_at"]
    last = f"the last one went at {state.moment(archived)}" if archived else "none went yet"
    if not known["waiting_segments"]:
        return f"nothing waits, {last}"
    wait = "WAIT" if now - (archived or 0) > WAITS_SECONDS else "wait"
    return f"{known['waiting_segments']} segments ({readable(known['waiting_bytes'])}) {wait}, {last}"


def ends(known: dict[str, Any]) -> str:
    """What happens when nothing can be archived for long, and when."""
    if known["gives_way"] == "archive":
        what = f"at {readable(known['limit_bytes'])} they are dropped (backup_archive_queue_max_mb), and the server goes on"
        seconds = known["seconds_until_dropped"]
    else:
        what = f"{readable(known['free_bytes'])} are free for them; when those are used up, the server stops"
        seconds = known["seconds_until_full"]
    return what + (f": in {seconds / 60:.0f} minutes at the present rate" if seconds is not None else "")
