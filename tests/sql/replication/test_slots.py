"""What the state of a server tells of its slots, whichever columns its version has for that."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from servers import Server

from ansible_collections.pgops.fleet.plugins.module_utils.replication_server import SLOTS


@pytest.fixture
def session(server: Server) -> Iterator[psycopg.Connection]:
    """The superuser's session; slots and settings of the test go with it."""
    with server.connect() as session:
        yield session
        session.execute(
            "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name like 'test\\_slot\\_%'"
        )
        session.execute("alter system reset max_slot_wal_keep_size")
        session.execute("select pg_reload_conf()")


def slots(session: psycopg.Connection) -> dict[str, dict]:
    with session.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        return {row["name"]: row for row in cursor.execute(SLOTS)}


def test_a_slot_and_one_that_lost_its_wal(session: psycopg.Connection) -> None:
    session.execute("select pg_create_logical_replication_slot('test_slot_lost', 'pgoutput')")
    whole = slots(session)["test_slot_lost"]
    assert (whole["type"], whole["database"], whole["plugin"]) == ("logical", "postgres", "pgoutput")
    assert (whole["invalidated"], whole["failover"], whole["synced"]) == (None, False, False)
    session.execute("alter system set max_slot_wal_keep_size = '1MB'")
    session.execute("select pg_reload_conf()")
    for _segment in range(3):
        session.execute("select pg_logical_emit_message(false, 'test', 'a segment that is not empty'), pg_switch_wal()")
    session.execute("checkpoint")
    session.execute("select pg_create_logical_replication_slot('test_slot_new', 'pgoutput')")
    assert slots(session)["test_slot_lost"]["invalidated"] in ("lost", "wal_removed")
    assert slots(session)["test_slot_new"]["invalidated"] is None
