"""The reports: a file of SQL each, whose head says what it shows and what to make of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from pgops.errors import PgopsError

FOLDER = Path(__file__).parent / "queries"
CONTINUED = "--     "
HEAD = re.compile(r"^-- (?:(?P<key>scope|needs|good|bad|do|column (?P<column>\w+)): )?(?P<text>.+)$")
SCOPES = ("cluster", "database", "pooler")


@dataclass
class Report:
    """One report as its file describes it."""

    name: str
    sql: str
    title: str = ""
    """A sentence: what is shown, in which order."""
    scope: str = ""
    """`cluster`: the same in whatever database it is asked; `database`: of that database alone; `pooler`: of a pooler's
    console."""
    needs: str | None = None
    """Extension that the database must have."""
    good: str = ""
    bad: str = ""
    do: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    """Meaning and unit of each column, in order."""


def read(path: Path) -> Report:
    """A report from its file; a head that lacks something is an error."""
    text = path.read_text(encoding="utf-8")
    report = Report(path.stem, text)
    for line in text.replace(f"\n{CONTINUED}", " ").splitlines():
        found = HEAD.match(line)
        if found is None:
            break
        if found["column"]:
            report.columns[found["column"]] = found["text"]
        else:
            setattr(report, found["key"] or "title", found["text"])
    missing = [name for name in ("title", "scope", "good", "bad", "do", "columns") if not getattr(report, name)]
    if missing or report.scope not in SCOPES:
        raise ValueError(f"{path}: its head lacks {', '.join(missing) or 'a known scope'}")
    return report


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.sql"))


def find(name: str) -> Report:
    """A report by name."""
    if name not in names():
        raise PgopsError(f"there is no report {name}; there are: {', '.join(names())}")
    return read(FOLDER / f"{name}.sql")
