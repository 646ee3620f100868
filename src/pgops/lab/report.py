"""The report: one HTML file of what was done since the lab's last reset."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jinja2
import psycopg

from pgops.errors import PgopsError
from pgops.lab import record, state
from pgops.lab.connection import Lab
from pgops.local.summary import size

TEMPLATE = Path(__file__).parent / "report.html.j2"


def refuse_without_plots() -> None:
    """Make sure that there is something to draw with."""
    try:
        import matplotlib
    except ImportError:
        raise PgopsError(
            "the report needs matplotlib, which is not installed: make venv installs it, or pip install matplotlib"
        ) from None
    del matplotlib


def write(lab: Lab, connection: psycopg.Connection, path: Path) -> Path:
    """Write the page; returns its path."""
    steps = record.read(lab)
    if not steps:
        raise PgopsError("nothing was recorded since the last reset; `pgops lab all` does everything once")
    (version,) = connection.execute("select current_setting('server_version')").fetchone() or ("",)
    found = [table.as_json() for table in state.read(connection).values()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(lab.name, version, steps, found), encoding="utf-8")
    return path


def page(name: str, version: str, steps: list[dict[str, Any]], tables: list[dict[str, Any]]) -> str:
    """The page's text."""
    from pgops.lab import figures

    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["size"] = size
    environment.filters["count"] = lambda number: f"{number:,}"
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        name=name,
        version=version,
        written_at=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        now_map=figures.partition_map([], tables),
        tables=tables,
        changes=[
            step | {"map": figures.partition_map(step["before"], step["after"]),
                    "latency": figures.latency(step) if step["series"] else None}
            for step in steps if "before" in step
        ],
        loads=[step | {"latency": figures.latency(step)} for step in steps if step["name"] == "simulate" and step["series"]],
        queries=next((step["queries"] for step in steps if step["name"] == "queries"), []),
    )  # fmt: skip
