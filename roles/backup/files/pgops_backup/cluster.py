"""What a running cluster says of its archiving."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

QUESTION = """
select json_build_object(
    'in_recovery', pg_is_in_recovery(),
    'archive_mode', current_setting('archive_mode'), 'archive_command', current_setting('archive_command'),
    'position', pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end, '0/0'),
    'archived_count', archived_count, 'last_archived_wal', last_archived_wal,
    'last_archived_at', extract(epoch from last_archived_time),
    'failed_count', failed_count, 'last_failed_wal', last_failed_wal,
    'last_failed_at', extract(epoch from last_failed_time))
from pg_stat_archiver
"""
# A restore point so that the switch is no empty one: the segment behind a gap shows the gap in the repository.
SWITCH = "select pg_create_restore_point('pgops: segments were dropped'), pg_switch_wal()"


class ClusterError(Exception):
    """The cluster did not answer."""


def ask(settings: dict[str, Any], question: str) -> str:
    """Ask the cluster through its socket."""
    command = [
        "psql",
        "-XAtq",
        "-v",
        "ON_ERROR_STOP=1",
        "-h",
        settings["socket_directory"],
        "-p",
        str(settings["port"]),
    ]
    environment = {**os.environ, "PGCONNECT_TIMEOUT": "5", "PGOPTIONS": "-c statement_timeout=10s"}
    try:
        done = subprocess.run(
            [*command, "-d", "postgres", "-c", question],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            env=environment,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ClusterError(str(error)) from error
    if done.returncode != 0:
        raise ClusterError(done.stderr.strip())
    return done.stdout


def archiving(settings: dict[str, Any]) -> dict[str, Any]:
    """State of the cluster's archiver."""
    return json.loads(ask(settings, QUESTION))


def switch_segment(settings: dict[str, Any]) -> None:
    """Finish the present segment."""
    ask(settings, SWITCH)


def waiting_segments(data_directory: Path) -> int:
    """How many segments wait to be archived; PostgreSQL marks each with a file."""
    return sum(1 for entry in os.scandir(data_directory / "pg_wal" / "archive_status") if entry.name.endswith(".ready"))


def free_bytes(data_directory: Path) -> int:
    """Room for WAL that postgres may use."""
    room = os.statvfs(data_directory / "pg_wal")
    return room.f_bavail * room.f_frsize
