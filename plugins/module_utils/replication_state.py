# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What PostgreSQL's programs and files say of a cluster's place in replication: reading their texts."""

from __future__ import annotations

import re

CONTROL_FIELDS = {
    "Database cluster state": "state",
    "Database system identifier": "system_identifier",
    "Latest checkpoint location": "checkpoint_lsn",
    "Latest checkpoint's REDO location": "redo_lsn",
    "Latest checkpoint's TimeLineID": "checkpoint_timeline",
    "Time of latest checkpoint": "checkpoint_at",
    "Minimum recovery ending location": "minimum_recovery_lsn",
    "Min recovery ending loc's timeline": "minimum_recovery_timeline",
    "Data page checksum version": "checksum_version",
    "wal_log_hints setting": "wal_log_hints",
}
NUMBERS = ("checkpoint_timeline", "minimum_recovery_timeline", "checksum_version")
CLEAN = "shut down"


def read_control(text):
    """Return what pg_controldata says, by names of ours."""
    found = {}
    for line in text.splitlines():
        label, colon, value = line.partition(":")
        name = CONTROL_FIELDS.get(label.strip())
        if colon and name:
            found[name] = int(value) if name in NUMBERS else value.strip()
    if found:
        found["timeline"] = max(found.get("checkpoint_timeline", 0), found.get("minimum_recovery_timeline", 0))
    return found


def read_history(text):
    """Return the switches of timeline that led to one: C([{timeline, ended_at_lsn, reason}])."""
    found = []
    for line in text.splitlines():
        match = re.match(r"^\s*(\d+)\s+([0-9A-Fa-f]+/[0-9A-Fa-f]+)\s*(.*)$", line)
        if match:
            found.append({"timeline": int(match[1]), "ended_at_lsn": match[2], "reason": match[3].strip()})
    return found


def lsn_bytes(lsn):
    """Return a position in WAL as a number of bytes."""
    high, _slash, low = lsn.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


def lsn_difference(later, earlier):
    """Return the bytes between two positions, None when one is unknown."""
    return lsn_bytes(later) - lsn_bytes(earlier) if later and earlier else None
