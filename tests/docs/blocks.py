"""Code blocks of the pages in docs/: which commands they show, with which output.

A block of language `console` shows commands after `$ ` and their output below. A comment on the line
before the block says what is special about it:

    <!-- not run -->       its commands are only checked to exist (they clone, remove, or are for other hosts)
    <!-- not compared -->  its commands are run, their output differs from run to run

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
BLOCK = re.compile(
    r"(?:^<!-- (?P<note>[^>]*) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
# Numbers, sizes, times and what else differs between two right runs.
VARYING = re.compile(r"\d[\d,.:+-]*(\s?(ms|s|min|h|d|bytes|kB|MB|GB))?( ago)?\b")


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
        return self.block.note == ""


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
    return " ".join(VARYING.sub("#", re.sub(r"[─━┄-]{3,}|[+]", " ", line)).split())


def missing_lines(shown: tuple[str, ...], printed: str) -> list[str]:
    """Lines shown in a page that a command did not print, in this order."""
    remaining = iter([alike(line) for line in printed.splitlines()])
    wanted = [alike(line) for line in shown if line.strip() not in ("", "...")]
    return [line for line in wanted if line and not any(line == candidate for candidate in remaining)]


def pages() -> list[Path]:
    """README, changelog and all pages."""
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
