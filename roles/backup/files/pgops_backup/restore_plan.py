"""What a restore would do, and what speaks against it."""

from __future__ import annotations

import argparse
import json
import os
import re
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pgops_backup import state
from pgops_backup.repository import Backup, Repository, RepositoryError, Stanza
from pgops_backup.repository_watch import read_archive
from pgops_backup.segments import SEGMENT_BYTES, Segment, gaps, lsn_bytes

LSN = re.compile(r"[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}")


@dataclass
class Target:
    """Where a restore is to stop; at most one of the three, none for the end of the archive."""

    time: str = ""
    lsn: str = ""
    name: str = ""
    backup: str = ""
    """Label of the backup to start from; empty for the one that fits."""


@dataclass
class Plan:
    """Options for `pgbackrest restore`, the backup it starts from, and problems."""

    options: list[str] = field(default_factory=list)
    backup: str = ""
    target: str = ""
    reach: str = ""
    """Last segment of the archive, when the target is its end: what is restored has to get there."""
    database_bytes: int = 0
    warnings: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def add_command(commands: argparse._SubParsersAction) -> None:
    """Declare the command."""
    parser = commands.add_parser("plan-restore", help="print what a restore would do as JSON")
    parser.add_argument("stanza")
    for name in ("time", "lsn", "name", "backup"):
        parser.add_argument(f"--{name}", default="")
    parser.add_argument(
        "--directory", help="where the data will lie: a new directory, whose file system must have room"
    )
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Print the plan."""
    target = Target(given.time, given.lsn, given.name, given.backup)
    repository = Repository(given.stanza, SEGMENT_BYTES)
    try:
        stanza = repository.info()
        made = plan(stanza, target, time.time())
        made.warnings = gap_warnings(repository, stanza, made.backup)
    except RepositoryError as error:
        made = Plan(problems=[f"the repository of stanza {given.stanza} does not answer: {error}"])
    if given.directory and not made.problems:
        made.problems += no_room(Path(given.directory), made.database_bytes)
    print(json.dumps(asdict(made)))
    return 0


def gap_warnings(repository: Repository, stanza: Stanza, label: str) -> list[str]:
    """Gaps in the archive behind a backup: a restore from it ends before the first of them, at its own target or not."""
    chosen = next((backup for backup in stanza.backups if backup.label == label), None)
    if chosen is None or chosen.start_segment is None:
        return []
    start = Segment.parse(chosen.start_segment, repository.segment_bytes)
    found, _complete = read_archive(repository, stanza, [])
    return [
        f"{gap.count} segments are missing behind backup {label}, {gap.first.name(repository.segment_bytes)} to "
        f"{gap.last.name(repository.segment_bytes)}: what was committed behind them cannot be restored from it"
        for gap in gaps({segment for segment in found if segment.number >= start.number})
    ]


def no_room(directory: Path, needed: int) -> list[str]:
    """Say so when the data does not fit, WAL to be replayed not counted."""
    there = next(parent for parent in (directory, *directory.parents) if parent.exists())
    room = os.statvfs(there)
    free = room.f_bavail * room.f_frsize
    if free >= needed:
        return []
    return [f"restore_data_directory {directory}: {free} bytes are free on its file system, the backup needs {needed}"]


def plan(stanza: Stanza, target: Target, now: float) -> Plan:
    """Choose backup and options for a target."""
    made = Plan()
    usable = [backup for backup in stanza.backups if not backup.error]
    if not stanza.exists or not usable:
        made.problems.append(
            f"restore_stanza is {stanza.name}, which has no backup: {stanza.message}; accepted: a stanza that "
            "playbooks/backup_info.yml shows with a backup"
        )
        return made
    given = [name for name in ("time", "lsn", "name") if getattr(target, name)]
    if len(given) > 1:
        made.problems.append(
            f"{' and '.join(f'restore_target_{name}' for name in given)} are given; accepted: one of them, or none for the latest"
        )
        return made
    if target.backup:
        usable = [backup for backup in usable if backup.label == target.backup]
        if not usable:
            known = ", ".join(backup.label for backup in stanza.backups)
            made.problems.append(f"restore_backup is {target.backup}; accepted: one of {known}")
            return made
    chooser = {"time": by_time, "lsn": by_lsn, "name": by_name}.get(given[0] if given else "", latest)
    chooser(made, usable, target, now)
    if not given:
        made.reach = stanza.archive_last or ""
    made.database_bytes = next((backup.database_bytes for backup in usable if backup.label == made.backup), 0)
    return made


def latest(made: Plan, usable: list[Backup], _target: Target, _now: float) -> None:
    """The end of the archive."""
    made.backup = usable[-1].label
    made.target = "the end of the archive"
    made.options = [f"--set={made.backup}", "--type=default"]


def by_time(made: Plan, usable: list[Backup], target: Target, now: float) -> None:
    """A moment: the last backup that ended before it."""
    try:
        moment = parse_time(target.time)
    except ValueError:
        made.problems.append(
            f"restore_target_time is '{target.time}'; accepted: a moment with its offset from UTC, such as 2026-11-21 14:05:00+00"
        )
        return
    first = usable[0].stop
    window = f"accepted: from {state.moment(first)} (end of backup {usable[0].label}) to now ({state.moment(now)})"
    if moment < first:
        made.problems.append(f"restore_target_time is {state.moment(moment)}, before the first backup's end; {window}")
    elif moment > now:
        made.problems.append(f"restore_target_time is {state.moment(moment)}, in the future; {window}")
    else:
        made.backup = [backup for backup in usable if backup.stop <= moment][-1].label
        text = datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S.%f+00")
        made.target = text
        made.options = [f"--set={made.backup}", "--type=time", f"--target={text}", "--target-action=promote"]


def parse_time(text: str) -> float:
    """Seconds since 1970 of a moment in ISO 8601; without an offset it is no moment."""
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment.timestamp()


def by_lsn(made: Plan, usable: list[Backup], target: Target, _now: float) -> None:
    """A position in WAL: the last backup that ended before it."""
    if not LSN.fullmatch(target.lsn):
        made.problems.append(
            f"restore_target_lsn is '{target.lsn}'; accepted: two hexadecimal numbers, such as 0/1A2B3C4D"
        )
        return
    position = lsn_bytes(target.lsn)
    fitting = [backup for backup in usable if lsn_bytes(backup.stop_lsn) <= position]
    if not fitting:
        made.problems.append(
            f"restore_target_lsn is {target.lsn}, before the first backup's end; accepted: from {usable[0].stop_lsn} "
            f"(end of backup {usable[0].label}) on"
        )
        return
    made.backup = fitting[-1].label
    made.target = f"LSN {target.lsn}"
    made.options = [f"--set={made.backup}", "--type=lsn", f"--target={target.lsn}", "--target-action=promote"]


def by_name(made: Plan, usable: list[Backup], target: Target, _now: float) -> None:
    """A restore point, looked for behind the latest backup unless another is given: names are in WAL alone."""
    made.backup = usable[-1].label
    made.target = f"restore point {target.name}"
    made.options = [f"--set={made.backup}", "--type=name", f"--target={target.name}", "--target-action=promote"]
