"""Rows and checksum of every table, several at a time."""

from __future__ import annotations

import queue
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pgops_dump.names import qualified
from pgops_dump.row_checksums import query_checksum, table_query
from pgops_dump.server import Server, Session


def readable(table: dict[str, Any], *, in_recovery: bool) -> bool:
    """Whether a relation has rows of its own that a session here can see."""
    if table["kind"] == "m":
        return bool(table["populated"])
    # A standby has no contents of unlogged tables.
    return table["kind"] == "r" and not (in_recovery and table["persistence"] == "u")


def question(session: Session, table: dict[str, Any]) -> str:
    """SQL for rows and checksum; of a materialized view's query, as loading it fills it anew."""
    if table["kind"] == "m":
        definition = session.value("select pg_get_viewdef(%s::oid)", (table["oid"],))
        return query_checksum(definition.rstrip().rstrip(";"), table["columns"])
    return table_query(qualified(table["schema"], table["name"]), table["columns"])


def measure(
    server: Server, database: str, wanted: Iterable[dict[str, Any]], jobs: int, snapshot: str | None = None
) -> dict[int, dict[str, Any]]:
    """{oid: {"rows", "checksum"}} of relations, as of one snapshot when it is given."""
    waiting: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    largest_first = sorted(wanted, key=lambda table: -table["bytes"])
    for table in largest_first:
        waiting.put(table)

    def work() -> dict[int, dict[str, Any]]:
        found = {}
        with server.session(database, pinned=True) as session:
            if snapshot:
                session.import_snapshot(snapshot)
            while True:
                try:
                    table = waiting.get_nowait()
                except queue.Empty:
                    return found
                found[table["oid"]] = session.row(question(session, table))

    with ThreadPoolExecutor(max_workers=max(1, min(jobs, len(largest_first)))) as pool:
        parts = [pool.submit(work) for _ in range(max(1, min(jobs, len(largest_first))))]
        return {oid: result for part in parts for oid, result in part.result().items()}
