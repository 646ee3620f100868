"""Asks a repository by a configuration that is not in force yet.

A key with a typing error must not take the place of the one by which segments are archived.
"""

from __future__ import annotations

import argparse
import sys

from pgops_backup.repository import Repository
from pgops_backup.segments import SEGMENT_BYTES


def add_command(commands: argparse._SubParsersAction) -> None:
    """Declare the command."""
    parser = commands.add_parser("try", help="ask a stanza's repository by the configuration on standard input")
    parser.add_argument("stanza")
    parser.set_defaults(run=lambda given: run(given.stanza))


def run(name: str) -> int:
    """Ask; a repository that does not answer is an error. What is on standard input is kept nowhere."""
    Repository(name, SEGMENT_BYTES, sys.stdin.buffer.read()).info()
    return 0
