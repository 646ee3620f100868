"""`pgops settings`: settings explained."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from pgops.settings.explained import Setting

app = typer.Typer(no_args_is_help=True, help="Settings of a cluster: what they shall be, why, and what its server has.")

WIDTH = 200
"""Columns of a table that is not printed on a terminal."""


@app.callback()
def settings() -> None:
    """Settings of a cluster: what they shall be, why, and what its server has."""


@app.command()
def explain(
    host: Annotated[str, typer.Argument(help="Host of the inventory: one cluster.")],
    inventory: Annotated[Path, typer.Option("--inventory", "-i", help="Inventory folder.")] = Path("inventories/local"),
    drift: Annotated[
        bool, typer.Option("--drift", help="Show only what is not as declared; the exit status is 1 when anything is.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Print every setting that is declared or was set by others, its origin, and what the server really runs with."""
    from pgops.settings.explained import ask

    found = ask(inventory, host)
    shown = [each for each in found if each.differs] if drift else found
    if as_json:
        typer.echo(json.dumps([each.as_json() for each in shown], indent=2))
    else:
        _print(Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH), host, shown, drift)
    if drift and shown:
        raise typer.Exit(1)


def _print(console: Console, host: str, shown: list[Setting], drift: bool) -> None:
    from pgops.lab.present import table_of

    if not shown:
        console.print(f"{host}: every declared setting is in force")
        return
    table = table_of(f"Settings of {host}" + (" that are not as declared" if drift else ""),
                     "setting", "shall be", "because", "runs with", "state")  # fmt: skip
    for each in shown:
        because = f"{each.origin} ({each.source})" if each.source else each.origin
        state = Text(each.state, style="red" if each.differs else "")
        if each.state != "in force":
            state.append(f": {each.detail}; {each.place}" if each.place else f": {each.detail}")
        table.add_row(each.name, Text(each.declared or ""), Text(because), Text(each.running or ""), state)
    console.print(table)
    if drift:
        for command in commands({each.state for each in shown}, host):
            console.print(f"To put it right: pgops play {command}", soft_wrap=True)


def commands(states: set[str], host: str) -> list[str]:
    """The playbooks that end these states, in the order in which they are to be run."""
    written = ["playbooks/settings.yml -i INVENTORY --limit {} -e postgresql_reset_overrides=true"]
    restarted = ["playbooks/restart.yml -i INVENTORY --limit {}"]
    waiting = "waits for a restart"
    needed = (written if states - {waiting} else []) + (restarted if waiting in states else [])
    return [command.format(host) for command in needed]
