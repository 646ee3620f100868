"""Ctrl-C and kill -9 in the middle of a command: it ends in good order, the same command goes on, and no row is lost."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from servers import REPOSITORY

from partition_lab.system import answer, refusal

pytestmark = pytest.mark.long_when_repeated

WAIT_SECONDS = 120
TABLES = ("event_logs", "users_distributed", "orders_by_region", "sales_data")
PROGRAM = """
import pathlib, sys
from pgops.cli import main
from pgops.lab import record
record.STATE = pathlib.Path(sys.argv.pop(1))
main()
"""
# Who comes to the gate says so by one lock, and waits for another: again and again, as the engine gives up waiting for locks.
GATE = """
    create function public.wait_at_gate() returns void language plpgsql as $$
    begin
        perform pg_advisory_xact_lock_shared(1);
        while not pg_try_advisory_xact_lock_shared(2) loop
            perform pg_sleep(0.01);
        end loop;
    end $$;
    create function public.gate() returns trigger language plpgsql as $$
    begin
        perform public.wait_at_gate();
        return new;
    end $$;
    create function public.gate_of_the_command() returns event_trigger language plpgsql as $$
    begin
        if current_query() ilike 'drop table%' then
            perform public.wait_at_gate();
        end if;
    end $$;
    select pg_advisory_lock(2);
"""
IN_PHASE = """
    create trigger gate before update of phase on pgops.operation
    for each row when (old.operation = '{}' and old.phase = '{}') execute function public.gate()
"""
WHERE_THE_COMMAND_DROPS = """
    create event trigger gate on ddl_command_start when tag in ('DROP TABLE')
    execute function public.gate_of_the_command()
"""
AT_THE_GATE = """
    select count(*) from pg_locks as l join pg_database as d on d.oid = l.database
    where l.locktype = 'advisory' and l.objid = 1 and d.datname = current_database()
"""
SESSIONS = "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'pgops lab'"
UNFINISHED = "select count(*) from pgops.operation where finished_at is null and state <> 'kept'"
GOES_ON = "was interrupted: it goes on"
INTERRUPTED = "Interrupted. Nothing is lost: run the same command again to go on."


@dataclass(frozen=True)
class Place:
    """Where a command is when it ends."""

    arguments: tuple[str, ...]
    gate: str
    """What leads there."""
    done: str
    """How the command refuses once it has done everything."""
    prepared_by: tuple[str, ...] = ()
    """Scenarios before it."""

    @property
    def in_operation(self) -> bool:
        """Whether an operation of the engine is left unfinished."""
        return self.gate != WHERE_THE_COMMAND_DROPS and "'kept'" not in self.gate


def migrate(phase: str) -> Place:
    return Place(("migrate",), IN_PHASE.format("convert", phase), "are partitioned already")


def split(phase: str) -> Place:
    return Place(("repartition", "split"), IN_PHASE.format("split", phase), "has no partition event_logs_2024_02")


def detach(phase: str) -> Place:
    return Place(("repartition", "detach"), IN_PHASE.format("archive", phase), "has no partition event_logs_2024_01")


def by_date(phase: str) -> Place:
    return Place(("repartition", "migrate"), IN_PHASE.format("convert", phase), "there is a table app.users_by_date")


def cleanup(gate: str, *scenarios: str) -> Place:
    return Place(("repartition", "cleanup"), gate, "their original shape already", scenarios)


PLACES = {
    "migrate: rows are copied": migrate("copy"),
    "migrate: tables are kept in step": migrate("kept"),
    "split: rows are copied": split("copy"),
    "detach: rows are archived": detach("archive"),
    "by date: rows are copied": by_date("copy"),
    "cleanup: April is detached": cleanup(IN_PHASE.format("detach", "clean"), "add"),
    "cleanup: rows of April are moved": cleanup(WHERE_THE_COMMAND_DROPS, "add"),
    "cleanup: weeks are merged": cleanup(IN_PHASE.format("merge", "copy"), "add", "split", "detach", "migrate"),
    **{
        f"{place.__name__}: {phase}": place(phase)
        for place, phases in (
            (migrate, ("create", "index", "switch", "after", "end_catch_up", "end_switch", "end_clean")),
            (split, ("create", "capture", "index", "compare", "switch", "uncheck", "clean")),
            (detach, ("switch", "clean")),
            (by_date, ("index", "publish", "end_catch_up", "end_compare", "end_switch")),
        )
        for phase in phases
    },
}
SIGNALS = {"Ctrl-C": signal.SIGINT, "kill -9": signal.SIGKILL}
USUAL = {
    ("split: rows are copied", "Ctrl-C"),
    ("detach: rows are archived", "kill -9"),
    ("cleanup: April is detached", "Ctrl-C"),
    ("cleanup: rows of April are moved", "Ctrl-C"),
    ("cleanup: rows of April are moved", "kill -9"),
}
CASES = [
    pytest.param(place, number, id=f"{name}, {how}", marks=[] if (name, how) in USUAL else [pytest.mark.long])
    for name, place in PLACES.items()
    for how, number in SIGNALS.items()
]


class Command:
    """`pgops lab` in a process of its own."""

    def __init__(self, folder: Path, dsn: str, *arguments: str) -> None:
        number = len(list(folder.glob("*.out")))
        self._output, self._errors = folder / f"{number}.out", folder / f"{number}.err"
        with self._output.open("w") as output, self._errors.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, str(folder), "lab", *arguments, "--dsn", dsn, "--json"],
                stdout=output, stderr=errors, cwd=REPOSITORY,
            )  # fmt: skip

    @property
    def output(self) -> str:
        return self._output.read_text()

    @property
    def errors(self) -> str:
        return self._errors.read_text()

    def ended(self) -> int:
        return self.process.wait(timeout=WAIT_SECONDS)


@pytest.fixture
def start(operator: str, tmp_path: Path) -> Iterator[Callable[..., Command]]:
    """Starts a command; it does not outlive the test."""
    started: list[Command] = []

    def one(*arguments: str) -> Command:
        started.append(Command(tmp_path, operator, *arguments))
        return started[-1]

    yield one
    for command in started:
        command.process.kill()
        command.process.wait()


def value(database: psycopg.Connection, statement: str) -> object:
    (found,) = database.execute(statement).fetchone()
    return found


def wait_until(condition: Callable[[], object], what: Callable[[], object]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.02)


def open_gate(database: psycopg.Connection) -> None:
    database.execute("select pg_advisory_unlock(2)")


def rows(database: psycopg.Connection) -> dict[str, tuple[int, int]]:
    """Rows and different ids of each table, with its archive."""
    found = {}
    for table in TABLES:
        ids = f"select id from app.{table}"
        if value(database, f"select to_regclass('app.{table}_archive') is not null"):
            ids += f" union all select id from app.{table}_archive"
        found[table] = database.execute(f"select count(*), count(distinct id) from ({ids}) as i").fetchone()
    return found


def stop(database: psycopg.Connection, command: Command, how: int, advice: str = INTERRUPTED) -> None:
    """End a command that is at the gate; Ctrl-C ends its session, too, although the gate is closed."""
    wait_until(lambda: value(database, AT_THE_GATE) or command.process.poll() is not None, lambda: command.errors)
    assert command.process.poll() is None, command.errors
    command.process.send_signal(how)
    if how == signal.SIGINT:
        assert command.ended() == 130, command.errors
        *before, blank, last = command.errors.splitlines()
        assert (blank, last) == ("", advice)
        assert not [line for line in before if "Traceback" in line or "error" in line or "cancel" in line], before
        wait_until(lambda: value(database, SESSIONS) == 0, lambda: "the session goes on")
    else:
        assert command.ended() == -how
    assert command.output == ""


def prepare(database: psycopg.Connection, dsn: str, place: Place) -> None:
    if place.arguments == ("migrate",):
        answer(dsn, "reset", "--discard")
        answer(dsn, "seed")
    for scenario in place.prepared_by:
        answer(dsn, "repartition", scenario)
    database.execute(GATE)
    database.execute(place.gate)


@pytest.mark.parametrize(("place", "how"), CASES)
def test_the_same_command_goes_on(
    database: psycopg.Connection, partitioned: str, start: Callable[..., Command], place: Place, how: int
) -> None:
    prepare(database, partitioned, place)
    before = rows(database)
    stop(database, start(*place.arguments), how)
    if place.in_operation:
        assert value(database, UNFINISHED) == 1
        again = start(*place.arguments)
        wait_until(lambda: GOES_ON in again.errors or again.process.poll() is not None, lambda: again.errors)
        assert GOES_ON in again.errors
        open_gate(database)
    else:
        assert value(database, UNFINISHED) == 0
        open_gate(database)
        wait_until(lambda: value(database, SESSIONS) == 0, lambda: "the session goes on")
        again = start(*place.arguments)
    assert again.ended() == 0, again.errors
    assert json.loads(again.output)["proofs"]
    assert rows(database) == before
    assert value(database, UNFINISHED) == 0
    assert value(database, "select count(*) from pgops.operation where state = 'kept'") == 0
    assert place.done in refusal(partitioned, *place.arguments)


@pytest.mark.long
@pytest.mark.parametrize("how", SIGNALS.values(), ids=SIGNALS)
def test_under_load(database: psycopg.Connection, partitioned: str, start: Callable[..., Command], how: int) -> None:
    place = split("copy")
    prepare(database, partitioned, place)
    (before, _ids) = rows(database)["event_logs"]
    stop(database, start(*place.arguments, "--load", "5"), how)
    (written, _ids) = rows(database)["event_logs"]
    assert written > before
    again = start(*place.arguments, "--load", "5")
    wait_until(lambda: GOES_ON in again.errors, lambda: again.errors)
    open_gate(database)
    assert again.ended() == 0, again.errors
    found = json.loads(again.output)
    assert found["load"]["all"]["failed"] == found["load"]["all"]["in_doubt"] == 0
    (after, ids) = rows(database)["event_logs"]
    assert after == ids >= written + found["load"]["tables"]["event_logs"]["rows"]


@pytest.mark.long
def test_the_whole_story_begins_anew(
    database: psycopg.Connection, partitioned: str, start: Callable[..., Command], tmp_path: Path
) -> None:
    prepare(database, partitioned, split("copy"))
    story = ("all", "--scale", "1", "--discard", "--output", str(tmp_path / "page.html"))
    stop(
        database, start(*story), signal.SIGINT,
        "Interrupted. Nothing is lost: the same command with --discard begins anew, `pgops lab migrate` or the scenario goes on.",
    )  # fmt: skip
    open_gate(database)
    assert start(*story).ended() == 0
    for count, ids in rows(database).values():
        assert count == ids > 0
    assert value(database, UNFINISHED) == 0
