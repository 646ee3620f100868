"""Throughput of backup, restore, drill and dump, beside pg_basebackup and pg_dump of the same data in the same run."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

from pgops.bench import fleet
from pgops.bench.figure import Figure
from pgops.errors import PgopsError

HOST, REPOSITORY, DATABASE = "tx1", "ops1", "transactions"
ROWS_A_CALL = 1_000_000
MONTHS, CLIENTS = 4, 1000
LONG_SECONDS = 3600
COPY = "/var/lib/postgresql/bench_copy"
DUMP = "/var/lib/postgresql/bench_dump"
PG_DUMP = "pg_dump --jobs=2"


def figures(gigabytes: float, repeats: int, report: Callable[[str], None], outcome: dict[str, str]) -> Iterator[Figure]:
    """MB of databases a second; what stands beside every figure was measured turn by turn with it."""
    with fleet.deployed("transactions", HOST, REPOSITORY):
        pause()
        report(f"generating {gigabytes:g} GB of {DATABASE}")
        rows = fill(gigabytes)
        size = megabytes()
        outcome["data"] = f"{size:,.0f} MB of databases, {rows:,} rows in app.t1"
        copies, dumps = list[float](), list[float]()
        backups, restores, comparisons, drills, our_dumps, loads = (list[float]() for _ in range(6))
        increments = list[float]()
        for turn in range(1, repeats + 1):
            report(f"pg_basebackup and pg_dump, {turn} of {repeats}")
            copies.append(size / seconds_of(copy))
            dumps.append(size / seconds_of(dump))
            report(f"full and incremental backup, {turn} of {repeats}")
            backups.append(size / seconds_of(lambda: backup("full")))
            fleet.query(HOST, DATABASE, f"update app.t1 set state = 1 where state = 0 and id % {10 * repeats} = {turn}")
            increments.append(size / seconds_of(lambda: backup("incr")))
            report(f"drill, {turn} of {repeats}")
            stages = drill()
            restores.append(size / stages["restore"])
            comparisons.append(size / stages["comparison"])
            drills.append(size / sum(stages.values()))
            report(f"dump.yml and load.yml, {turn} of {repeats}")
            our_dumps.append(size / seconds_of(lambda: fleet.play("dump", dump_host=HOST, dump_database=DATABASE)))
            loads.append(size / seconds_of(load))
    for name, measured in [
        ("full backup", backups),
        ("incremental backup, some rows changed", increments),
        ("restore, of the drill", restores),
        ("comparison, of the drill", comparisons),
        ("drill, all of it", drills),
        ("dump.yml, with checksums", our_dumps),
        ("load.yml, with comparison", loads),
    ]:
        yield Figure(name, rows, None, "MB/s", copies, measured, beside={PG_DUMP: dumps})


def pause() -> None:
    """Nothing starts by itself: neither the system's jobs nor the timers of backups and drills."""
    fleet.query(HOST, DATABASE, "select cron.alter_job(jobid, active => false) from cron.job")
    for host in (HOST, REPOSITORY):
        fleet.run(host, "systemctl", "stop", "pgops-backup-*.timer", "pgops-drill@*.timer")


def fill(gigabytes: float) -> int:
    """Generate rows until the databases have that size; returns the number of rows."""
    rows = 0
    while megabytes() < 1000 * gigabytes:
        left = (1000 * gigabytes - megabytes()) / (megabytes() / rows) if rows else 100_000
        some = max(10_000, min(ROWS_A_CALL, int(left)))
        fleet.query(
            HOST,
            DATABASE,
            f"call app.generate_transactions({some}, date_trunc('month', now() - interval '3 months')::date,"
            f" {MONTHS}, {CLIENTS}, {rows})",
        )
        rows += some
    fleet.query(HOST, DATABASE, "vacuum (analyze)")
    return rows


def megabytes() -> float:
    """Size of all databases, 10^6 bytes."""
    (size,) = fleet.query(HOST, "postgres", "select sum(pg_database_size(oid)) from pg_database")
    return int(size) / 1e6


def seconds_of(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def copy() -> None:
    """The yardstick of copies: one process, nothing compressed, on the same disk."""
    _postgres(
        f"rm -rf {COPY} && pg_basebackup --pgdata={COPY} --wal-method=none --checkpoint=fast --no-manifest; rm -rf {COPY}"
    )


def dump() -> None:
    """The yardstick of dumps."""
    _postgres(f"rm -rf {DUMP} && {PG_DUMP} --format=directory --file={DUMP} {DATABASE}; rm -rf {DUMP}")


def backup(kind: str) -> None:
    """What the timer starts."""
    fleet.run(REPOSITORY, "systemctl", "start", f"pgops-backup-{kind}@{HOST}.service", timeout_seconds=LONG_SECONDS)


def drill() -> dict[str, float]:
    """Seconds of each stage of a drill that what it compared has passed."""
    fleet.run(HOST, "systemctl", "start", f"pgops-drill@{HOST}.service", timeout_seconds=LONG_SECONDS)
    result = json.loads(fleet.run(HOST, "cat", f"/var/lib/pgops/drill/{HOST}/latest.json"))
    if result["outcome"] != "passed":
        raise PgopsError(f"the drill of {HOST} has not passed: {result['message']}")
    return result["stages"]


def load() -> None:
    """Load the last dump into a new database, which is dropped afterwards."""
    newest = _postgres(f"ls -d /var/lib/pgops/dump/{HOST}/{DATABASE}-* | tail -n 1")
    fleet.play("load", load_host=HOST, load_database="bench_load", load_directory=newest)
    fleet.query(HOST, "postgres", "drop database bench_load")
    _postgres(f"rm -rf {newest}")


def _postgres(script: str) -> str:
    return fleet.run(HOST, "bash", "-euo", "pipefail", "-c", script, user="postgres", timeout_seconds=LONG_SECONDS)
