"""Looks after the archiving of one cluster: what waits, how long there is room, and what was dropped."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from pgops_backup import cluster, dropped, forecast, state
from pgops_backup.repository import Repository, RepositoryError, Stanza
from pgops_backup.segments import NAME, Segment

LOGS = ("archive-push-async", "archive-push")


def add_command(commands: argparse._SubParsersAction) -> None:
    """Declare the command."""
    parser = commands.add_parser("watch-archive", help="look after the archiving of a cluster")
    parser.add_argument("cluster")
    parser.set_defaults(run=lambda given: run(given.cluster))


def run(name: str) -> int:
    """Look once."""
    settings = state.read(state.SETTINGS / f"{name}.cluster.json")
    file = state.STATE / f"{name}.archive.json"
    before = state.read(file)
    try:
        now = measure(settings, before, time.time())
    except cluster.ClusterError as error:
        if before.get("error") is None:
            print(f"<4>cluster {name} does not answer: {error}")
        state.write(file, {**before, "error": str(error), "looked_at": state.moment(time.time())})
        return 0
    # A repository that does not answer must not keep back what is known without it.
    state.write(file, {**before, **now})
    now |= look_for_dropped(settings, before, now)
    for line in news(name, before, now):
        print(line)
    state.write(file, now)
    if len(now["dropped"]) > len(before.get("dropped", [])) and not now["in_recovery"]:
        # The repository sees a gap by the segment behind it, and a quiet server may not finish that one for long.
        cluster.switch_segment(settings)
    return 0


def measure(settings: dict[str, Any], before: dict[str, Any], now: float) -> dict[str, Any]:
    """What waits to be archived, and how long there is room for it."""
    archiver = cluster.archiving(settings)
    data_directory = Path(settings["data_directory"])
    waiting = cluster.waiting_segments(data_directory)
    waiting_bytes = waiting * settings["segment_bytes"]
    free = cluster.free_bytes(data_directory)
    limit = settings["queue_limit_bytes"]
    samples = forecast.remember(before.get("samples", []), now, int(archiver["position"]), waiting_bytes)
    return {
        "cluster": settings["cluster"],
        "stanza": settings["stanza"],
        "looked_at": state.moment(now),
        "error": None,
        **archiver,
        "waiting_segments": waiting,
        "waiting_bytes": waiting_bytes,
        "free_bytes": free,
        "limit_bytes": limit,
        # What gives way first when nothing can be archived for long: the archive, or the server.
        "gives_way": "archive" if limit and limit - waiting_bytes < free else "server",
        **forecast.forecast(samples, free, limit),
        "samples": samples,
    }


def look_for_dropped(settings: dict[str, Any], before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """Segments that were dropped: what the log names at once, and what the repository does not have."""
    size = settings["segment_bytes"]
    if now["in_recovery"]:  # it archives nothing, and its log is that of the stanza's primary on the same machine
        return {
            "log_positions": {log: dropped.new_text(log_file(settings, log), {})[1] for log in LOGS},
            "repository_error": None,
            "checked_until": before.get("checked_until"),
            "dropped": before.get("dropped", []),
        }
    positions, named = {}, set()
    for log in LOGS:
        text, positions[log] = dropped.new_text(log_file(settings, log), before.get("log_positions", {}).get(log, {}))
        named |= {Segment.parse(name, size) for name in dropped.named_in(text)}
    known = dropped.record(before.get("dropped", []), named, size, now["looked_at"])
    found = {"log_positions": positions, "repository_error": None, "checked_until": before.get("checked_until")}
    try:
        checked, known = compare(Repository(settings["stanza"], size), found["checked_until"], known, now)
    except RepositoryError as error:
        return {**found, "dropped": known, "repository_error": str(error)}
    return {**found, "dropped": known, "checked_until": checked}


def log_file(settings: dict[str, Any], log: str) -> Path:
    """Where pgBackRest writes what it did with the stanza's segments on this machine."""
    return Path(settings["log_directory"]) / f"{settings['stanza']}-{log}.log"


def compare(
    repository: Repository, checked: str | None, known: list[dict[str, Any]], now: dict[str, Any]
) -> tuple[str | None, list[dict[str, Any]]]:
    """How far the archive was compared, and the known gaps with those found; asks only when there is something to ask."""
    size = repository.segment_bytes
    until = last_segment(now["last_archived_wal"], size)
    if "pgbackrest" not in now["archive_command"]:  # segments go somewhere else at present
        return until.name(size) if until else checked, known
    after = Segment.parse(checked, size) if checked else None
    if until and after and until > after and until.number <= after.number:  # restored to an earlier position
        after = Segment(until.timeline, until.number - 1)
    advanced = until is not None and (after is None or until.number > after.number)
    if not advanced and all(gap["closed_by"] for gap in known):
        return checked, known
    stanza = repository.info()
    if not stanza.exists:
        return checked, known
    if advanced and after is not None:  # what was archived before the first look may lie somewhere else
        missing = dropped.missing(repository, stanza.archive_id, after, until)
        known = dropped.record(known, missing, size, now["looked_at"])
    return until.name(size) if advanced else checked, with_closing_backups(stanza, known)


def last_segment(name: str | None, segment_bytes: int) -> Segment | None:
    """The last segment that was archived. The file behind it may be that of a backup; a history file says nothing."""
    if name is None or not NAME.fullmatch(name.split(".")[0]):
        return None
    return Segment.parse(name[:24], segment_bytes) if not name.endswith(".partial") else None


def with_closing_backups(stanza: Stanza, known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Name the backup behind each gap; a gap from before the oldest backup matters to nobody any more."""
    starts = [(backup.start_segment, backup.label) for backup in stanza.backups if backup.start_segment]
    return [
        {**gap, "closed_by": next((label for start, label in starts if start > gap["last"]), None)}
        for gap in known
        if not starts or gap["last"][8:] >= starts[0][0][8:]
    ]


def news(name: str, before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What has changed since the last look, for the journal."""
    old = {gap["first"]: gap["closed_by"] for gap in before.get("dropped", [])}
    lines = []
    for gap in now["dropped"]:
        span = f"{gap['count']} segments, {gap['first']} to {gap['last']}"
        if gap["first"] not in old:
            lines.append(
                f"<3>cluster {name}: {span}, were dropped: more than {now['limit_bytes']} bytes waited to be archived. "
                "PostgreSQL counts them as archived. No moment behind them can be restored before the next backup ends"
            )
        if gap["closed_by"] and old.get(gap["first"]) is None:
            lines.append(f"<5>cluster {name}: backup {gap['closed_by']} closes the gap of {span}")
    if forecast.soon(before, now, "seconds_until_full") and now["gives_way"] == "server":
        lines.append(
            f"<3>cluster {name}: the file system of pg_wal is full in {now['seconds_until_full']} s at the present rate, and the "
            f"server then stops: {now['waiting_segments']} segments wait to be archived"
        )
    if forecast.soon(before, now, "seconds_until_dropped") and now["gives_way"] == "archive":
        lines.append(
            f"<3>cluster {name}: backup_archive_queue_max_mb is reached in {now['seconds_until_dropped']} s at the present rate, "
            f"and all that waits is then dropped: {now['waiting_segments']} segments wait to be archived"
        )
    if now["repository_error"] and not before.get("repository_error"):
        lines.append(f"<4>cluster {name}: the repository does not answer: {now['repository_error']}")
    if before.get("repository_error") and not now["repository_error"]:
        lines.append(f"<5>cluster {name}: the repository answers again")
    return lines
