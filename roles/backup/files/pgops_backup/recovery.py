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
from pgops_backup.segments import SEGMENT_BYTES, Segment, lsn_bytes

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
# So long there may be no server process: before it is started, and while it starts again after a crash.
GRACE_SECONDS = 20
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
    parser.add_argument("--reach", default="", help="segment of WAL that recovery has to get to")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Wait, tidy up, and print the facts as JSON."""
    settings = {"socket_directory": "/var/run/postgresql", "port": given.port}
    log = Path(f"/var/log/postgresql/postgresql-{given.version}-{given.cluster}.log")
    trouble = wait(settings, given.version, given.cluster, given.timeout)
    if trouble:
        return tell(trouble, log)
    for name in LEFTOVERS:
        ask(settings, f"alter system reset {name}")
    found = facts(settings)
    trouble = short_of(found["replayed_lsn"], given.reach)
    if trouble:
        return tell(trouble, log)
    print(json.dumps(found))
    return 0


def tell(trouble: str, log: Path) -> int:
    """Print what went wrong, with the server's own words."""
    lines = TROUBLE.findall(log.read_text(encoding="utf-8", errors="replace")) if log.is_file() else []
    print(json.dumps({"problem": trouble, "log": lines[-5:]}))
    return 1


def wait(settings: dict[str, Any], version: str, cluster: str, timeout: int) -> str | None:
    """Wait for the promotion; what went wrong otherwise.

    The unit is not asked: it stays in its start for ever when a server that was ready to be read from ends.
    """
    began = seen = time.monotonic()
    while time.monotonic() < began + timeout:
        try:
            if ask(settings, RECOVERING).strip() == "f":
                return None
            seen = time.monotonic()
        except ClusterError:
            if runs(version, cluster):
                seen = time.monotonic()
            elif time.monotonic() > seen + GRACE_SECONDS:
                return f"the server of cluster {version}/{cluster} has ended"
        time.sleep(POLL_SECONDS)
    return f"cluster {version}/{cluster} was not promoted within {timeout} s"


def runs(version: str, cluster: str) -> bool:
    """Whether the server has a process."""
    command = ["pg_ctlcluster", version, cluster, "status"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def short_of(replayed_lsn: str | None, reach: str) -> str | None:
    """PostgreSQL takes a damaged or missing segment for the end of WAL and goes on without what lies behind it."""
    if not reach or replayed_lsn is None or lsn_bytes(replayed_lsn) > Segment.parse(reach).number * SEGMENT_BYTES:
        return None
    return (
        f"recovery ended at {replayed_lsn} although the archive goes on to segment {reach}: the segment there is damaged, or the next "
        "one is missing (playbooks/backup_info.yml shows gaps and what verification found). Everything behind is not in the cluster, "
        "which was promoted there. With the segment put right, restore again."
    )


def facts(settings: dict[str, Any]) -> dict[str, Any]:
    """Where the cluster stands."""
    return json.loads(ask(settings, FACTS))
