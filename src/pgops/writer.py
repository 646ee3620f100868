"""A client that inserts one row a transaction, follows the primary, and keeps what was acknowledged.

    python -m pgops.writer CONNINFO SECONDS RESULT.json

Ends after SECONDS, or when the file RESULT.json.stop appears. A commit whose acknowledgement was lost with the connection
counts as in doubt: it may be there or not, and is not repeated.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

TABLE = "public.acknowledged"
RECONNECT_SECONDS = 0.05


@dataclass
class Writer:
    """One client; `connection` names all members with target_session_attrs=read-write."""

    connection: str
    insert: str = f"insert into {TABLE} (number) values (%s)"
    """Statement with the row's number as its parameter."""
    highest: str = f"select coalesce(max(number), 0) from {TABLE}"
    pause_seconds: float = 0.002
    acknowledged: dict[int, float] = field(default_factory=dict)
    """Number of each acknowledged row, and when the acknowledgement came (seconds since 1970)."""
    in_doubt: list[int] = field(default_factory=list)
    longest_gap_seconds: float = 0.0
    gap_began_at: float = 0.0
    errors: list[str] = field(default_factory=list)

    def run(self, stop: threading.Event) -> None:
        """Write until told to stop."""
        number, last = self._first_number(stop), time.time()
        session = None
        while not stop.is_set():
            number += 1
            try:
                if session is None:
                    session = psycopg.connect(self.connection, autocommit=True)
                session.execute(self.insert, (number,))
            except psycopg.Error as error:
                self.errors.append(f"{time.time():.3f} {str(error).strip().splitlines()[0]}")
                if session is not None:
                    self.in_doubt.append(number)
                    session.close()
                session = None
                stop.wait(RECONNECT_SECONDS)
                continue
            now = time.time()
            if now - last > self.longest_gap_seconds:
                self.longest_gap_seconds, self.gap_began_at = now - last, last
            self.acknowledged[number], last = now, now
            stop.wait(self.pause_seconds)

    def _first_number(self, stop: threading.Event) -> int:
        """Highest number that is there; asked until a primary answers."""
        while not stop.is_set():
            try:
                with psycopg.connect(self.connection, autocommit=True) as session:
                    row = session.execute(self.highest).fetchone()
            except psycopg.OperationalError as error:
                self.errors.append(f"{time.time():.3f} {str(error).strip().splitlines()[0]}")
                stop.wait(RECONNECT_SECONDS)
            else:
                return row[0] if row else 0
        return 0

    def result(self) -> dict[str, object]:
        """What was promised, as JSON."""
        return {
            "acknowledged": self.acknowledged,
            "in_doubt": self.in_doubt,
            "longest_gap_seconds": round(self.longest_gap_seconds, 3),
            "gap_began_at": self.gap_began_at,
            "errors": self.errors[:20],
        }


def compare(promised: dict[str, object], found: list[int]) -> dict[str, object]:
    """Hold what was acknowledged against the rows that are there."""
    acknowledged = {int(number): at for number, at in dict(promised["acknowledged"]).items()}
    rows = set(found)
    missing = sorted(set(acknowledged) - rows)
    return {
        "acknowledged": len(acknowledged),
        "missing": len(missing),
        "missing_acknowledged_at": [acknowledged[number] for number in missing],
        "doubled": len(found) - len(rows),
        "in_doubt": len(list(promised["in_doubt"])),
        "longest_gap_seconds": promised["longest_gap_seconds"],
    }


def main(connection: str, seconds: str, result: str) -> None:
    """Write for a while, then leave the result."""
    stop, writer, path = threading.Event(), Writer(connection), Path(result)
    thread = threading.Thread(target=writer.run, args=(stop,))
    thread.start()
    deadline, order = time.monotonic() + float(seconds), Path(f"{result}.stop")
    while time.monotonic() < deadline and not order.exists() and thread.is_alive():
        time.sleep(0.2)
    stop.set()
    thread.join()
    path.write_text(json.dumps(writer.result()))


if __name__ == "__main__":
    main(*sys.argv[1:])
