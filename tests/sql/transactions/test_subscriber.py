"""The subscriber's totals, under a real apply worker: two databases of one server, with a publication between them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from servers import Server

from transactions.system import assert_exact, insert, message, recount, totals


def _wait(connection: psycopg.Connection, query: str, expected: tuple, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while (found := connection.execute(query).fetchone()) != expected:
        assert time.monotonic() < deadline, f"{query}: {found}, not {expected}"
        time.sleep(0.05)


class Pair:
    def __init__(self, primary: psycopg.Connection, subscriber: psycopg.Connection) -> None:
        self.primary = primary
        self.subscriber = subscriber

    def wait_until_equal(self) -> None:
        """All that the primary has committed has been applied."""
        checksum = "select count(*), sum(hashtextextended(t1::text, 0)) from app.t1"
        _wait(self.subscriber, checksum, self.primary.execute(checksum).fetchone())

    def assert_right(self) -> None:
        self.wait_until_equal()
        assert totals(self.subscriber) == recount(self.primary)
        assert_exact(self.subscriber)


@contextlib.contextmanager
def _subscribed(primary: psycopg.Connection, subscriber: psycopg.Connection) -> Iterator[Pair]:
    slot = f"slot_{primary.info.dbname}"
    primary.execute("create publication t1_publication for table app.t1 with (publish_via_partition_root)")
    # Within one server CREATE SUBSCRIPTION would wait for its own transaction to end: the slot is made beforehand.
    primary.execute("select pg_create_logical_replication_slot(%s, 'pgoutput')", [slot])
    conninfo = subscriber.execute(
        "select format('host=%%s port=%%s user=transactions_replication dbname=%%s',"
        " split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port'), %s::text)",
        [primary.info.dbname],
    ).fetchone()[0].replace("'", "''")  # fmt: skip
    subscriber.execute(
        sql.SQL("create subscription t1_subscription connection {} publication t1_publication"
                " with (create_slot = false, slot_name = {})").format(conninfo, slot)
    )  # fmt: skip
    try:
        _wait(subscriber, "select bool_and(srsubstate = 'r') from pg_subscription_rel", (True,))
        yield Pair(primary, subscriber)
    finally:
        subscriber.execute("drop subscription t1_subscription")


@pytest.fixture
def pair(primary: psycopg.Connection, subscriber: psycopg.Connection) -> Iterator[Pair]:
    """Subscribed after the first rows were there, so that the initial copy has brought them."""
    primary.execute("call app.generate_transactions(3000, '2026-01-01', 3, 40, 7)")
    insert(primary, date="2033-03-03Z", message=message(client_id=3))
    with _subscribed(primary, subscriber) as pair:
        yield pair


def test_initial_copy_and_changes(pair: Pair):
    pair.assert_right()
    assert len(totals(pair.subscriber)) > 50
    for statement in [
        "update app.t1 set state = 1 - state where id % 3 = 0",
        "update app.t1 set state = 1",
        "update app.t1 set amount = amount + 1 where id % 7 = 0",
        "update app.t1 set message = message || '{\"client_id\": 1}' where id % 11 = 0",
        "update app.t1 set date = date + interval '1 month' where id % 13 = 0",
        "update app.t1 set transaction_guid = gen_random_uuid() where id % 17 = 0",
        "delete from app.t1 where id % 5 = 0",
        "delete from app.t1_2026_02 where id % 2 = 0",
        "call app.generate_transactions(500, '2026-02-01', 3, 10, 8)",
    ]:
        pair.primary.execute(statement)
        pair.assert_right()
    pair.subscriber.execute("call app.fold_totals()")
    assert pair.subscriber.execute("select count(*) from app.t1_total_change").fetchone() == (0,)
    pair.assert_right()
    pair.primary.execute("truncate app.t1")
    pair.assert_right()
    assert totals(pair.subscriber) == {}


def test_generated_months_arrive_whole(pair: Pair):
    """Rows that are written before their table is a partition would not be published."""
    pair.primary.execute("call app.generate_transactions(300, '2025-01-01', 3, 10, 9)")
    pair.assert_right()
    assert pair.subscriber.execute("select count(*) from app.t1 where date < '2025-04-01Z'").fetchone() == (300,)


def test_rows_that_leave_the_default_partition_stay_on_both_sides(pair: Pair):
    insert(pair.primary, date="2034-05-06Z", message=message(client_id=4))
    pair.primary.execute("call pgops.partition_apply('app.t1')")
    pair.assert_right()
    assert pair.primary.execute("select count(*) from only app.t1_default").fetchone() == (0,)
    assert pair.subscriber.execute("select count(*) from app.t1 where date = '2034-05-06Z'").fetchone() == (1,)


def test_new_months_on_either_side(pair: Pair):
    pair.subscriber.execute("call pgops.partition_ensure('app.t1', '2026-05-01Z', '2026-07-01Z')")
    pair.primary.execute("call pgops.partition_ensure('app.t1', '2026-06-01Z', '2026-09-01Z')")
    for month in (5, 6, 7, 8):
        insert(pair.primary, date=f"2026-0{month}-05Z")
    pair.assert_right()
    # Rows that arrived in the default partition move into a month that is made for them later.
    pair.subscriber.execute("call pgops.partition_ensure('app.t1', '2026-07-01Z', '2026-09-01Z')")
    assert pair.subscriber.execute("select count(*) from app.t1_2026_07").fetchone() == (1,)
    pair.assert_right()
    pair.primary.execute("update app.t1 set state = 0 where date >= '2026-07-01Z'")
    pair.assert_right()


def test_folding_while_changes_arrive(server: Server, pair: Pair):
    with server.connect(pair.primary.info.dbname) as writer:
        for number in range(60):
            insert(writer, date="2026-03-03Z", message=message(client_id=number % 5))
            writer.execute("update app.t1 set state = 1 - state where id %% 97 = %s", [number])
            if number % 5 == 0:
                pair.subscriber.execute("call app.fold_totals()")
                assert pair.subscriber.execute("select * from app.totals_drift()").fetchall() == []
    pair.assert_right()


def test_partitions_attached_detached_and_dropped_by_hand(subscriber: psycopg.Connection):
    for month in (1, 2, 3):
        insert(subscriber, date=f"2026-0{month}-05Z")
    subscriber.execute("alter table app.t1 detach partition app.t1_2026_02")
    assert_exact(subscriber)
    insert(subscriber, "app.t1_2026_02", date="2026-02-06Z")
    assert_exact(subscriber)
    subscriber.execute(
        "alter table app.t1 attach partition app.t1_2026_02 for values from ('2026-02-01Z') to ('2026-03-01Z')"
    )
    assert_exact(subscriber)
    insert(subscriber, "app.t1_2026_02", date="2026-02-07Z")
    subscriber.execute("drop table app.t1_2026_01")
    assert_exact(subscriber)
    subscriber.execute("call app.fold_totals()")
    subscriber.execute("drop table app.t1_2026_02")
    assert_exact(subscriber)
    subscriber.execute("truncate app.t1_2026_03")
    assert_exact(subscriber)
    assert totals(subscriber) == {}


def test_rollback_leaves_nothing(subscriber: psycopg.Connection):
    insert(subscriber)
    with subscriber.transaction(force_rollback=True):
        subscriber.execute("update app.t1 set amount = 5; delete from app.t1")
        assert_exact(subscriber)
    assert_exact(subscriber)


def test_audit_and_repair(server: Server, subscriber: psycopg.Connection):
    insert(subscriber)
    insert(subscriber, date="2026-02-02Z")
    subscriber.execute("alter table app.t1 disable trigger user")
    insert(subscriber, amount=100)
    subscriber.execute("delete from app.t1 where amount < 50 and date < '2026-02-01Z'")
    subscriber.execute("alter table app.t1 enable always trigger t1_count_insert")
    assert len(subscriber.execute("select * from app.totals_drift()").fetchall()) == 1
    with server.connect(subscriber.info.dbname, user="transactions_jobs") as jobs:
        jobs.execute("call app.audit_totals()")
        assert jobs.execute("select wrong_groups, wrong_guids, outcome from app.totals_audit").fetchall() == [
            (1, None, "wrong")
        ]
        subscriber.execute("select * from app.repair_totals()")
        jobs.execute("call app.fold_totals()")
        jobs.execute("call app.audit_totals()")
        assert jobs.execute("select outcome from app.totals_audit order by audited_at desc limit 1").fetchone() == (
            "right",
        )
    assert_exact(subscriber)


def test_reader_only_reads(server: Server, subscriber: psycopg.Connection):
    insert(subscriber)
    with server.connect(subscriber.info.dbname, user="transactions_reader") as reader:
        assert totals(reader) == recount(reader)
        assert reader.execute("select * from app.totals_drift()").fetchall() == []
        for statement in ("delete from app.t1", "delete from app.t1_total_change", "call app.fold_totals()"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute(statement)


def test_replication_role_reads_nothing_but_its_publication(server: Server, primary: psycopg.Connection):
    insert(primary)
    with server.connect(primary.info.dbname, user="transactions_replication") as replication:
        assert replication.execute("select count(*) from app.t1").fetchone() == (1,)
        for table in ("app.t1_guid", "app.t1_totals", "app.t1_month_total", "app.generation", "pgops.event"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                replication.execute(f"select * from {table}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            replication.execute("delete from app.t1")
