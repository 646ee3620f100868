"""`pgops lab`: the partition lab."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pgops.errors import Interrupted, PgopsError
from pgops.local.progress import output
from pgops.paths import ROOT, STATE

if TYPE_CHECKING:
    from pgops.lab.connection import Lab

# psycopg, Ansible and the plots take longer to import than most commands take to run: commands import what they need.

app = typer.Typer(
    no_args_is_help=True,
    help="The partition lab: tables are filled, partitioned, queried, written to, and re-partitioned meanwhile.",
)

Strategy = StrEnum("Strategy", ["range", "hash", "list", "composite"])
Scenario = StrEnum("Scenario", ["add", "split", "detach", "migrate", "cleanup"])

InventoryOption = Annotated[
    Path, typer.Option("--inventory", "-i", help="Inventory with a host in group partition_lab_primary.")
]
DsnOption = Annotated[
    str | None,
    typer.Option(
        help="libpq connection string of the lab's database instead, as one who may act as its tables' owner."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
DiscardOption = Annotated[bool, typer.Option("--discard", help="Lose the rows that the lab's tables have.")]
LoadOption = Annotated[
    float | None,
    typer.Option("--load", help="Write meanwhile: ms between two operations of a client; 0 is without a pause."),
]
ClientsOption = Annotated[int, typer.Option(help="Clients that write.")]
PlanOption = Annotated[
    bool, typer.Option("--plan", help="Only show which steps the engine would take, with which locks.")
]
BudgetOption = Annotated[
    int | None, typer.Option(help="Longest wait of a writer, in ms, that the engine may cause; default: its own, 100.")
]
LOCAL = ROOT / "inventories" / "local"


def find(inventory: Path, dsn: str | None) -> Lab:
    from pgops.lab import connection

    return connection.find(inventory, dsn)


@contextmanager
def advising(text: str) -> Iterator[None]:
    """For commands that do not simply go on when they are run again."""
    try:
        yield
    except Interrupted as interrupt:
        interrupt.advice = text
        raise


@app.command()
@advising("Tables that were done keep their rows; the same command adds to all of them again.")
def seed(
    scale: Annotated[int, typer.Option(help="How many times the 900 rows of scale 1; 1,000 gives 900,000.")] = 1,
    seed: Annotated[int, typer.Option(help="The same seed gives the same rows.")] = 42,
    inventory: InventoryOption = LOCAL,
    dsn: DsnOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add made-up rows to the four tables, generated in the server."""
    from pgops.lab import doing, present
    from pgops.lab import seed as seeding

    seeding.refuse(scale, seed)
    with find(inventory, dsn).connect() as connection:
        found = seeding.run(connection, scale, seed, doing.sayer(doing.errors()))
    if not doing.printed([each.as_json() for each in found], as_json):
        output().print(present.seeded(found))


@app.command()
def migrate(
    load: LoadOption = None,
    clients: ClientsOption = 3,
    lock_budget_ms: BudgetOption = None,
    plan: PlanOption = False,
    inventory: InventoryOption = LOCAL,
    dsn: DsnOption = None,
    as_json: JsonOption = False,
) -> None:
    """Turn the plain tables into partitioned ones, while they can be written to; `<name>_old` stays for comparison."""
    from pgops.lab import doing, migration

    lab, task = find(inventory, dsn), migration.task_of()
    if plan:
        doing.show_plan(task, lab, as_json)
    else:
        doing.printed(doing.do_task(task, lab, load, clients, lock_budget_ms, show=not as_json), as_json)


@app.command()
def repartition(
    scenario: Annotated[Scenario, typer.Argument(help="What to do.")],
    load: LoadOption = None,
    clients: ClientsOption = 3,
    lock_budget_ms: BudgetOption = None,
    plan: PlanOption = False,
    inventory: InventoryOption = LOCAL,
    dsn: DsnOption = None,
    as_json: JsonOption = False,
) -> None:
    """Re-partition a live table.

    add: April becomes a partition, and its rows leave the default one. split: February into four weeks. detach: January
    into the archive. migrate: a copy of the users by quarter of registration. cleanup: the original shape again.
    """
    from pgops.lab import doing
    from pgops.lab.scenarios import SCENARIOS

    lab, task = find(inventory, dsn), SCENARIOS[scenario]
    if plan:
        doing.show_plan(task, lab, as_json)
    else:
        doing.printed(doing.do_task(task, lab, load, clients, lock_budget_ms, show=not as_json), as_json)


@app.command()
def simulate(
    interval_ms: Annotated[float, typer.Argument(help="Pause of a client between two operations; 0 is none.")],
    duration_s: Annotated[float, typer.Argument(help="How long; Ctrl-C ends it before.")],
    clients: ClientsOption = 1,
    seed: Annotated[int | None, typer.Option(help="Draw the same operations again.")] = None,
    inventory: InventoryOption = LOCAL,
    dsn: DsnOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write to the four tables: 30% events, 25% users, 25% orders, 20% sales; then say how that went."""
    from pgops.lab import doing, present, record

    doing.refuse_load(interval_ms, clients)
    if not 0 < duration_s <= 604_800:
        raise PgopsError(f"duration {duration_s:g}: accepted are more than 0, up to 604800 seconds")
    lab = find(inventory, dsn)
    with lab.connect():  # that there is a lab is said before the clients begin
        pass
    load = lab.load(interval_ms, clients, seed)
    console = doing.errors()
    with suppress(Interrupted):  # ends it early, and well
        load.start()
        doing.show_progress(console, load, duration_s)
    load.stop()
    found = load.summary()
    record.add(lab, {"name": "simulate", "title": "Load alone", "load": found, "series": load.series()})
    if not doing.printed(found, as_json):
        output().print(present.load(found))


@app.command()
def queries(
    strategy: Annotated[Strategy | None, typer.Argument(help="One strategy; default: all.")] = None,
    inventory: InventoryOption = LOCAL,
    dsn: DsnOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run the demonstration queries: how many of how many partitions each has read, as its plan says."""
    from pgops.lab import doing

    found = doing.demonstrate(
        find(inventory, dsn), list(Strategy) if strategy is None else [strategy], show=not as_json
    )
    doing.printed(found, as_json)


@app.command()
def reset(
    discard: DiscardOption = False,
    inventory: InventoryOption = LOCAL,
    dsn: DsnOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the four tables plain and empty again, as deployed, and remove what the scenarios have made."""
    from pgops.lab import doing, record, state

    lab = find(inventory, dsn)
    with lab.connect() as connection:
        doing.make_anew(connection, discard)
        found = state.read(connection)
    record.clear(lab)
    if not doing.printed([table.as_json() for table in found.values()], as_json):
        doing.errors().print("The tables are plain and empty.")


@app.command()
def report(
    to: Annotated[Path | None, typer.Option("--output", help="File to write; default: .pgops/lab/NAME.html.")] = None,
    inventory: InventoryOption = LOCAL,
    dsn: DsnOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a page with pictures of what was done since the last reset; it needs no other file."""
    from pgops.lab import doing
    from pgops.lab import report as pages

    pages.refuse_without_plots()
    lab = find(inventory, dsn)
    with lab.connect() as connection:
        path = pages.write(lab, connection, to or STATE / "lab" / f"{lab.name}.html")
    if not doing.printed({"report": str(path)}, as_json):
        typer.echo(f"written: {doing.shown(path)}")


@app.command(name="all")
@advising("Nothing is lost: the same command with --discard begins anew, `pgops lab migrate` or the scenario goes on.")
def whole_story(
    scale: Annotated[int, typer.Option(help="How many times the 900 rows of scale 1.")] = 100,
    seed: Annotated[int, typer.Option(help="The same seed gives the same rows.")] = 42,
    load: Annotated[float, typer.Option("--load", help="ms between two operations of a client.")] = 10,
    clients: ClientsOption = 3,
    lock_budget_ms: BudgetOption = None,
    discard: DiscardOption = False,
    to: Annotated[Path | None, typer.Option("--output", help="The page to write.")] = None,
    inventory: InventoryOption = LOCAL,
    dsn: DsnOption = None,
    as_json: JsonOption = False,
) -> None:
    """The whole story in order: reset, seed, migrate, query, re-partition, all under load, and the report."""
    from pgops.lab import doing, migration, present, record
    from pgops.lab import report as pages
    from pgops.lab import seed as seeding
    from pgops.lab.scenarios import SCENARIOS

    seeding.refuse(scale, seed)
    doing.refuse_load(load, clients)
    pages.refuse_without_plots()
    lab, show = find(inventory, dsn), not as_json
    with lab.connect() as connection:
        doing.make_anew(connection, discard)
        record.clear(lab)
        seeded = seeding.run(connection, scale, seed, doing.sayer(doing.errors()))
    if show:
        output().print(present.seeded(seeded))
    story: dict[str, Any] = {"seed": [each.as_json() for each in seeded]}
    story["migrate"] = doing.do_task(migration.task_of(), lab, load, clients, lock_budget_ms, show=show)
    story["queries"] = doing.demonstrate(lab, list(Strategy), show=show)
    for task in SCENARIOS.values():
        story[task.name] = doing.do_task(task, lab, load, clients, lock_budget_ms, show=show)
    with lab.connect() as connection:
        path = pages.write(lab, connection, to or STATE / "lab" / f"{lab.name}.html")
    story["report"] = str(path)
    if not doing.printed(story, as_json):
        typer.echo(f"written: {doing.shown(path)}")
