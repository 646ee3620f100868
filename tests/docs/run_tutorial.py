"""Runs a page's commands as a reader would, and compares what they print with what the page shows.

`python tests/docs/run_tutorial.py` walks the tutorial on this machine; give other pages as arguments.
Commands of blocks marked `not run` are left out. Numbers and times are not compared.
With `--update` the output is written into the page.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.docs.blocks import TUTORIAL, Command, commands_of, missing_lines, renewed  # noqa: E402

COMMAND_SECONDS = 1800
ESCAPES = re.compile(r"\x1b\[[\d;]*m")


def run(command: Command) -> tuple[str, list[str]]:
    """Run one command in the clone; return what it printed and what is wrong with it."""
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
        env={**os.environ, "PAGER": "cat", "ANSIBLE_NOCOLOR": "1"},
    )
    printed = ESCAPES.sub("", result.stdout)
    print(f"{time.monotonic() - started:6.1f} s  {command.text}", flush=True)
    problems = []
    if (result.returncode != 0) != command.fails:
        problems.append(f"ended with status {result.returncode}:\n{printed}")
    if command.is_compared:
        problems += [f"did not print: {line}" for line in missing_lines(command.output, printed)]
    return printed, [f"{command.block}: {command.text}: {problem}" for problem in problems]


def update(page: Path, outputs: list[tuple[Command, str]]) -> None:
    """Write what commands printed below them, block by block."""
    text = page.read_text()
    for block in {command.block for command, _printed in outputs}:
        new = ""
        for command, printed in outputs:
            if command.block == block:
                new += "\n".join([f"$ {command.text}", *renewed(command.output, printed)]) + "\n"
        text = text.replace(f"```console\n{block.text}```", f"```console\n{new}```")
    page.write_text(text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", type=Path, default=[TUTORIAL], help="pages, by default the tutorial")
    parser.add_argument("--update", action="store_true", help="write the output into the page")
    arguments = parser.parse_args()
    problems = []
    for page in (page.resolve() for page in arguments.pages):
        outputs = []
        for command in commands_of(page):
            if command.is_run:
                printed, found = run(command)
                outputs.append((command, printed))
                problems += found
        if arguments.update:
            update(page, outputs)
    print("\n".join(problems) or "Everything was printed as shown.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
