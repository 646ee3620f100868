"""Runs a page's commands as a reader would, and compares what they print with what the page shows.

`python tests/docs/run_tutorial.py` walks the tutorial on this machine; give other pages as arguments.
Commands of blocks marked `not run` are left out. Numbers and times are not compared.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.docs.blocks import TUTORIAL, Command, commands_of, missing_lines  # noqa: E402

COMMAND_SECONDS = 1800


def run(command: Command) -> list[str]:
    """Run one command in the clone; return what is wrong with it."""
    started = time.monotonic()
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command.text],
        cwd=ROOT,
        check=False,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=COMMAND_SECONDS,
        env={**os.environ, "COLUMNS": "160", "PAGER": "cat"},
    )
    print(f"{time.monotonic() - started:6.1f} s  {command.text}", flush=True)
    problems = [] if result.returncode == 0 else [f"ended with status {result.returncode}"]
    if command.is_compared:
        problems += [f"did not print: {line}" for line in missing_lines(command.output, result.stdout)]
    if problems:
        print(result.stdout)
    return [f"{command.block}: {command.text}: {problem}" for problem in problems]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", type=Path, default=[TUTORIAL], help="pages, by default the tutorial")
    problems = []
    for page in parser.parse_args().pages:
        for command in commands_of(page.resolve()):
            if command.is_run:
                problems += run(command)
    print("\n".join(problems) or "Everything was printed as shown.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
