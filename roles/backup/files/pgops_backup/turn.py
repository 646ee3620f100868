"""Whether this machine makes the backups of a stanza at present.

Where a stanza's clusters keep their backups from their own machines, each of these has the timers, and only the machine whose
cluster is the primary has something to do.
"""

from __future__ import annotations

import argparse

from pgops_backup import cluster, state

SOCKET_DIRECTORY = "/var/run/postgresql"


def add_command(commands: argparse._SubParsersAction) -> None:
    """Declare the command."""
    parser = commands.add_parser("has-turn", help="end with status 0 when this machine makes a stanza's backups")
    parser.add_argument("stanza")
    parser.set_defaults(run=lambda given: run(given.stanza))


def run(name: str) -> int:
    """Ask the clusters of this machine. One that does not answer may be the primary: its backup is to fail, for all to see."""
    ports = state.read(state.SETTINGS / f"{name}.repository.json").get("local_ports") or []
    if ports and all(is_standby(port) for port in ports):
        print(
            f"stanza {name}: the cluster of this machine is a standby, so the machine of its primary makes the backups"
        )
        return 1
    return 0


def is_standby(port: int) -> bool:
    """Whether a cluster answers, as a standby."""
    try:
        return (
            cluster.ask({"socket_directory": SOCKET_DIRECTORY, "port": port}, "select pg_is_in_recovery()").strip()
            == "t"
        )
    except cluster.ClusterError:
        return False
