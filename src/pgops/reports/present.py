"""Rows of a report as a table to read, as JSON, or as CSV."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from pgops.lab.present import table_of
from pgops.reports.asking import Place
from pgops.reports.definitions import Report

Rows = list[dict[str, Any]]


def as_json(report: Report, place: Place, rows: Rows, taken_at: datetime) -> str:
    """Everything a program needs: rows, what the columns are, and the advice."""
    return json.dumps(
        {
            "report": report.name, "host": place.host, "database": place.database,
            "taken_at": taken_at.isoformat(timespec="seconds"), "title": report.title, "columns": report.columns,
            "rows": rows, "good": report.good, "bad": report.bad, "do": report.do,
        },
        indent=2,
    )  # fmt: skip


def as_csv(report: Report, rows: Rows) -> str:
    """A line of column names, then a line a row; NULL is an empty field."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(report.columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def as_table(console: Console, report: Report, place: Place, rows: Rows) -> None:
    """The rows, then a line each on what is good, what is bad, and what to do."""
    where = f"{place.host}, database {place.database}" if report.scope == "database" else place.host
    numbers = tuple(
        name
        for name in report.columns
        if any(isinstance(row[name], int | float) and row[name] is not True for row in rows)
    )
    table = table_of(f"{report.name} of {where}", *report.columns, right=numbers)
    for row in rows:
        table.add_row(*(_shown(name, row[name]) for name in report.columns))
    console.print(table if rows else Text(f"{report.name} of {where}: no rows", style="bold"))
    console.print(report.title, style="dim", soft_wrap=True, markup=False)
    for name, text in (("good", report.good), ("bad", report.bad), ("do", report.do)):
        console.print(Padding(Text.assemble((f"{name}: ", "bold"), text), (0, 0, 0, 2)))


def _shown(column: str, value: Any) -> Text:
    if value is None:
        return Text("")
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    # What is copied into a command, such as pg_cancel_backend(4711), has no thousands separators.
    is_amount = isinstance(value, int | float) and not column.endswith("pid")
    return Text(f"{value:,}" if is_amount else str(value))
