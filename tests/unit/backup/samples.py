"""What pgBackRest 2.60 printed, shortened."""

from __future__ import annotations

from pgops_backup.repository import Backup, Stanza
from pgops_backup.segments import SEGMENT_BYTES, Segment

INFO = {
    "archive": [
        {"database": {"id": 1}, "id": "18-1", "max": "000000010000000000000007", "min": "000000010000000000000003"}
    ],
    "backup": [
        {
            "archive": {"start": "000000010000000000000006", "stop": "000000010000000000000006"},
            "database": {"id": 1, "repo-key": 1},
            "error": False,
            "info": {"delta": 44403917, "repository": {"delta": 6529376}, "size": 44403917},
            "label": "20261121-153457F",
            "lsn": {"start": "0/60000D8", "stop": "0/6014A10"},
            "timestamp": {"start": 1795275297, "stop": 1795275302},
            "type": "full",
        }
    ],
    "db": [{"id": 1, "repo-key": 1, "system-id": 7710644198499403947, "version": "18"}],
    "name": "db1",
    "status": {"code": 0, "lock": {"backup": {"held": False}}, "message": "ok"},
}
NO_STANZA = {
    "archive": [],
    "backup": [],
    "db": [],
    "name": "nope",
    "status": {"code": 1, "lock": {"backup": {"held": False}}, "message": "missing stanza path"},
}

WHOLE = """P00   INFO: verify command begin 2.60.0: --output=text --stanza=db2 --verbose
P00   INFO: stanza: db2
            status: ok
              archiveId: 18-1, total WAL checked: 5, total valid WAL: 5
                missing: 0, checksum invalid: 0, size invalid: 0, other: 0
              backup: 20261121-153457F, status: valid, total files checked: 1369, total valid files: 1369
                missing: 0, checksum invalid: 0, size invalid: 0, other: 0
stanza: db2
status: ok
  archiveId: 18-1, total WAL checked: 5, total valid WAL: 5
    missing: 0, checksum invalid: 0, size invalid: 0, other: 0
  backup: 20261121-153457F, status: valid, total files checked: 1369, total valid files: 1369
    missing: 0, checksum invalid: 0, size invalid: 0, other: 0
P00   INFO: verify command end: completed successfully
"""
DAMAGED_BACKUP = (
    WHOLE.replace("status: ok", "status: error")
    .replace("status: valid, total files checked: 1369, total valid files: 1369",
             "status: invalid, total files checked: 1369, total valid files: 1368")
    .replace("P00   INFO: stanza", "P01   INFO: invalid checksum '20261121-153457F/bundle/2'\nP00   INFO: stanza")
)  # fmt: skip
DAMAGED_SEGMENT = (
    WHOLE.replace("status: ok", "status: error")
    .replace("total valid WAL: 5", "total valid WAL: 4")
    .replace("P00   INFO: stanza",
             "P01   INFO: invalid checksum '18-1/0000000100000000/000000010000000000000005-a7f1.zst'\nP00   INFO: stanza")
)  # fmt: skip
# It calls the stanza ok.
LOST_MANIFEST = """stanza: db2
status: ok
  archiveId: 18-1, total WAL checked: 5, total valid WAL: 5
    missing: 0, checksum invalid: 0, size invalid: 0, other: 0
  backup: 20261121-153457F, status: manifest missing, total files checked: 0, total valid files: 0
"""
NO_REPOSITORY = """stanza: nope
status: error
  No usable backup.info file
  No usable archive.info file
"""

ASYNC_LOG = """2026-11-21 15:49:01.123 P00   INFO: push 3 WAL file(s) to archive: 00000001000000000000000B...00000001000000000000000D
2026-11-21 15:49:02.000 P00   WARN: dropped WAL file '00000001000000000000000B' because archive queue exceeded 48MB
2026-11-21 15:49:02.001 P00   WARN: dropped WAL file '00000001000000000000000C' because archive queue exceeded 48MB
2026-11-21 15:49:02.002 P00   INFO: archive-push:async command end: completed successfully (900ms)
"""


def backup(
    label: str, start: int, stop: int, segment: str = "000000010000000000000002", lsn: str = "0/2000100"
) -> Backup:
    """A backup with these times, first segment and last position."""
    return Backup(label, "full", start, stop, "0/2000028", lsn, segment, segment, 1000, 100, False)


def stanza(*backups: Backup, running: bool = False) -> Stanza:
    """A stanza that is well."""
    return Stanza("db1", 0, "ok", "7", "18-1", "000000010000000000000001", "000000010000000000000009", backups, running)


class Archive:
    """A repository in memory."""

    segment_bytes = SEGMENT_BYTES
    stanza = "db1"

    def __init__(self, numbers, backups=(), timeline=1, running=False):
        self.names = {Segment(timeline, number) for number in numbers}
        self.backups = backups
        self.running = running
        self.listed = []

    def info(self):
        return stanza(*self.backups, running=self.running)

    def logs(self, _archive_id):
        return sorted({segment.name()[:16] for segment in self.names})

    def segments(self, _archive_id, log):
        self.listed.append(log)
        return {segment for segment in self.names if segment.name().startswith(log)}
