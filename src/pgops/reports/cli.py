"""`pgops report`: what a server says of itself."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from pgops.errors import PgopsError
from pgops.reports import definitions

Format = StrEnum("Format", ["table", "json", "csv"])
WIDTH = 200
"""Columns of a table that is not printed on a terminal."""


def report(
    name: Annotated[str | None, typer.Argument(help="Name of the report; without one they are listed.")] = None,
    host: Annotated[str | None, typer.Argument(help="Host of the inventory: one cluster, or a pooler.")] = None,
    inventory: Annotated[Path, typer.Option("--inventory", "-i", help="Inventory folder.")] = Path("inventories/local"),
    database: Annotated[
        str | None, typer.Option("--database", "-d", help="Database; default: the first that the host declares.")
    ] = None,
    dsn: Annotated[
        str | None, typer.Option(help="libpq connection string instead of a host, of a member of pg_monitor.")
    ] = None,
    output: Annotated[Format, typer.Option("--format", "-f", help="Table to read, JSON, or CSV.")] = Format.table,
) -> None:
    """Ask a server one of the ready questions: what is slow, large, unused, waiting, bloated, full."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH)
    if name is None:
        _list(console)
        return
    chosen = definitions.find(name)
    if (host is None) == (dsn is None):
        raise PgopsError(f"say of whom: pgops report {name} HOST [-i INVENTORY], or pgops report {name} --dsn '..'")
    from pgops.reports import asking, present

    if chosen.scope == "pooler":
        if dsn is not None or database is not None:
            raise PgopsError(
                f"{name} asks a pooler of the inventory for all its databases: pgops report {name} HOST [-i INVENTORY]"
            )
        place, rows = asking.by_console(chosen, inventory, str(host))
    elif dsn is not None:
        place, rows = asking.by_connection(chosen, dsn, database)
    else:
        place, rows = asking.by_inventory(chosen, inventory, str(host), database)
    if output is Format.json:
        typer.echo(present.as_json(chosen, place, rows, datetime.now(UTC)))
    elif output is Format.csv:
        typer.echo(present.as_csv(chosen, rows), nl=False)
    else:
        present.as_table(console, chosen, place, rows)


def _list(console: Console) -> None:
    width = max(map(len, definitions.names()))
    for name in definitions.names():
        console.print(f"[bold]{name:<{width}}[/]  {definitions.find(name).title}", soft_wrap=True)
