"""The command: one word for what is to be done, then the name of a stanza or a cluster."""

from __future__ import annotations

import argparse
import sys

from pgops_backup import (
    archive_watch,
    archiving,
    recovery,
    repository_watch,
    restore_plan,
    status,
    trial,
    turn,
    verification,
)
from pgops_backup.repository import RepositoryError


def main(arguments: list[str]) -> int:
    """Do what the arguments say; returns the exit status."""
    parser = argparse.ArgumentParser(prog="backup", description="Looks after backups and the archive of WAL.")
    commands = parser.add_subparsers(dest="command", required=True)
    for module in (
        status,
        archiving,
        verification,
        repository_watch,
        archive_watch,
        restore_plan,
        recovery,
        trial,
        turn,
    ):
        module.add_command(commands)
    given = parser.parse_args(arguments)
    try:
        return given.run(given)
    except RepositoryError as error:
        print(f"the repository does not answer: {error}", file=sys.stderr)
        return 1
