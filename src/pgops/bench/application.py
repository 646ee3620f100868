"""Suite `application`: system 4 as it is deployed, through its pooler and directly, and under different settings."""

from __future__ import annotations

import shlex
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from pgops.bench import fleet
from pgops.bench.figure import Figure
from pgops.load import mix
from pgops.load.running import Load
from pgops.load.service import of_inventory
from pgops.local.fleet import BENCH

HOST, PORT, POOLER_PORT, DATABASE = "app1", 5432, 6432, "application"
SCALE = 30
"""Of pgbench: 3,000,000 accounts, about 450 MB."""
CLIENTS = (1, 10, 50, 100, 200)
SETTINGS_CLIENTS = 20
STORM_CLIENTS = 50
LOAD_CLIENTS = (10, 50)
DEFAULTS = "PostgreSQL's defaults"
VARIANTS = {DEFAULTS: None, "profile small": "small", "derived": "derived"}


@dataclass
class Measured:
    """What one run of pgbench has shown."""

    per_second: float
    p50_ms: float
    p99_ms: float
    memory_mb: float


def figures(seconds: int, repeats: int, say: Callable[[str], None], outcome: dict[str, str]) -> list[Figure]:
    """All figures of the suite; the floor of each is the same work without the pooler, or with the defaults."""
    found: list[Figure] = []
    with fleet.deployed("application", HOST, "ops1"):
        fill()
        outcome["server"] = fleet.query(HOST, DATABASE, "select 'PostgreSQL ' || current_setting('server_version')")[0]
        outcome["pooler"] = fleet.run(HOST, "pgbouncer", "--version").splitlines()[0]
        for clients in CLIENTS:
            found += _by_clients(clients, seconds, repeats, say)
        found.append(_storm(seconds, repeats, say))
        for clients in LOAD_CLIENTS:
            found.append(_load(clients, seconds, repeats, say))
        found += _by_settings(seconds, repeats, say)
    return found


def fill() -> None:
    """The tables of pgbench in the application's database, for its login."""
    fleet.run(HOST, "sh", "-c", f"$(ls /usr/lib/postgresql/*/bin/pgbench) -q -i -s {SCALE} {DATABASE}", user="postgres")
    fleet.query(
        HOST, DATABASE,
        "grant usage on schema public to app_user; grant select, insert, update, delete on pgbench_accounts, pgbench_branches,"
        " pgbench_tellers, pgbench_history to app_user",
    )  # fmt: skip


def pgbench(clients: int, seconds: int, *options: str, pooled: bool) -> Measured:
    """Run pgbench on the host itself, with TLS as any client."""
    service = of_inventory(BENCH.inventory, "app_user").parameters()
    port = POOLER_PORT if pooled else PORT
    conninfo = f"host={fleet.address(HOST)} port={port} dbname={DATABASE} user={service['user']} sslmode=require"
    command = [
        "$(ls /usr/lib/postgresql/*/bin/pgbench)", "--no-vacuum", f"--client={clients}", f"--jobs={min(clients, 2)}",
        f"--time={seconds}", "--log", "--log-prefix=/tmp/pgops-bench", *options, shlex.quote(conninfo),
    ]  # fmt: skip
    memory: list[float] = []
    watch = threading.Timer(seconds / 2, lambda: memory.append(_memory_mb()))
    watch.start()
    script = (
        f"cd /tmp && rm -f pgops-bench.* && export PGPASSWORD={shlex.quote(service['password'])} && {' '.join(command)} && "
        "cut -d' ' -f3 pgops-bench.* | sort -n | awk '{a[NR]=$1} END {print \"quantiles\", a[int(NR*0.5)+1]/1000, a[int(NR*0.99)+1]/1000}'"
    )
    lines = fleet.run(HOST, "sh", "-c", script).splitlines()
    watch.join()
    (rate,) = [float(line.split()[2]) for line in lines if line.startswith("tps = ")]
    (quantiles,) = [line.split()[1:] for line in lines if line.startswith("quantiles ")]
    return Measured(rate, float(quantiles[0]), float(quantiles[1]), memory[0])


def _memory_mb() -> float:
    """Memory of the server's processes: each with its share of what they have in common."""
    text = fleet.run(
        HOST, "sh", "-c", "for p in $(pgrep -x postgres); do cat /proc/$p/smaps_rollup; done 2>/dev/null || true"
    )
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1024


def _by_clients(clients: int, seconds: int, repeats: int, say: Callable[[str], None]) -> list[Figure]:
    say(f"pgbench, {clients} clients")
    direct, pooled = [], []
    for _ in range(repeats):
        direct.append(pgbench(clients, seconds, "--select-only", pooled=False))
        pooled.append(pgbench(clients, seconds, "--select-only", pooled=True))
    return [
        Figure(
            name, None, clients, unit, [getattr(each, key) for each in direct], [getattr(each, key) for each in pooled]
        )
        for name, unit, key in (
            ("one row by its key, through the pooler", "tx/s", "per_second"),
            ("median, through the pooler", "ms", "p50_ms"),
            ("99th percentile, through the pooler", "ms", "p99_ms"),
            ("memory of the server, through the pooler", "MB", "memory_mb"),
        )
    ]


def _storm(seconds: int, repeats: int, say: Callable[[str], None]) -> Figure:
    """A connection for each statement."""
    say("connection storm")
    options = ("--select-only", "--connect")
    direct = [pgbench(STORM_CLIENTS, seconds, *options, pooled=False).per_second for _ in range(repeats)]
    pooled = [pgbench(STORM_CLIENTS, seconds, *options, pooled=True).per_second for _ in range(repeats)]
    return Figure("a connection a statement, through the pooler", None, STORM_CLIENTS, "tx/s", direct, pooled)


def _load(clients: int, seconds: int, repeats: int, say: Callable[[str], None]) -> Figure:
    """`pgops load application`, from this machine."""
    say(f"pgops load, {clients} clients")
    service = of_inventory(BENCH.inventory, "app_user")
    direct = {"host": HOST, "port": str(PORT)}
    with psycopg.connect(service.conninfo(), autocommit=True) as connection:
        users, _made = mix.seed(connection, 1000)
    rates: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(repeats):
        for pooled in (False, True):
            with Load(lambda pooled=pooled: service.conninfo(**({} if pooled else direct)), users, clients) as load:
                time.sleep(seconds)
            rates[pooled].append(load.summary()["per_second"])
    return Figure("pgops load application, through the pooler", None, clients, "tx/s", rates[False], rates[True])


def _by_settings(seconds: int, repeats: int, say: Callable[[str], None]) -> list[Figure]:
    """The same work under each kind of settings, deployed one after the other, several times."""
    found: dict[str, dict[str, list[float]]] = {name: {"write": [], "read": []} for name in VARIANTS}
    for _ in range(repeats):
        for name, profile in VARIANTS.items():
            say(f"settings: {name}")
            _set(profile)
            found[name]["write"].append(pgbench(SETTINGS_CLIENTS, seconds, pooled=False).per_second)
            found[name]["read"].append(pgbench(SETTINGS_CLIENTS, seconds, "--select-only", pooled=False).per_second)
    return [
        Figure(
            f"{name}, settings {variant}", None, SETTINGS_CLIENTS, "tx/s", found[DEFAULTS][kind], found[variant][kind]
        )
        for kind, name in (("write", "pgbench TPC-B"), ("read", "pgbench select-only"))
        for variant in VARIANTS
        if variant != DEFAULTS
    ]


def _set(profile: str | None) -> None:
    """Deploy a profile; None takes everything about memory, WAL, planner and workers back to the defaults, over a deployed one."""
    fleet.play("application", postgresql_profile=profile or "derived", postgresql_reset_overrides=True)
    if profile is None:
        names = fleet.query(
            HOST, "postgres",
            "select name || ' = ' || quote_literal(boot_val) from pg_settings where name in ('shared_buffers',"
            " 'effective_cache_size', 'work_mem', 'maintenance_work_mem', 'max_wal_size', 'min_wal_size', 'checkpoint_timeout',"
            " 'random_page_cost', 'effective_io_concurrency', 'max_worker_processes', 'max_parallel_workers',"
            " 'max_parallel_workers_per_gather', 'max_parallel_maintenance_workers', 'default_statistics_target')",
        )  # fmt: skip
        for setting in names:
            fleet.query(HOST, "postgres", f"alter system set {setting}")
        fleet.run(HOST, "sh", "-c", "systemctl restart 'postgresql@*'")
