"""The console command `pgops`."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console

from pgops import ansible, inventory
from pgops.bench.cli import app as bench_app
from pgops.errors import Interrupted, PgopsError
from pgops.lab.cli import app as lab_app
from pgops.load.cli import app as load_app
from pgops.local.cli import app as local_app
from pgops.local.present import limit
from pgops.reports.cli import report
from pgops.settings.cli import app as settings_app

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Local hosts, generators, load and benchmarks of the Ansible collection pgops.fleet.",
)
app.add_typer(local_app, name="local")
app.add_typer(inventory.app, name="inventory")
app.add_typer(bench_app, name="bench")
app.add_typer(lab_app, name="lab")
app.add_typer(load_app, name="load")
app.add_typer(settings_app, name="settings")
app.command()(report)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def play(
    context: typer.Context,
    playbook: Annotated[str, typer.Argument(help="Playbook, e.g. site.yml or playbooks/stop.yml.")],
    inventory_path: Annotated[str, typer.Option("--inventory", "-i", help="Inventory folder or file.")],
) -> None:
    """Run a playbook as the Makefile does; further options go to ansible-playbook."""
    raise typer.Exit(ansible.play(playbook, inventory_path, [*limit(inventory_path), *context.args]))


def _interrupt(signal_number: int, _frame: FrameType | None) -> None:
    raise Interrupted(signal_number)


def main() -> None:
    """Entry point: errors the user can mend are one message, Ctrl-C says how to go on."""
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        app()
    except PgopsError as error:
        console.print("[bold red]pgops:[/]", str(error), markup=True)
        sys.exit(1)
    except Interrupted as interrupt:
        console.print(f"\nInterrupted. {interrupt.advice}")
        sys.exit(128 + interrupt.args[0])
