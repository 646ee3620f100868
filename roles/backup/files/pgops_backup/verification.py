"""Reads what `pgbackrest verify` says: it ends with status 0 and, unless asked for text, prints nothing of damage."""

from __future__ import annotations

import argparse
import re
import time
from typing import Any

from pgops_backup import state
from pgops_backup.repository import Repository, RepositoryError
from pgops_backup.segments import SEGMENT_BYTES

TIMEOUT_SECONDS = 6 * 3600


def add_command(commands: argparse._SubParsersAction) -> None:
    """Declare the command."""
    parser = commands.add_parser("verify", help="verify all backups and the archive of a stanza")
    parser.add_argument("stanza")
    parser.set_defaults(run=lambda given: run(given.stanza))


def run(name: str) -> int:
    """Verify, and keep the result."""
    print(Repository(name, SEGMENT_BYTES).run("verify", "--output=text", "--verbose", timeout=TIMEOUT_SECONDS))
    return 0
