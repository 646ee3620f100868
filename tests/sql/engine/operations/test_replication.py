"""A real subscriber of a publication through the root has every row once, whatever happens to the partitions; and one
whose own partitions change while rows arrive has, too."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import psycopg
import pytest
from background import Background
from partition_operations import APRIL, MARCH, TABLES, WEEKS
from psycopg.types.json import Jsonb
from servers import apply_set

ROWS_OF = 'select id, at, "No,te" from app."Event Log" order by id, at'
SLOT = "pgops_test_operations"


def address(server, database: str) -> str:
    """Where the server finds itself."""
    if server.host == "127.0.0.1":  # published by a container, in which the port is another
        return f"host=127.0.0.1 port=5432 user=postgres dbname={database}"
    return f"host={server.host} port={server.port} user=postgres dbname={database}"


@pytest.fixture
def subscriber(operations, server) -> Iterator[psycopg.Connection]:
    """A database of the same server that subscribes to the table through its root and keeps it in partitions of its own."""
    engine = operations.engine
    engine.run('create publication of_root for table app."Event Log" with (publish_via_partition_root = true)')
    # A slot made by CREATE SUBSCRIPTION would wait for the very transaction that makes it.
    engine.run(f"select pg_create_logical_replication_slot('{SLOT}', 'pgoutput')")
    name = server.create_database()
    try:
        with server.connect(name) as connection:
            apply_set(connection, "pgops")
            connection.execute("create schema app")
            connection.execute(TABLES["range"].split("insert into", maxsplit=1)[0])
            connection.execute(
                f"create subscription s connection '{address(server, engine.database)}' publication of_root"
                f" with (create_slot = false, slot_name = '{SLOT}')"
            )
            yield connection
            connection.execute("alter subscription s disable")
            connection.execute("alter subscription s set (slot_name = none)")
            connection.execute("drop subscription s")
    finally:
        server.drop_database(name)
        engine.wait_for("select not active from pg_replication_slots where slot_name = %s", SLOT)
        with contextlib.suppress(psycopg.Error):
            engine.run(f"select pg_drop_replication_slot('{SLOT}')")
        engine.run("drop publication of_root")


def write(engine, times: int) -> None:
    for number in range(times):
        engine.run(
            "insert into app.\"Event Log\" (at, \"No,te\") values ('2024-03-05', %s), ('2024-02-05', %s)",
            number,
            number,
        )
        engine.run(
            "update app.\"Event Log\" set at = at + interval '35 days' where id %% 97 = %s and at < '2024-04-01'",
            number % 97,
        )
        engine.run('delete from app."Event Log" where id %% 89 = %s', number % 89)


def same(engine, subscriber) -> bool:
    engine.wait_for(
        "select confirmed_flush_lsn >= %s from pg_replication_slots where slot_name = %s",
        engine.value("select pg_current_wal_lsn()"),
        SLOT,
    )
    return engine.run(ROWS_OF) == subscriber.execute(ROWS_OF).fetchall()


def wait_until(session: psycopg.Connection, condition: str) -> None:
    tries = 3000
    while session.execute(condition).fetchone() != (True,):
        tries -= 1
        assert tries > 0, f"never true: {condition}"
        session.execute("select pg_sleep(0.01)")


def wait_for_first_copy(subscriber: psycopg.Connection) -> None:
    wait_until(subscriber, "select bool_and(srsubstate = 'r') from pg_subscription_rel")


def test_a_publisher_whose_partitions_change(operations, subscriber):
    engine = operations.engine
    wait_for_first_copy(subscriber)
    session = engine.session("postgres")
    with session.transaction():
        session.execute("select 1")
    writer = Background(lambda: write(engine, 60))
    for operation, arguments in (
        ("split", {"partition": "Feb, 24", "into": WEEKS}),
        ("drain", {"partitions": [MARCH, APRIL]}),
        ("merge", {"partitions": ["March", "April"], "into": "Spring"}),
        ("add", {"name": "May", "from": "2024-05-01", "to": "2024-06-01"}),
    ):
        operations.apply(operation, arguments, session=session, lock_budget_ms=900)
    writer.finish()
    write(engine, 5)
    assert same(engine, subscriber)
    # What is archived or dropped leaves the table of the publisher, as a whole, and not that of the subscriber.
    assert engine.value("select count(*) from pg_publication_tables where pubname = 'of_root'") == 1


def test_a_publisher_whose_table_is_converted_and_back(operations, subscriber):
    """The publication follows the name; copies, and what keeps the two tables in step, are not sent."""
    engine = operations.engine
    wait_for_first_copy(subscriber)
    # Whoever converts the table names another one in the publication.
    engine.run(f'grant create on database "{engine.database}" to engine_owner')
    engine.run("alter publication of_root owner to engine_owner")
    session = engine.session("postgres")
    for operation, arguments in (
        ("convert", {"by": {"range": "at", "every": "week"}, "name": "week {year} {week}", "default": "no week"}),
        ("undo", {}),
        ("convert", {"by": {"hash": "id", "modulus": 3}, "name": "part {remainder}"}),
        ("finish", {}),
    ):
        writer = Background(lambda: write(engine, 40))
        operations.apply(operation, arguments, session=session, lock_budget_ms=900)
        writer.finish()
        write(engine, 5)
        assert same(engine, subscriber), operation
        assert engine.run("select tablename from pg_publication_tables where pubname = 'of_root'") == [("Event Log",)]


def test_a_subscriber_whose_partitions_change(operations, subscriber, server):
    """Rows that replication applies fire the triggers that note keys: they are ENABLE ALWAYS."""
    engine = operations.engine
    wait_for_first_copy(subscriber)
    applier = server.connect(subscriber.info.dbname)
    running = Background(
        lambda: applier.execute(
            'call pgops.operation_apply(\'app."Event Log"\', \'drain\', %s, \'{"lock_budget_ms": 900, "switch": "wait"}\')',
            [Jsonb({"partitions": [MARCH, APRIL]})],
        )
    )
    wait_until(subscriber, "select bool_or(state = 'waiting') from pgops.operation")
    write(engine, 20)
    wait_until(subscriber, "select bool_or(replayed_keys >= 20) from pgops.operation")
    writer = Background(lambda: write(engine, 20))
    subscriber.execute("select pgops.operation_switch(operation_id) from pgops.operation")
    running.finish()
    writer.finish()
    applier.close()
    assert subscriber.execute('select count(*) > 0 from app."April"').fetchone() == (True,)
    assert same(engine, subscriber)
