"""How long a client cannot write while the primary changes: restarted, switched over, and killed."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from pgops.bench import fleet
from pgops.bench.figure import Figure
from pgops.errors import PgopsError
from pgops.local.docker import docker
from pgops.local.fleet import BENCH
from pgops.writer import TABLE, Writer, compare

MEMBERS = ("op1", "op2")
DATABASE, CLIENT = "operations_db", "operations_app"
SETTLE_SECONDS = 3
BOOT_SECONDS = 60


def figures(repeats: int, report: Callable[[str], None], outcome: dict[str, str]) -> Iterator[Figure]:
    """Gaps between the acknowledgements of one writer; `outcome` says what became of its rows."""
    restarts, switchovers, failovers = Events("restart"), Events("switchover"), Events("failover")
    with fleet.deployed("operations", *MEMBERS, "ops1"):
        make_table(MEMBERS[0])
        primary, standby = MEMBERS
        for turn in range(1, repeats + 1):
            report(f"restart, switchover and failover {turn} of {repeats}")
            with restarts.watched():
                fleet.run(primary, "systemctl", "restart", unit_of(primary))
            restarts.hold_against(primary)
            with switchovers.watched():
                fleet.play("switchover", switchover_to=standby)
            switchovers.hold_against(standby)
            primary, standby = standby, primary
            with failovers.watched():
                docker("kill", BENCH.container(BENCH.host(primary)))
                fleet.play("promote", promote_to=standby)
            failovers.hold_against(standby)
            take_back(primary)
            primary, standby = standby, primary
    if restarts.missing or switchovers.missing:
        raise PgopsError(f"acknowledged rows are missing: {restarts.outcome}; {switchovers.outcome}")
    outcome["writer's rows"] = "; ".join(events.outcome for events in (restarts, switchovers, failovers))
    for name, events in [("planned switchover", switchovers), ("failover: killed, then promote.yml", failovers)]:
        yield Figure(f"{name}, writer's gap", None, 1, "ms", restarts.gaps, events.gaps)


class Events:
    """The same event several times, each under a writer that counts what was acknowledged."""

    def __init__(self, name: str) -> None:
        self.name, self.gaps = name, list[float]()
        self.acknowledged = self.missing = self.doubled = 0

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Write before, during and after the event."""
        stop, self.writer = threading.Event(), Writer(connection())
        thread = threading.Thread(target=self.writer.run, args=(stop,))
        thread.start()
        try:
            time.sleep(SETTLE_SECONDS)
            yield
            time.sleep(SETTLE_SECONDS)
        finally:
            stop.set()
            thread.join()
        self.gaps.append(1000 * self.writer.longest_gap_seconds)

    def hold_against(self, member: str) -> None:
        """Compare what was acknowledged with the rows of the primary of now."""
        rows = [int(row) for row in fleet.query(member, DATABASE, f"select number from {TABLE}")]
        result = compare(self.writer.result(), rows)
        self.acknowledged += int(result["acknowledged"])
        self.missing += int(result["missing"])
        self.doubled += int(result["doubled"])

    @property
    def outcome(self) -> str:
        """What became of the rows."""
        return f"{self.name} {self.acknowledged:,} acknowledged, {self.missing} missing, {self.doubled} doubled"


def make_table(primary: str) -> None:
    """Where the writer writes."""
    fleet.query(
        primary,
        DATABASE,
        f"create table {TABLE} (number bigint primary key, at timestamptz default clock_timestamp());"
        f" grant usage on schema public to {CLIENT}; grant select, insert on {TABLE} to {CLIENT}",
    )


def connection() -> str:
    """The connection string that the documentation gives to clients."""
    secrets = BENCH.inventory / ".secrets"
    password = (secrets / "passwords" / CLIENT).read_text().strip()
    hosts = ",".join(fleet.address(member) for member in MEMBERS)
    return (
        f"host={hosts} dbname={DATABASE} user={CLIENT} password={password} target_session_attrs=read-write"
        f" sslmode=verify-full sslrootcert={secrets / 'certificates' / 'ca.crt'} connect_timeout=2 tcp_user_timeout=3000"
    )


def unit_of(member: str) -> str:
    """The member's service."""
    version, cluster = fleet.run(member, "pg_lsclusters", "--no-header").split()[:2]
    return f"postgresql@{version}-{cluster}"


def take_back(member: str) -> None:
    """Boot the machine that was killed, with its server fenced before clients find it, and make it a standby."""
    docker("start", BENCH.container(BENCH.host(member)))
    deadline = time.monotonic() + BOOT_SECONDS
    while True:
        try:
            fleet.run(member, "systemctl", "stop", unit_of(member))
            break
        except PgopsError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
    fleet.play("rejoin", rejoin_host=member)
