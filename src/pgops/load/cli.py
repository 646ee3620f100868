"""`pgops load`: load on a system."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from pgops.errors import Interrupted, PgopsError
from pgops.local.progress import output

app = typer.Typer(no_args_is_help=True, help="Load on a system, as its clients make it.")


@app.callback()
def load() -> None:
    """Load on a system, as its clients make it."""


@app.command()
def application(
    inventory: Annotated[Path, typer.Option("--inventory", "-i", help="Inventory of the system.")] = Path(
        "inventories/local"
    ),
    clients: Annotated[int, typer.Option(help="Clients, each with a connection.")] = 10,
    rate: Annotated[
        float | None, typer.Option(help="Operations a second of all of them; default: as many as they can.")
    ] = None,
    duration: Annotated[float, typer.Option(help="Seconds; Ctrl-C ends it earlier.")] = 30,
    users: Annotated[int, typer.Option(help="Users to work with; those that are missing are made first.")] = 1000,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the random numbers, to have the same operations again.")
    ] = None,
    direct: Annotated[bool, typer.Option("--direct", help="Go to the server, not through its pooler.")] = False,
    dsn: Annotated[str | None, typer.Option(help="libpq connection string instead of the inventory's.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Drive system 4 through its pooler with a mix of reading and writing; prints latencies and errors by class."""
    for name, value, least in (
        ("--clients", clients, 1),
        ("--duration", duration, 0.1),
        ("--users", users, 1),
        ("--rate", rate, 0.1),
    ):
        if value is not None and value < least:
            raise PgopsError(f"{name} {value}: accepted are {least} and more")
    import psycopg

    from pgops.load import mix
    from pgops.load.running import Load

    conninfo = _conninfo(inventory, dsn, direct)
    try:
        with psycopg.connect(conninfo(), autocommit=True, connect_timeout=5) as connection:
            chosen, made = mix.seed(connection, users)
    except psycopg.Error as error:
        raise PgopsError(f"no load is possible: {str(error).strip()}") from None
    if made and not as_json:
        output().print(f"{made:,} users were made")
    running = Load(conninfo, chosen, clients, rate, seed)
    with running, suppress(Interrupted):
        time.sleep(duration)
    if as_json:
        typer.echo(json.dumps(running.summary(), indent=2))
    else:
        _print(running.summary())


def _conninfo(inventory: Path, dsn: str | None, direct: bool):
    from psycopg.conninfo import make_conninfo

    from pgops.load.service import of_inventory

    if dsn is not None:
        return lambda: make_conninfo(dsn)
    service = of_inventory(inventory, "app_user")
    if not direct:
        return service.conninfo
    from pgops import inventory_variables

    names = ("ansible_host", "postgresql_address", "postgresql_port")
    hosts = inventory_variables.plain_variables(inventory, ("application_primary",), names)
    if not hosts:
        raise PgopsError(f"inventory {inventory} has no host in group application_primary")
    ((name, found),) = list(hosts.items())[:1]
    address = str(found.get("postgresql_address") or found.get("ansible_host") or name)
    where = {"host": name, "hostaddr": address} if address.replace(".", "").isdigit() else {"host": address}
    return lambda: service.conninfo(port=str(found.get("postgresql_port") or 5432), **where)


def _print(found: dict[str, Any]) -> None:
    from pgops.lab.present import table_of

    columns = ("done", "p50_ms", "p95_ms", "p99_ms", "longest_ms")
    table = table_of(f"{found['clients']} clients, {found['seconds']} s: {found['per_second']:,} operations a second",
                     "operation", *columns, right=columns)  # fmt: skip
    for name, row in [*found["operations"].items(), ("all", found["all"])]:
        table.add_row(name, *(f"{row[column]:,}" for column in columns))
    output().print(table)
    if not found["errors"]:
        output().print("no errors")
        return
    errors = table_of("Errors by class of SQLSTATE", "class", "number", "the first", right=("number",))
    for kind, number in sorted(found["errors"].items()):
        errors.add_row(kind, f"{number:,}", found["messages"][kind])
    output().print(errors)
    output().print(
        f"{found['in_doubt']:,} writes whose answer was lost with the connection: done or not, nobody was told"
    )
