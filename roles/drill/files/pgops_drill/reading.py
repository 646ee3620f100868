"""Reads all tables of a side with several sessions at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any

from pgops_drill.contents import Contents, Table, is_same_file, list_tables, read_table
from pgops_drill.sessions import Session

REWRITTEN = "it was rewritten, emptied or dropped while the drill read it"


def read_all(
    databases: list[str],
    connect: Callable[[str], Session],
    workers: int,
    snapshots: dict[str, str] | None = None,
) -> Contents:
    """Contents without sequences; with snapshots as of them, otherwise as they are."""
    contents = Contents()
    found: list[Table] = []
    for database in databases:
        session = begin(connect(database), snapshots and snapshots[database])
        tables, left_out = list_tables(session, database)
        session.close()
        found += tables
        contents.left_out += left_out
    waiting: SimpleQueue[Table] = SimpleQueue()
    # The largest first, so that none of them is left alone at the end.
    for table in sorted(found, key=lambda table: -table.size_bytes):
        waiting.put(table)
    results: list[tuple[Table, dict[str, Any]]] = []
    threads = [
        threading.Thread(target=work, args=(waiting, results, connect, snapshots), daemon=True)
        for _number in range(max(1, min(workers, len(found))))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(results) != len(found):
        raise RuntimeError(f"{len(found) - len(results)} of {len(found)} tables were not read")
    for table, figures in results:
        if figures.get("rewritten"):
            contents.left_out.append({"database": table.database, "table": table.label, "why": REWRITTEN})
        else:
            contents.tables[table.database, table.label] = figures
    return contents


def begin(session: Session, snapshot: str | None) -> Session:
    """Begin a transaction that only reads; with a snapshot, one that sees what it saw."""
    session.rows("begin isolation level repeatable read read only")
    if snapshot:
        # Exported names are letters, digits and -.
        session.rows(f"set transaction snapshot '{snapshot}'")
    return session


def work(
    waiting: SimpleQueue[Table],
    results: list[tuple[Table, dict[str, Any]]],
    connect: Callable[[str], Session],
    snapshots: dict[str, str] | None,
) -> None:
    """Read tables until none is left; a table that cannot be read keeps the others from nothing."""
    sessions: dict[str, Session] = {}
    try:
        while True:
            table = waiting.get_nowait()
            try:
                if table.database not in sessions:
                    sessions[table.database] = begin(connect(table.database), snapshots and snapshots[table.database])
                session = sessions[table.database]
                results.append((table, read_or_lost(session, table, snapshots is not None)))
            except Exception as error:
                if table.database in sessions:
                    sessions.pop(table.database).close()
                results.append((table, judge_failure(connect, table, snapshots is not None, error)))
    except Empty:
        pass
    finally:
        for session in sessions.values():
            session.close()


def read_or_lost(session: Session, table: Table, as_of_snapshot: bool) -> dict[str, Any]:
    """Figures of a table, unless another file has taken its place meanwhile."""
    figures = read_table(session, table)
    if as_of_snapshot and not is_same_file(session, table):
        return {"rewritten": True}
    return figures


def judge_failure(
    connect: Callable[[str], Session], table: Table, as_of_snapshot: bool, error: Exception
) -> dict[str, Any]:
    """What it means that a table could not be read: gone or rewritten meanwhile, or broken."""
    message = " ".join(str(error).split())
    if as_of_snapshot:
        try:
            session = connect(table.database)
            same = is_same_file(session, table)
            session.close()
        except Exception:
            same = True
        if not same:
            return {"rewritten": True}
    return {"error": message}
