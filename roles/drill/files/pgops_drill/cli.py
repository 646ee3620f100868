"""The command: one word for what is to be done, then the name of a cluster."""

from __future__ import annotations

import argparse
import fcntl
import json
import signal
import subprocess
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pgops_backup.repository import Repository
from pgops_backup.state import moment

from pgops_drill import report, results
from pgops_drill.drill import Drill, judge, look_at, new_result
from pgops_drill.errors import DrillError, Skipped
from pgops_drill.restore import choose, refuse_without_room, room_needed
from pgops_drill.scratch import Scratch
from pgops_drill.sessions import Server
from pgops_drill.settings import Settings

LOCK = results.DIRECTORY / "lock"
POLL_SECONDS = 1


def main(arguments: list[str]) -> int:
    """Do what the arguments say; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="drill", description="Proves that backups bring back what their source holds."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, run, text in (
        ("run", run_drill, "restore the latest backup beside its source, compare both, and remove the copy"),
        ("now", start_unit, "have systemd run a drill, wait for its end, and print the result (as root)"),
        ("plan", plan, "say what a drill would do"),
        ("clean", clean, "remove what a drill that was killed has left"),
        ("show", show, "print the latest result"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("cluster")
        command.add_argument("--format", choices=["table", "json"], default="table")
        command.set_defaults(run=run)
    given = parser.parse_args(arguments)
    try:
        return given.run(given)
    except DrillError as error:
        print(f"drill of {given.cluster}: {error}")
        return 1


def run_drill(given: argparse.Namespace) -> int:
    """One drill: its result is kept, and its copy removed, however it ends."""
    settings = Settings.read(given.cluster)
    signal.signal(signal.SIGTERM, stopped)
    with one_at_a_time(settings):
        result = new_result(settings, time.time())
        scratch = Scratch(settings)
        try:
            if scratch.remove():
                result["warnings"].append("removed what a drill that was killed had left")
            Drill(settings, result, scratch).run()
            result["problems"] = judge(result)
            result["outcome"] = "failed" if result["problems"] else "passed"
            result["message"] = "; ".join(result["problems"])
        except Skipped as reason:
            result |= {"outcome": "skipped", "message": str(reason)}
        except DrillError as error:
            result["problems"].append(str(error))
            result["message"] = "; ".join(result["problems"])
        except Exception as error:
            traceback.print_exc()
            result["problems"].append(f"{type(error).__name__} in stage {result.get('stage')}: {error}")
            result["message"] = "; ".join(result["problems"])
        finally:
            finish(settings, result, scratch)
    print_result(result, given.format)
    return 1 if result["outcome"] == "failed" else 0


def finish(settings: Settings, result: dict[str, Any], scratch: Scratch) -> None:
    """Remove the copy and keep the result."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        scratch.remove()
    except (DrillError, OSError) as error:
        result["outcome"] = "failed"
        result["problems"].append(f"the copy could not be removed: {error}")
        result["message"] = "; ".join(result["problems"])
    now = time.time()
    result |= {"ended_at": moment(now), "ended_seconds_since_1970": round(now, 3)}
    results.keep(result, settings.keep_results)


def stopped(_number: int, _frame: object) -> None:
    """What SIGTERM does: end as an error does, with everything cleaned up."""
    raise DrillError("it was stopped before its end")


@contextmanager
def one_at_a_time(settings: Settings) -> Iterator[None]:
    """One drill at a time on a machine; the others wait for their turn."""
    deadline = time.monotonic() + settings.wait_seconds
    with LOCK.open("a+", encoding="utf-8") as lock:
        told = False
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                lock.seek(0)
                holder = lock.read().strip() or "another cluster"
                if time.monotonic() > deadline:
                    raise DrillError(
                        f"the drill of {holder} on this machine has not ended within {settings.wait_seconds} s; look at "
                        f"systemctl status 'pgops-drill@*', then start this one again"
                    ) from None
                if not told:
                    print(f"waiting for the drill of {holder} to end", flush=True)
                    told = True
                time.sleep(POLL_SECONDS)
        lock.seek(0)
        lock.truncate()
        lock.write(settings.cluster)
        lock.flush()
        yield


def start_unit(given: argparse.Namespace) -> int:
    """A drill in its unit, where it is seen and cleaned up behind, as the timer starts it."""
    settings = Settings.read(given.cluster)
    unit = f"pgops-drill@{settings.cluster}.service"
    began = time.time()
    done = subprocess.run(["systemctl", "start", unit], capture_output=True, text=True, check=False)
    result = results.latest(settings.cluster)
    if result.get("ended_seconds_since_1970", 0) < began:
        raise DrillError(f"{unit} has left no result: {done.stderr.strip()}; journalctl -u {unit} says why")
    print_result(result, given.format)
    return 1 if result["outcome"] == "failed" else 0


def plan(given: argparse.Namespace) -> int:
    """What a drill would do; nothing is changed."""
    settings = Settings.read(given.cluster)
    scratch = Scratch(settings)
    try:
        session = Server(settings.socket_directory, settings.port).connect()
    except Exception as error:
        raise DrillError(
            f"the source, port {settings.port}, does not answer: {' '.join(str(error).split())}"
        ) from error
    facts = look_at(session)
    if facts["in_recovery"]:
        print(f"drill of {settings.cluster}: skipped, it is a standby at present")
        return 0
    choice = choose(Repository(settings.stanza, facts["segment_bytes"]))
    needed = room_needed(choice, facts["bytes"])
    free = refuse_without_room(scratch.root, needed, settings.reserve_mb)
    print(
        f"drill of {settings.cluster}: would restore backup {choice.backup.label} of stanza {settings.stanza} into "
        f"{scratch.root} ({needed} bytes of {free} that are free), replay WAL up to a restore point that it creates, "
        f"compare {', '.join(settings.databases) or 'all databases'}, run {len(settings.checks)} checks, and remove the copy"
    )
    return 0


def clean(given: argparse.Namespace) -> int:
    """What a unit does behind a drill; a drill that runs is left alone."""
    settings = Settings.read(given.cluster)
    with LOCK.open("a", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0
        if Scratch(settings).remove():
            print(f"drill of {settings.cluster}: removed what a drill that was killed had left")
    return 0


def show(given: argparse.Namespace) -> int:
    """The latest result."""
    result = results.latest(Settings.read(given.cluster).cluster)
    print_result(result, given.format)
    return 1 if result.get("outcome") == "failed" else 0


def print_result(result: dict[str, Any], form: str) -> None:
    """For people or for programs."""
    print(json.dumps(result, sort_keys=True) if form == "json" else "\n".join(report.lines(result)), flush=True)
