"""The command: `dump` and `load`. Prints what it did as JSON; what stands in the way as {"problems": [..]}, with status 1."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from typing import Any

import psycopg2

from pgops_dump import dump, load
from pgops_dump.refusal import Refused


def main(arguments: list[str]) -> int:
    """Do what the arguments say; returns the exit status."""
    parser = argparse.ArgumentParser(prog="dump", description="Dumps databases with a manifest, and loads them again.")
    commands = parser.add_subparsers(dest="command", required=True)
    for module in (dump, load):
        module.add_command(commands)
    given = parser.parse_args(arguments)
    os.umask(0o077)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit("was ended from outside"))
    try:
        return show(given.run(given), 0)
    except Refused as refusal:
        return show({"problems": [str(refusal)]}, 1)
    except (psycopg2.Error, OSError) as error:
        return show({"problems": [f"{type(error).__name__}: {str(error).strip()}"]}, 1)


def show(result: dict[str, Any], status: int) -> int:
    """Print a result as JSON; its status is returned."""
    print(json.dumps(result, default=str))
    return status
