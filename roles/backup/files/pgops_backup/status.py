"""What a deploy and an operator ask of a stanza: does it exist, what backups has it, do its timers run."""

from __future__ import annotations

import argparse
import json
import subprocess
from typing import Any

from pgops_backup import state
from pgops_backup.repository import Backup, Repository, Stanza
from pgops_backup.segments import SEGMENT_BYTES
from pgops_backup.table import table

TIMERS = ("pgops-backup-full", "pgops-backup-incr", "pgops-backup-verify", "pgops-repository-watch")


def add_command(commands: argparse._SubParsersAction) -> None:
    """Declare the command."""
    parser = commands.add_parser("status", help="print the state of a stanza")
    parser.add_argument("stanza")
    parser.add_argument("--format", choices=["json", "table"], default="table")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Print it."""
    status = collect(given.stanza)
    print(json.dumps(status) if given.format == "json" else table(status))
    return 0


def collect(name: str) -> dict[str, Any]:
    """Everything known of a stanza on the machine that keeps its backups."""
    settings = state.read(state.SETTINGS / f"{name}.repository.json")
    stanza = Repository(name, settings.get("segment_bytes", SEGMENT_BYTES)).info()
    return {
        **summary(stanza),
        "timers": running_timers(name),
        "archive": state.read(state.STATE / f"{name}.repository.json"),
        "verification": state.read(state.STATE / f"{name}.verify.json"),
    }


def summary(stanza: Stanza) -> dict[str, Any]:
    """A stanza as JSON."""
    return {
        "stanza": stanza.name,
        "exists": stanza.exists,
        "ok": stanza.code == 0,
        "message": stanza.message,
        "system_identifier": stanza.system_identifier,
        "archive_first": stanza.archive_first,
        "archive_last": stanza.archive_last,
        "backup_running": stanza.backup_running,
        "backups": [backup_summary(backup) for backup in stanza.backups],
    }


def backup_summary(backup: Backup) -> dict[str, Any]:
    """One backup as JSON."""
    return {
        "label": backup.label,
        "type": backup.kind,
        "started_at": state.moment(backup.start),
        "restores_from": state.moment(backup.stop),
        "seconds": backup.stop - backup.start,
        "start_segment": backup.start_segment,
        "start_lsn": backup.start_lsn,
        "stop_lsn": backup.stop_lsn,
        "database_bytes": backup.database_bytes,
        "repository_bytes": backup.repository_bytes,
        "error": backup.error,
    }


def running_timers(name: str) -> list[str]:
    """The stanza's timers that are both active and enabled."""
    units = [f"{timer}@{name}.timer" for timer in TIMERS]
    shown = subprocess.run(
        ["systemctl", "show", "--property=Id,ActiveState,UnitFileState", *units],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    blocks = [dict(line.split("=", 1) for line in block.splitlines()) for block in shown.split("\n\n") if block.strip()]
    return [block["Id"] for block in blocks if block["ActiveState"] == "active" and block["UnitFileState"] == "enabled"]
