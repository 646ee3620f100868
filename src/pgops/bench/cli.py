"""`pgops bench`: measurements beside their floors."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from pgops.errors import PgopsError
from pgops.paths import ROOT

app = typer.Typer(no_args_is_help=True, help="Measure a system, each figure beside its floor in the same run.")

RESULTS = ROOT / "bench" / "results" / "transactions"
ROWS = [100_000, 1_000_000]
CLIENTS = [100, 1_000, 10_000]
MINIMUM_ROWS = 10_000


@app.callback()
def bench() -> None:
    """Measure a system, each figure beside its floor in the same run."""


@app.command("transactions")
def measure_transactions(
    rows: Annotated[list[int], typer.Option(help="Size of app.t1; may be given several times.")] = ROWS,
    clients: Annotated[list[int], typer.Option(help="Number of clients; may be given several times.")] = CLIENTS,
    conninfo: Annotated[
        str | None,
        typer.Option(help="libpq connection string of a server to measure on, as superuser; default: a container."),
    ] = None,
    output: Annotated[Path, typer.Option(help="Folder for the results.")] = RESULTS,
) -> None:
    """Totals, uniqueness and generator of system 1; results as text, JSON and plots."""
    # Imported here: psycopg and the plots take longer to import than any other command takes to run.
    from rich.markdown import Markdown

    from pgops.bench import report, transactions
    from pgops.bench.figure import Figure
    from pgops.bench.server import given_or_container

    for size in rows:
        if size < MINIMUM_ROWS:
            raise PgopsError(
                f"--rows {size}: accepted are {MINIMUM_ROWS} rows and more, since 10,000 of them change state"
            )
    for count in clients:
        if count < 1:
            raise PgopsError(f"--clients {count}: accepted are 1 and more")
    progress, figures = Console(stderr=True), list[Figure]()
    load_before, started_at = os.getloadavg()[0], datetime.now(UTC)
    with given_or_container(conninfo) as server:
        for figure in transactions.figures(
            server, sorted(rows), sorted(clients), lambda text: progress.print(f"[dim]{text}")
        ):
            figures.append(figure)
        description = server.description
    conditions = {
        "measured": f"{started_at:%Y-%m-%d %H:%M} UTC, in {(datetime.now(UTC) - started_at).total_seconds() / 60:.0f} minutes",
        "server": description,
        "machine": f"{os.cpu_count()} cores, {platform.machine()}; load average {load_before:.1f} before the run "
        f"(other work on the machine; 0 is quiet), {os.getloadavg()[0]:.1f} at its end",
    }
    Console().print(Markdown(report.as_text(figures, conditions)))
    for path in report.write(output, figures, conditions):
        progress.print(f"written: {path}", soft_wrap=True)
