"""The page of reports, from the heads of their SQL files."""

from __future__ import annotations

from docs.generator.markup import code, escape, table
from pgops.reports import definitions

INTRODUCTION = """\
# Reports

What [`pgops report`](commands.md#pgops) asks a server: `pgops report NAME HOST -i inventories/ENVIRONMENT`, as a table, with
`--format json` or `--format csv`. How to use them: [Look at a server](../how-to/look-at-a-server.md).
"""
OF = {"cluster": "The whole server.", "database": "One database: `--database`.", "pooler": "A pooler."}


def page() -> str:
    """A section a report: what it shows, its columns, and what to make of it."""
    reports = [definitions.find(name) for name in definitions.names()]
    rows = [[f"[{code(report.name)}](#{report.name})", escape(report.title)] for report in reports]
    sections = "".join(_section(report) for report in reports)
    return f"{INTRODUCTION}\n{table(['Report', 'What it shows'], rows)}\n{sections}"


def _section(report: definitions.Report) -> str:
    columns = [[code(name), escape(meaning)] for name, meaning in report.columns.items()]
    of = OF[report.scope]
    needs = f" Needs the extension {code(report.needs)} in the database." if report.needs else ""
    return (
        f"\n## {report.name}\n\n{escape(report.title)} {of}{needs}\n\n"
        f"{table(['Column', 'Meaning'], columns)}\n\n"
        f"- **Good**: {escape(report.good)}\n- **Bad**: {escape(report.bad)}\n- **Do**: {escape(report.do)}\n"
    )


def pages() -> dict[str, str]:
    """All pages by their path below docs/reference."""
    return {"reports.md": page()}
