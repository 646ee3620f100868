"""Sessions with everything pinned that the text of a row depends on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pgops_drill.row_checksums import PINNED_SETTINGS

PINNED = PINNED_SETTINGS | {
    # The search for the moment takes transaction numbers.
    "default_transaction_read_only": "off",
    # The first snapshot has to live until all tables are read.
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    "statement_timeout": "0",
    "lock_timeout": "0",
    # A transaction number that is only taken to be seen need not be flushed, and waits for no standby.
    "synchronous_commit": "off",
}


class Session:
    """One connection in autocommit; transactions are begun by statements."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        with connection.cursor() as cursor:
            names = " union all ".join(f"select '{name}' as name, '{value}' as value" for name, value in PINNED.items())
            # transaction_timeout is there from 17 on; other settings are there in every version.
            cursor.execute(
                f"select set_config(p.name, p.value, false) from ({names} "
                "union all select 'transaction_timeout', '0') p join pg_settings s on lower(s.name) = lower(p.name)"
            )

    def rows(self, sql: str, parameters: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall() if cursor.description else []

    def value(self, sql: str, parameters: Sequence[Any] | None = None) -> Any:
        """The first column of the first row."""
        return self.rows(sql, parameters)[0][0]

    def close(self) -> None:
        """End the session."""
        self.connection.close()


class Server:
    """A server that is reached through its socket; `psycopg2` is Python's driver on the hosts."""

    def __init__(self, socket_directory: str, port: int) -> None:
        self.socket_directory = socket_directory
        self.port = port

    def connect(self, database: str = "postgres") -> Session:
        """A session of the superuser."""
        import psycopg2

        connection = psycopg2.connect(
            host=self.socket_directory,
            port=self.port,
            dbname=database,
            user="postgres",
            connect_timeout=10,
            application_name="pgops drill",
        )
        connection.autocommit = True
        return Session(connection)
