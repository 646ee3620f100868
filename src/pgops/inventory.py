"""`pgops inventory`: what an inventory says, and what is wrong with it, without a host at hand."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pgops.errors import PgopsError

app = typer.Typer(no_args_is_help=True, help="What the inventories say, and what is wrong with them.")

HIDDEN = "(hidden)"
SECRET = ("password", "passwords")
WIDTH = 160
"""Columns of a table that is not printed on a terminal."""

# Ansible takes half a second to import, so what needs it is imported by the commands that do.


@app.command()
def check(
    inventory: Annotated[
        list[Path] | None, typer.Option("--inventory", "-i", help="Inventory folder; default: all in inventories/.")
    ] = None,
) -> None:
    """Look for mistakes in inventories: unknown names, wrong values, clusters in each other's way."""
    from pgops import inventory_variables as source

    source.load_collection()
    console = Console(highlight=False, soft_wrap=True)
    found = 0
    for path in inventory or source.inventories():
        problems = problems_of(source.read(path))
        found += len(problems)
        console.print(f"[bold]{path}[/]: " + (f"{len(problems)} problems" if problems else "no problem"))
        for problem, hosts in problems.items():
            console.print(f"  {', '.join(hosts)}: {problem}" if hosts else f"  {problem}", markup=False)
    if found:
        raise typer.Exit(1)


@app.command()
def show(
    host: Annotated[str, typer.Argument(help="Name of a host in the inventory.")],
    inventory: Annotated[Path, typer.Option("--inventory", "-i", help="Inventory folder.")] = Path("inventories/local"),
    defaults: Annotated[
        bool, typer.Option("--defaults", help="Show variables that only a role's defaults set.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print what a host shall be, merged from system, environment and host, each value with its origin."""
    from pgops import inventory_variables as source

    source.load_collection()
    hosts = source.read(inventory)
    if host not in hosts.variables:
        raise PgopsError(f"host {host} is not in {inventory}; there are: {', '.join(sorted(hosts.variables))}")
    described = describe(hosts.variables[host], None if defaults else hosts.given[host])
    if as_json:
        typer.echo(json.dumps(described, indent=2, default=str))
        return
    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH)
    for title, items in described.items():
        _print_section(console, title, items)


def problems_of(hosts: Any) -> dict[str, list[str]]:
    """Return each problem of an inventory with the hosts that have it; those between hosts have none."""
    from ansible_collections.pgops.fleet.plugins.module_utils.fleet_check import fleet_problems
    from ansible_collections.pgops.fleet.plugins.module_utils.inventory_check import inventory_problems
    from ansible_collections.pgops.fleet.plugins.plugin_utils.role_options import role_options
    from pgops.inventory_variables import systems

    found: dict[str, list[str]] = {}
    options = role_options()
    for host, variables in sorted(hosts.variables.items()):
        for problem in inventory_problems(variables, options):
            found.setdefault(problem, []).append(host)
    between = fleet_problems(hosts.variables, hosts.groups, systems())
    return found | {problem: [] for problem in between}


def describe(variables: dict[str, Any], given: set[str] | None = None) -> dict[str, Any]:
    """Return `{section: {item: {attribute: {value, origin}}}}` of everything a host declares.

    The section `variables` holds the roles' plain variables (those given, or all), `settings` PostgreSQL's settings.
    """
    from ansible_collections.pgops.fleet.plugins.module_utils import inventory_schema as schema
    from ansible_collections.pgops.fleet.plugins.module_utils.inventory_check import layers_of, merge_inventory
    from ansible_collections.pgops.fleet.plugins.plugin_utils.role_options import role_options
    from pgops.inventory_variables import origin

    lists = {*schema.list_variables(), schema.SYSTEM_VARIABLE}
    known = {name for options in role_options().values() for name in options} - lists
    names = sorted(known & set(variables) & (set(variables) if given is None else given))
    plain = {name: _said(name, variables[name], origin(variables[name])) for name in names}
    merged = merge_inventory(variables)
    settings = {
        name: _said(
            name, value, _origin_of(name, [("", layer) for _variable, layer in layers_of(variables, "settings")])
        )
        for name, value in sorted(merged.pop("settings").items())
    }
    described: dict[str, Any] = {"variables": plain, "settings": settings}
    for section, items in merged.items():
        layers = layers_of(variables, section)
        key = schema.LISTS[section]["key"]
        described[section] = {_label(item, key): _describe_item(item, key, layers) for item in items}
    return {title: content for title, content in described.items() if content}


def _describe_item(item: dict[str, Any], key: list[str], layers: list[tuple[str, Any]]) -> dict[str, Any]:
    same = [
        (variable, entry)
        for variable, entries in layers
        for entry in entries
        if all(entry.get(name) == item.get(name) for name in key)
    ]
    return {name: _said(name, value, _origin_of(name, same)) for name, value in item.items() if name not in key}


def _origin_of(name: str, layers: list[tuple[str, dict[str, Any]]]) -> str:
    """Return where the last layer that names the attribute says it."""
    from pgops.inventory_variables import origin

    said = [(variable, entry) for variable, entry in layers if entry.get(name) is not None]
    if not said:
        return ""
    variable, entry = said[-1]
    # Booleans carry no origin of their own; that of their item is a line or two above.
    return origin(entry[name], entry) or variable


def _said(name: str, value: Any, place: str) -> dict[str, Any]:
    return {"value": HIDDEN if value and name.endswith(SECRET) else value, "origin": place}


def _label(item: dict[str, Any], key: list[str]) -> str:
    parts = [item[name] for name in key if item.get(name) is not None]
    return " ".join(",".join(map(str, part)) if isinstance(part, list) else str(part) for part in parts)


def _print_section(console: Console, title: str, items: dict[str, Any]) -> None:
    console.print(Text(title, style="bold"))
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(ratio=3, overflow="fold")
    table.add_column(style="dim", ratio=2, overflow="fold")
    for name, content in items.items():
        if set(content) == {"value", "origin"}:
            table.add_row(f"  {name}", _shown(content["value"]), content["origin"])
            continue
        table.add_row(Text(f"  {name}", style="cyan"), "", "")
        for attribute, said in content.items():
            table.add_row(f"    {attribute}", _shown(said["value"]), said["origin"])
    console.print(table)
    console.print()


def _shown(value: Any) -> Text:
    return Text(value if isinstance(value, str) else json.dumps(value, default=str))
