"""A moment of which both sides can be seen: snapshots of every database here, a restore point for the copy.

Nobody is locked out. A try takes a transaction number X, then a snapshot in each database, creates a restore point, and
takes another number. When every snapshot says that all transactions up to X have ended, and the second number is X + 1,
then no other transaction had a number while the restore point was written: what is committed before it in WAL is just
what the snapshots see.

Equal snapshots alone would not do. A snapshot ends behind the last transaction that has ended, so a later one that runs
is not in it; its commit may be in WAL before the restore point while it still waits to be seen, for a flush or a standby.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from pgops_drill.errors import DrillError

OPEN_TRANSACTIONS = """
select format('process %s of %s in database %s (%s), open for %s s, %s', pid, usename, datname,
              coalesce(nullif(application_name, ''), backend_type), round(extract(epoch from now() - xact_start)), state),
       extract(epoch from now() - xact_start)
from pg_stat_activity
where backend_xid is not null and pid <> pg_backend_pid() and now() - xact_start > interval '1 second'
union all
select format('prepared transaction %s of %s in database %s, open for %s s', quote_literal(gid), owner, database,
              round(extract(epoch from now() - prepared))),
       extract(epoch from now() - prepared)
from pg_prepared_xacts
order by 2 desc
limit 3
"""
PAUSES_SECONDS = (0.0, 0.02)
"""Between tries, at random: writers that keep step with us would be met at the same place each time."""


class Asks(Protocol):
    """A session."""

    def rows(self, sql: str, parameters: Any = None) -> list[tuple[Any, ...]]: ...

    def value(self, sql: str, parameters: Any = None) -> Any: ...


@dataclass(frozen=True)
class Moment:
    """The restore point, and the exported snapshot of every database as of it."""

    name: str
    lsn: str
    at: float
    tries: int
    seconds: float
    snapshots: dict[str, str]


def is_clean(snapshot: str, number: int) -> bool:
    """Whether a snapshot (`xmin:xmax:running`) sees all transactions up to a number and no later one."""
    lowest, behind, running = snapshot.split(":")
    return running == "" and lowest == behind and int(behind) == number + 1


def find(
    control: Asks,
    databases: dict[str, Asks],
    run: str,
    limit_seconds: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Moment:
    """Try until the moment is found; the databases' transactions then stay open, for their snapshots to be used."""
    began = clock()
    tries = 0
    while True:
        tries += 1
        name = f"pgops-drill-{run}-{tries}"
        lsn = attempt(control, databases, name)
        if lsn is not None:
            exported = {
                database: session.value("select pg_export_snapshot()") for database, session in databases.items()
            }
            return Moment(name, lsn, time.time(), tries, round(clock() - began, 3), exported)
        if clock() - began > limit_seconds:
            for session in databases.values():
                session.rows("rollback")
            raise DrillError(too_busy(control, tries, limit_seconds))
        sleep(random.uniform(*PAUSES_SECONDS))


def attempt(control: Asks, databases: dict[str, Asks], name: str) -> str | None:
    """One try: the position of the restore point, nothing when somebody wrote meanwhile."""
    for session in databases.values():
        session.rows("rollback")
        session.rows("begin isolation level repeatable read read only")
    number = int(control.value("select pg_current_xact_id()::text"))
    for session in databases.values():
        if not is_clean(session.value("select pg_current_snapshot()::text"), number):
            return None
    lsn = control.value("select pg_create_restore_point(%s)::text", (name,))
    following = int(control.value("select pg_current_xact_id()::text"))
    return lsn if following == number + 1 else None


def too_busy(control: Asks, tries: int, limit_seconds: float) -> str:
    """Why no moment was found, and what to do."""
    found = [row[0] for row in control.rows(OPEN_TRANSACTIONS)]
    tried = f"no moment without a writing transaction was found within {limit_seconds:g} s ({tries} tries)"
    if found:
        return (
            f"{tried}. Held up by: {'; '.join(found)}. Have these transactions end, then start the drill again, "
            "or raise drill_moment_seconds above the time that they take"
        )
    return (
        f"{tried}. No transaction was open for long: writers follow each other without a break. Start the drill at a "
        "quieter time (drill_calendar), or raise drill_moment_seconds"
    )
