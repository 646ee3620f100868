"""`pgops bench`: measurements beside their floors."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from pgops.errors import PgopsError
from pgops.paths import ROOT

if TYPE_CHECKING:
    from pgops.bench import report

app = typer.Typer(no_args_is_help=True, help="Measure a system, each figure beside its floor in the same run.")

RESULTS = ROOT / "bench" / "results"
ROWS = [100_000, 1_000_000]
REFRESH_ROWS = [100_000, 1_000_000, 5_000_000]
CLIENTS = [100, 1_000, 10_000]
MINIMUM_ROWS = 10_000
PARTITION_ROWS = 10_000_000
PARTITION_PARTS = ["split", "merge", "drain", "convert", "planning", "maintenance"]

ConninfoOption = Annotated[
    str | None,
    typer.Option(help="libpq connection string of a server to measure on, as superuser; default: a container."),
]


@app.callback()
def bench() -> None:
    """Measure a system, each figure beside its floor in the same run."""


@app.command("transactions")
def measure_transactions(
    rows: Annotated[list[int], typer.Option(help="Size of app.t1; may be given several times.")] = ROWS,
    clients: Annotated[list[int], typer.Option(help="Number of clients; may be given several times.")] = CLIENTS,
    conninfo: ConninfoOption = None,
    output: Annotated[Path, typer.Option(help="Folder for the results.")] = RESULTS / "transactions",
) -> None:
    """Totals, uniqueness and generator of system 1; results as text, JSON and plots."""
    # Imported here, as in all suites: psycopg and the plots take longer to import than any other command takes to run.
    from pgops.bench import report, transactions
    from pgops.bench.server import given_or_container

    refuse_small(rows)
    for count in clients:
        if count < 1:
            raise PgopsError(f"--clients {count}: accepted are 1 and more")
    run = Run("transactions", output)
    with given_or_container(conninfo) as server:
        run.figures += transactions.figures(server, sorted(rows), sorted(clients), run.say)
        run.finish({"server": server.description}, report.bars)


@app.command("operations")
def measure_operations(
    rows: Annotated[list[int], typer.Option(help="Size of the tables; may be given several times.")] = REFRESH_ROWS,
    role_changes: Annotated[
        int, typer.Option(help="How often the primary is restarted, switched over and killed; 0 leaves that out.")
    ] = 3,
    conninfo: ConninfoOption = None,
    output: Annotated[Path, typer.Option(help="Folder for the results.")] = RESULTS / "operations",
) -> None:
    """One change of state with a REFRESH (system 2) against incremental totals (system 1), and how long a change of primary takes.

    The first is measured on --conninfo or a container, by the size of the table; the second on hosts that are deployed for it.
    """
    from pgops.bench import refresh, role_change
    from pgops.bench.server import given_or_container

    refuse_small(rows)
    run, outcome = Run("operations", output), dict[str, str]()
    with given_or_container(conninfo) as server:
        run.figures += refresh.figures(server, sorted(rows), run.say)
    if role_changes > 0:
        run.figures += role_change.figures(role_changes, run.say, outcome)
    run.finish({"server": server.description} | outcome, refresh.plot)


@app.command("backup")
def measure_backup(
    gigabytes: Annotated[float, typer.Option(help="Size of the databases, 10^9 bytes.")] = 5.0,
    repeats: Annotated[int, typer.Option(help="How often everything is measured; medians count.")] = 3,
    output: Annotated[Path, typer.Option(help="Folder for the results.")] = RESULTS / "backup",
) -> None:
    """Backup, restore, drill, dump and load beside pg_basebackup and pg_dump, on hosts that are deployed for it."""
    from pgops.bench import backup, report

    if gigabytes <= 0 or repeats < 1:
        raise PgopsError(
            f"--gigabytes {gigabytes:g} --repeats {repeats}: accepted are sizes above 0 and repeats from 1"
        )
    run, outcome = Run("backup", output), dict[str, str]()
    run.figures += backup.figures(gigabytes, repeats, run.say, outcome)
    run.finish(outcome, report.bars)


@app.command("application")
def measure_application(
    seconds: Annotated[int, typer.Option(help="Of each run.")] = 10,
    repeats: Annotated[int, typer.Option(help="Runs of each kind, of which the median counts.")] = 3,
    output: Annotated[Path, typer.Option(help="Folder for the results.")] = RESULTS / "application",
) -> None:
    """System 4 through its pooler and directly, 1 to 200 clients, a connection storm, and derived settings beside others."""
    from pgops.bench import application, report

    for name, value in (("--seconds", seconds), ("--repeats", repeats)):
        if value < 1:
            raise PgopsError(f"{name} {value}: accepted are 1 and more")
    run, outcome = Run("application", output), dict[str, str]()
    run.figures += application.figures(seconds, repeats, run.say, outcome)
    run.finish(outcome, report.bars)


@app.command("partitions")
def measure_partitions(
    rows: Annotated[int, typer.Option(help="Rows that are split, merged, drained and converted.")] = PARTITION_ROWS,
    only: Annotated[
        list[str], typer.Option(help="Parts to be measured; may be given several times.")
    ] = PARTITION_PARTS,
    conninfo: ConninfoOption = None,
    output: Annotated[Path, typer.Option(help="Folder for the results.")] = RESULTS / "partitions",
) -> None:
    """Operations on partitions under a steady write load, beside pg_partman and plain DDL; and what many partitions cost.

    Parts of --only replace those of an earlier run in --output; the others stay in its report.
    """
    from pgops.bench import partition_parts, partition_report
    from pgops.bench.server import given_or_container

    refuse_small([rows])
    for part in only:
        if part not in PARTITION_PARTS:
            raise PgopsError(f"--only {part}: accepted are {', '.join(PARTITION_PARTS)}")
    parts = partition_parts.kept(output, only, rows)
    with given_or_container(conninfo, packages=("partman",)) as server:
        for name in [each for each in PARTITION_PARTS if each in only]:
            run, part = Run("partitions", output), partition_parts.Part(name)
            parts[name] = part
            interrupted = {"interrupted": "lines are missing"}
            try:
                for found in partition_parts.measured(server, part, rows, run.say):
                    part.found.append(found)
                interrupted = {}
            finally:
                # All of them take hours: each is written when it is done, and what was found of one that is interrupted.
                if part.found:
                    part.conditions = run.conditions(part.conditions) | interrupted
                    run.show([part], {}, partition_report.as_text)
                    run.write(partition_parts.ordered(parts), {}, partition_report.plots, partition_report.as_text)


def refuse_small(sizes: list[int]) -> None:
    """Tables of which too few rows could change."""
    for size in sizes:
        if size < MINIMUM_ROWS:
            raise PgopsError(
                f"--rows {size}: accepted are {MINIMUM_ROWS} rows and more, since thousands of them change state"
            )


class Run:
    """A measurement: what it found, under which conditions, and where that is written."""

    def __init__(self, suite: str, output: Path) -> None:
        from pgops.bench import report

        report.refuse_without_plots()
        self.suite, self.output, self.console = suite, output, Console(stderr=True)
        self.figures: list = []
        self.load_before, self.started_at = os.getloadavg()[0], datetime.now(UTC)

    def say(self, text: str) -> None:
        """What is being measured now."""
        self.console.print(f"[dim]{text}")

    def finish(self, conditions: dict[str, str], plots: report.Plotter, text_of: report.Texter | None = None) -> None:
        """Print the results and write them."""
        conditions = self.conditions(conditions)
        self.show(self.figures, conditions, text_of)
        self.write(self.figures, conditions, plots, text_of)

    def conditions(self, others: dict[str, str]) -> dict[str, str]:
        """When it was measured, those given, and what else the machine had to do."""
        minutes = (datetime.now(UTC) - self.started_at).total_seconds() / 60
        return {
            "measured": f"{self.started_at:%Y-%m-%d %H:%M} UTC, in {minutes:.0f} minutes",
            **others,
            "machine": f"{os.cpu_count()} cores, {platform.machine()}; load average {self.load_before:.1f} before the run "
            f"(other work on the machine; 0 is quiet), {os.getloadavg()[0]:.1f} at its end",
        }

    def show(self, figures: list, conditions: dict[str, str], text_of: report.Texter | None) -> None:
        from rich.markdown import Markdown

        from pgops.bench import report

        Console().print(Markdown((text_of or report.as_text)(self.suite, figures, conditions)))

    def write(
        self, figures: list, conditions: dict[str, str], plots: report.Plotter, text_of: report.Texter | None
    ) -> None:
        from pgops.bench import report

        for path in report.write(self.output, self.suite, figures, conditions, plots, text_of):
            self.console.print(f"written: {path}", soft_wrap=True)
