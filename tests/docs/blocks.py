"""Code blocks of the pages in docs/: which commands they show, with which output.

A block of language `console` shows commands after `$ ` and their output below. A comment on the line
before the block says what is special about it:

    <!-- not run -->       its commands are only checked to exist (they clone, remove, or are for other hosts)
    <!-- not compared -->  its commands are run, their output differs from run to run
    <!-- fails -->         its commands are meant to end with an error
    <!-- inventory -->     variables of an inventory, checked as the preflight checks them

In an output, a line of `...` stands for any lines left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
TUTORIAL = DOCS / "tutorial" / "first-system.md"
LEFT_OUT = "..."
BLOCK = re.compile(
    r"(?:^<!-- (?P<note>[^>]*) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
# Numbers, sizes, times, and guids: what differs between two right runs. What a play changed is told apart.
VARYING = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?<![A-Za-z\d])(?<!changed=)(?<!failed=)\d[\d,.:+-]*(\s?(ms|s|min|h|d|bytes|kB|MB|GB))?( ago)?\b"
)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: Path
    line: int
    language: str
    note: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@dataclass(frozen=True)
class Command:
    """A shown command with the output shown below it."""

    block: Block
    text: str
    output: tuple[str, ...]

    @property
    def is_run(self) -> bool:
        return self.block.note != "not run"

    @property
    def is_compared(self) -> bool:
        return self.is_run and self.block.note != "not compared"

    @property
    def fails(self) -> bool:
        return self.block.note == "fails"


def blocks_of(page: Path) -> Iterator[Block]:
    """Fenced blocks of a page in order."""
    text = page.read_text()
    for found in BLOCK.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield Block(page, line, found["language"], found["note"] or "", found["text"])


def commands_of(page: Path) -> Iterator[Command]:
    """Commands that a page shows; one may go on over lines that end with a backslash."""
    for block in blocks_of(page):
        if block.language == "console":
            yield from _commands(block)


def _commands(block: Block) -> Iterator[Command]:
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        last = next(number for number, line in enumerate(lines) if not line.endswith("\\"))
        output = tuple(line.rstrip() for line in lines[last + 1 :])
        yield Command(block, "\n".join(lines[: last + 1]), output)


def alike(line: str) -> str:
    """A line with everything replaced that differs between two right runs; rules of tables are left out."""
    return " ".join(VARYING.sub("#", re.sub(r"[─━┄*-]{3,}|[+]", " ", line)).split())


def matches(shown: tuple[str, ...], printed: list[str]) -> Iterator[tuple[str, str | None]]:
    """Each shown line with the printed line that it stands for, in order; None when there is no such line."""
    candidates = [alike(line) for line in printed]
    position = 0
    for line in shown:
        wanted = alike(line)
        if line.strip() == LEFT_OUT or not wanted:
            yield line, line
        elif wanted in candidates[position:]:
            position = candidates.index(wanted, position) + 1
            yield line, printed[position - 1]
        else:
            yield line, None


def missing_lines(shown: tuple[str, ...], printed: str) -> list[str]:
    """Lines shown in a page that a command did not print."""
    return [line for line, found in matches(shown, printed.splitlines()) if found is None]


def renewed(shown: tuple[str, ...], printed: str) -> list[str]:
    """The output to show: all of it, or where lines were left out, the shown lines as they are now."""
    lines = [line.rstrip() for line in printed.rstrip().splitlines()]
    if LEFT_OUT not in [line.strip() for line in shown]:
        return lines
    return [line if found is None else found for line, found in matches(shown, lines)]


def pages() -> list[Path]:
    """README and all pages."""
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
