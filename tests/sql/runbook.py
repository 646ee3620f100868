"""A runbook followed word by word: its blocks in order, each command of them run."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

PAGES = Path(__file__).resolve().parents[2] / "docs" / "runbooks"
BLOCK = re.compile(
    r"^(?P<indent> *)```(?P<language>console|sql)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)
REPORT = re.compile(r"^\$ pgops report (?P<name>[a-z-]+) HOST$")
Rows = list[dict[str, Any]]


@dataclass
class Runbook:
    """A page and how far it has been followed."""

    name: str
    ask: Callable[[str], Rows]
    connection: psycopg.Connection
    blocks: list[tuple[str, list[str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        text = (PAGES / f"{self.name}.md").read_text(encoding="utf-8")
        for found in BLOCK.finditer(text):
            body = textwrap.dedent(found["text"]).strip()
            lines = re.split(r";\n|;$", body) if found["language"] == "sql" else body.splitlines()
            self.blocks.append((found["language"], [line.strip() for line in lines if line.strip()]))

    def reports(self) -> dict[str, Rows]:
        """Run the next block, which asks for reports; returns their rows by name."""
        language, lines = self.blocks.pop(0)
        matches = [REPORT.match(line) for line in lines]
        assert language == "console" and all(matches), (self.name, lines)
        return {match["name"]: self.ask(match["name"]) for match in matches if match}

    def report(self) -> Rows:
        """Run the next block, which asks for one report."""
        (rows,) = self.reports().values()
        return rows

    def sql(self, connection: psycopg.Connection | None = None, **stands_for: object) -> list[list[tuple]]:
        """Run the next block of SQL, its examples replaced by what they stand for; returns the rows of each statement."""
        language, statements = self.blocks.pop(0)
        assert language == "sql", (self.name, statements)
        found = []
        for written in statements:
            statement = written
            for example, value in stands_for.items():
                statement = statement.replace(EXAMPLES.get(example, example), str(value))
            cursor = (connection or self.connection).execute(statement)
            found.append(cursor.fetchall() if cursor.description else [])
        return found

    def shell(self) -> list[str]:
        """The next block's commands of the machine's shell."""
        language, lines = self.blocks.pop(0)
        assert language == "console" and all(line.startswith("# ") for line in lines), (self.name, lines)
        return [line.removeprefix("# ") for line in lines]

    def skip(self, *, because: str) -> None:
        """Leave out the next block: another way to mend the same, which another test takes."""
        assert because
        self.blocks.pop(0)

    def end(self) -> None:
        """Every block was run."""
        assert self.blocks == [], self.name


EXAMPLES = {"pid": "4711"}
