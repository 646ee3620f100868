"""Chooses the backup, refuses what has no room, and has pgBackRest restore it."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pgops_backup import verification
from pgops_backup.repository import Backup, Repository, RepositoryError, Stanza
from pgops_backup.restore_plan import Target, gap_warnings, plan
from pgops_backup.segments import SEGMENT_BYTES, lsn_bytes
from pgops_backup.state import moment

from pgops_drill.errors import DrillError
from pgops_drill.scratch import Scratch, bound_to_us

MEGABYTE = 1048576
CHECKSUM_ERROR = 26
"""pgBackRest's exit status for a file whose checksum is not that of the manifest."""
VERIFY_SECONDS = 3600
PROBLEMS_SHOWN = 5


@dataclass(frozen=True)
class Choice:
    """The backup that is restored."""

    backup: Backup
    warnings: tuple[str, ...]
    problems: tuple[str, ...]

    def summary(self, now: float) -> dict[str, Any]:
        """As JSON."""
        return {
            "label": self.backup.label,
            "type": self.backup.kind,
            "ended_at": moment(self.backup.stop),
            "age_seconds": int(now - self.backup.stop),
            "database_bytes": self.backup.database_bytes,
        }


def choose(repository: Repository) -> Choice:
    """The backup that a restore would take now."""
    try:
        stanza = repository.info()
        made = plan(stanza, Target(), time.time())
        if made.problems:
            raise DrillError(
                f"stanza {stanza.name} has no backup that could be restored ({stanza.message}); "
                "playbooks/backup.yml makes one"
            )
        warnings = gap_warnings(repository, stanza, made.backup)
    except RepositoryError as error:
        raise DrillError(f"the repository of stanza {repository.stanza} does not answer: {error}") from error
    chosen = next(backup for backup in stanza.backups if backup.label == made.backup)
    return Choice(chosen, tuple(warnings), tuple(damaged(stanza, chosen)))


def damaged(stanza: Stanza, chosen: Backup) -> list[str]:
    """Backups that are passed over, because pgBackRest found damaged pages when it made them."""
    return [
        f"backup {backup.label} holds pages that were damaged when it was made, and was passed over for {chosen.label}; "
        "pgbackrest info --set names them: repair the source, then make a full backup"
        for backup in stanza.backups
        if backup.error and backup.stop > chosen.stop
    ]


def room_needed(choice: Choice, database_bytes: int) -> int:
    """What the copy will need: the backup, and what the source has grown since."""
    return max(choice.backup.database_bytes, database_bytes)


def refuse_without_room(directory: Path, needed: int, reserve_mb: int) -> int:
    """Leave the file system, which others use as well, its reserve; free bytes."""
    there = next(parent for parent in (directory, *directory.parents) if parent.exists())
    status = os.statvfs(there)
    free = status.f_bavail * status.f_frsize
    if free - needed < reserve_mb * MEGABYTE:
        raise DrillError(
            f"drill_directory {directory}: {free} bytes are free on its file system, the copy needs {needed} and "
            f"{reserve_mb} MiB (drill_reserve_mb) have to stay free; choose a drill_directory with more room"
        )
    return free


def command(scratch: Scratch, choice: Choice, name: str, processes: int) -> list[str]:
    """The restore. Spool and lock of its own: otherwise its fetching of WAL would keep the source's archiving waiting."""
    settings = scratch.settings
    return [
        "pgbackrest",
        f"--stanza={settings.stanza}",
        f"--pg1-path={scratch.data}",
        f"--spool-path={scratch.spool}",
        f"--lock-path={scratch.lock}",
        "--log-level-file=off",
        "--log-level-console=warn",
        "--no-log-timestamp",
        f"--process-max={processes}",
        f"--set={choice.backup.label}",
        "--type=name",
        f"--target={name}",
        "--target-action=promote",
        "--archive-mode=off",
        f"--tablespace-map-all={scratch.tablespaces}",
        "restore",
    ]


def restore(scratch: Scratch, choice: Choice, name: str, processes: int) -> None:
    """Restore; pgBackRest's own words name a damaged file."""
    done = subprocess.run(
        [*bound_to_us("TERM"), *command(scratch, choice, name, processes)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        named = damaged_files(Repository(scratch.settings.stanza, SEGMENT_BYTES))
        raise DrillError(failure(choice.backup.label, done.returncode, done.stdout + done.stderr, named))


def damaged_files(repository: Repository) -> list[str]:
    """What a verification finds: a restore does not name every damaged file, least of all an encrypted one."""
    try:
        return verification.verify(repository, VERIFY_SECONDS)["problems"][:PROBLEMS_SHOWN]
    except RepositoryError:
        return []


def failure(label: str, status: int, output: str, named: list[str]) -> str:
    """What a failed restore says, in one line."""
    words = " | ".join(line.strip() for line in output.splitlines() if line.strip()) or "it printed nothing"
    kind = "is damaged" if status == CHECKSUM_ERROR or named else "could not be restored"
    found = f". pgbackrest verify: {'; '.join(named)}" if named else ""
    return (
        f"backup {label} {kind}: pgbackrest restore ended with {status}: {words}{found}. Make a full backup at once "
        "(playbooks/backup.yml -e backup_type=full), then look at the repository's disk"
    )


def replayed_bytes(choice: Choice, lsn: str) -> int:
    """WAL between the backup's start and the moment."""
    return max(0, lsn_bytes(lsn) - lsn_bytes(choice.backup.start_lsn))
