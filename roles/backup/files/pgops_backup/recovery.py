"""Waits until a restored cluster has reached its target and was promoted, and tells what it holds."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import time
from pathlib import Path
from typing import Any

from pgops_backup.cluster import ClusterError, ask

FACTS = """
select json_build_object(
    'in_recovery', pg_is_in_recovery(),
    'replayed_lsn', pg_last_wal_replay_lsn(),
    'last_transaction_at', pg_last_xact_replay_timestamp(),
    'timeline', ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int)
"""
RECOVERING = "select pg_is_in_recovery()"
# They would stop a later standby of this cluster at the same place, and postgresql.auto.conf beats every other file.
LEFTOVERS = (
    *("recovery_target", "recovery_target_action", "recovery_target_inclusive", "recovery_target_lsn"),
    *("recovery_target_name", "recovery_target_time", "recovery_target_timeline", "restore_command"),
)
POLL_SECONDS = 1
TROUBLE = re.compile(r"^.*(?:FATAL: |PANIC: |ERROR: |could not (?:open|access|load|find)).*$", re.MULTILINE)


def add_command(commands: argparse._SubParsersAction) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "finish-restore", help="wait until a restored cluster is promoted, print what it holds"
    )
    parser.add_argument("version")
    parser.add_argument("cluster")
    parser.add_argument("port", type=int)
    parser.add_argument("--timeout", type=int, default=86400)
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Wait, tidy up, and print the facts as JSON."""
    settings = {"socket_directory": "/var/run/postgresql", "port": given.port}
    unit = f"postgresql@{given.version}-{given.cluster}.service"
    log = Path(f"/var/log/postgresql/postgresql-{given.version}-{given.cluster}.log")
    trouble = wait(settings, unit, given.timeout)
    if trouble:
        lines = TROUBLE.findall(log.read_text(encoding="utf-8", errors="replace")) if log.is_file() else []
        print(json.dumps({"problem": trouble, "log": lines[-5:]}))
        return 1
    for name in LEFTOVERS:
        ask(settings, f"alter system reset {name}")
    print(json.dumps(facts(settings)))
    return 0


def wait(settings: dict[str, Any], unit: str, timeout: int) -> str | None:
    """Wait for the promotion; what went wrong otherwise."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        try:
            if ask(settings, RECOVERING).strip() == "f":
                return None
        except ClusterError:
            if not runs(unit):
                return f"{unit} has stopped"
        time.sleep(POLL_SECONDS)
    return f"{unit} was not promoted within {timeout} s"


def runs(unit: str) -> bool:
    """Whether the server runs or is starting."""
    asked = subprocess.run(["systemctl", "is-active", unit], capture_output=True, text=True, check=False)
    return asked.stdout.strip() in ("active", "activating", "reloading")


def facts(settings: dict[str, Any]) -> dict[str, Any]:
    """Where the cluster stands."""
    return json.loads(ask(settings, FACTS))
