"""`pgops local`: hosts in containers on this machine."""

from __future__ import annotations

import json
import os
import sys
from enum import StrEnum
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from pgops import ansible
from pgops.errors import PgopsError
from pgops.local import clusters, engine, hosts, status, summary
from pgops.local.clusters import SYSTEMS
from pgops.local.fleet import FLEETS, LOCAL, Fleet, Host
from pgops.local.progress import Progress, output

app = typer.Typer(no_args_is_help=True, help="Hosts in containers on this machine.")

FleetName = StrEnum("FleetName", list(FLEETS))
SystemName = StrEnum("SystemName", list(SYSTEMS))
FleetOption = Annotated[FleetName, typer.Option("--fleet", help="Which hosts: the local inventory's, or the tests'.")]
# Options with which ansible-playbook changes nothing.
ONLY_LOOK = {"--check", "-C", "--list-hosts", "--list-tags", "--list-tasks", "--syntax-check"}
RefreshOption = Annotated[bool, typer.Option(help="Ask again what this machine can reach, and build the images anew.")]


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def up(
    context: typer.Context,
    refresh: RefreshOption = False,
    system: Annotated[
        SystemName | None, typer.Option(help="Only this system, on the hosts that it needs; default: all.")
    ] = None,
) -> None:
    """Make or start the hosts, deploy all systems on them or one, and show the result.

    Further options go to ansible-playbook.
    """
    console = output()
    progress = Progress(console)
    bring_up(LOCAL, progress, refresh=refresh, wanted=clusters.hosts_for(LOCAL, system))
    playbook = f"playbooks/{system}.yml" if system else "site.yml"
    with progress.step("ansible", f"ansible-playbook {playbook} -i inventories/local"):
        return_code = ansible.play(playbook, "inventories/local", context.args)
    if return_code != 0:
        raise PgopsError(
            f"the deploy ended with status {return_code}; the failed task stands above. "
            "Mend what it names and run the same command again: what is done stays done"
        )
    with progress.timed("summary"):
        state = status.collect(LOCAL, system)
    summary.show(state, console)
    console.print(progress.table())


@app.command()
def create(fleet: FleetOption = FleetName.local, refresh: RefreshOption = False) -> None:
    """Make or start the hosts only."""
    bring_up(FLEETS[fleet], Progress(output()), refresh=refresh, wanted=FLEETS[fleet].hosts)


def bring_up(fleet: Fleet, progress: Progress, *, refresh: bool, wanted: tuple[Host, ...]) -> None:
    """An engine, an image and running hosts."""
    with progress.timed("engine"):
        engine.ensure(progress)
    hosts.up(fleet, progress, refresh=refresh, wanted=wanted)


@app.command()
def down(
    fleet: FleetOption = FleetName.local,
    caches: Annotated[bool, typer.Option(help="Remove downloaded packages too.")] = False,
) -> None:
    """Remove the hosts with their data, and their network. Images stay."""
    if engine.answers():
        hosts.down(FLEETS[fleet], Progress(output()), caches=caches)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def destroy(context: typer.Context) -> None:
    """Run playbooks/destroy.yml on the hosts that run, then remove them all.

    Further options go to ansible-playbook. With those that only look (--check, --list-tasks, ...), nothing is removed.
    """
    if not engine.answers():
        output().print("No Docker engine answers, so there are no hosts to destroy.")
        return
    containers = hosts.existing(LOCAL)
    return_code = 0
    if containers and all(container.running for container in containers.values()):
        limit = clusters.limit_of(LOCAL, set(containers))
        return_code = ansible.play("playbooks/destroy.yml", "inventories/local", [*limit, *context.args])
    if ONLY_LOOK.intersection(context.args):
        output().print("Without these options, the containers and their network would be removed then.")
        raise typer.Exit(return_code)
    if return_code != 0 and context.args:
        raise PgopsError(
            f"playbooks/destroy.yml ended with status {return_code} (see above); nothing was removed. "
            "Without ARGS the containers are removed even then"
        )
    if return_code != 0:
        Console(stderr=True).print("playbooks/destroy.yml failed (see above); the containers are removed all the same.")
    hosts.down(LOCAL, Progress(output()))


@app.command(name="status")
def show_status(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    fleet: FleetOption = FleetName.local,
) -> None:
    """Show hosts, rows, totals, jobs, replication and archive."""
    if not engine.answers():
        raise PgopsError("no Docker engine answers: `make up` starts one and the hosts")
    state = status.collect(FLEETS[fleet])
    if as_json:
        print(json.dumps(state, indent=2))
    else:
        summary.show(state, output())


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def psql(
    context: typer.Context,
    host: Annotated[str, typer.Argument(help="Inventory host, e.g. db1.")],
    database: Annotated[str, typer.Option(help="Database to connect to; default: that of the host's system.")] = "",
) -> NoReturn:
    """Open psql on a host as postgres; further options go to psql."""
    cluster = clusters.cluster(LOCAL, host)
    container = hosts.existing(LOCAL).get(cluster.host.name)
    if container is None or not container.running:
        raise PgopsError(f"host {host} does not run: make up")
    terminal = ["--tty"] if sys.stdin.isatty() and sys.stdout.isatty() else []
    command = ["docker", "exec", "--interactive", *terminal, "--user", "postgres", "--workdir", "/", container.name]
    options = ["--port", str(cluster.port), "--dbname", database or SYSTEMS[cluster.system].database]
    os.execvp("docker", [*command, "psql", *options, *context.args])
