"""Each runbook followed word by word on a server in which its trouble was caused."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import psycopg
import pytest
from background import Background
from psycopg import errors
from runbook import PAGES, Runbook
from servers import Server

from reports.test_reports import FLUSH, one, wait_for

ON_A_MACHINE = ("connection-refused", "disk-full", "out-of-disk-in-pg-wal")
"""Those that need a machine with its services: molecule/default/tests/test_runbooks.py."""


@pytest.fixture
def follow(ask, database) -> Callable[[str], Runbook]:
    return lambda name: Runbook(name, ask, database)


@pytest.fixture
def orders(database: psycopg.Connection) -> psycopg.Connection:
    """The table that the runbooks take for an example."""
    database.execute("create table orders (id int primary key, customer int, name text)")
    database.execute("insert into orders select n, n % 5000, 'name ' || n from generate_series(1, 20000) as n")
    return database


def test_every_runbook_is_followed_by_a_test():
    here = {name.removeprefix("test_").replace("_", "-") for name in globals() if name.startswith("test_")}
    with_extensions = {
        name.removeprefix("test_").replace("_", "-") for name in vars(TestWithExtensions) if "test" in name
    }
    pages = {page.stem for page in PAGES.glob("*.md")} - {"index"}
    assert pages == (here | with_extensions) & pages | set(ON_A_MACHINE)


def test_too_many_connections(follow, database, server: Server):
    role = "app_user_a"
    existed = database.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
    if not existed:
        database.execute(f"create role {role} login")
    database.execute(
        f'grant connect on database "{database.info.dbname}" to {role}; alter role {role} connection limit 3'
    )
    try:
        with ExitStack() as stack:
            for _ in range(3):
                stack.enter_context(server.connect(database.info.dbname, user=role)).execute("select 1")
            with pytest.raises(psycopg.OperationalError, match="too many connections for role"):
                server.connect(database.info.dbname, user=role)
            book = follow("too-many-connections")
            row = one(book.report(), role=role)
            assert (row["idle"], row["connections"], row["allowed"]) == (3, 3, 3)
            assert book.sql() == [[(0,)]]  # none is idle for that long
            assert book.sql() == [[(3,)]]
            until(lambda: one_or_none(book.ask("connections"), role=role) is None)
            ((used, allowed),) = book.sql()[0]
            assert used < allowed
            server.connect(database.info.dbname, user=role).close()
            book.end()
    finally:
        database.execute(
            f'alter role {role} connection limit -1; revoke connect on database "{database.info.dbname}" from {role}'
        )
        if not existed:
            database.execute(f"drop role {role}")


def one_or_none(rows, **wanted):
    return next((row for row in rows if all(row[name] == value for name, value in wanted.items())), None)


def until(condition) -> None:
    for _ in range(200):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it does not come")


def test_blocked_sessions(follow, orders, session):
    forgotten, waiter = session("forgotten", autocommit=False), session("waiter")
    forgotten.execute("update orders set customer = 0 where id = 1")
    waiting = Background(lambda: waiter.execute("update orders set customer = 1 where id = 1"))
    wait_for(orders, waiter)
    book = follow("blocked-sessions")
    (row,) = book.report()
    assert row["head"] is True
    assert book.report()[0]["pid"] == row["blocking_pid"] == forgotten.info.backend_pid
    book.sql(pid=row["blocking_pid"])  # it runs no statement, so nothing comes of that
    assert book.ask("locks") != []
    book.sql(pid=row["blocking_pid"])
    waiting.finish()
    assert book.report() == []
    book.end()
    assert orders.execute("select customer from orders where id = 1").fetchone() == (1,)


def test_blocked_sessions_by_a_statement(follow, orders, session):
    busy, waiter = session("busy", autocommit=False), session("waiter")
    busy.execute("update orders set customer = 0 where id = 1")
    running = Background(lambda: busy.execute("select pg_sleep(60)"))
    until(
        lambda: (
            orders.execute("select state from pg_stat_activity where application_name = 'busy'").fetchone()[0]
            == "active"
        )
    )
    waiting = Background(lambda: waiter.execute("update orders set customer = 1 where id = 1"))
    wait_for(orders, waiter)
    book = follow("blocked-sessions")
    (row,) = book.report()
    assert row["blocking_state"] == "active"
    assert book.report() == []
    book.sql(pid=row["blocking_pid"])
    with pytest.raises(errors.QueryCanceled):
        running.finish()
    busy.rollback()
    waiting.finish()


def test_lock_queue(follow, orders, session):
    long, change, reader = session("long", autocommit=False), session("change"), session("reader")
    long.execute("select count(*) from orders")
    changing = Background(lambda: change.execute("alter table orders add column more int"))
    wait_for(orders, change)
    reading = Background(lambda: reader.execute("select count(*) from orders"))
    wait_for(orders, reader)
    book = follow("lock-queue")
    row = one(book.report(), lock="AccessExclusiveLock")
    assert row["blocking_pid"] == long.info.backend_pid
    book.sql(pid=row["waiting_pid"])
    reading.finish()
    with pytest.raises(errors.QueryCanceled):
        changing.finish()
    assert book.report() == []
    book.sql(change)
    with pytest.raises(errors.LockNotAvailable):
        change.execute("alter table orders add column more int")
    long.rollback()
    book.end()


@pytest.mark.parametrize(("way", "expected"), [("commit", 0), ("rollback", 1)])
def test_forgotten_prepared_transaction(follow, orders, session, way, expected):
    name = f"forgotten_{orders.info.dbname}"
    orders.execute(f"begin; update orders set customer = 0 where id = 1; prepare transaction '{name}'")
    waiter = session("waiter")
    waiting = Background(lambda: waiter.execute("select customer from orders where id = 1 for update"))
    wait_for(orders, waiter)
    book = follow("forgotten-prepared-transaction")
    row = one(book.report(), name=name)
    assert row["waiting_for_it"] == 1
    if way == "commit":
        book.sql(the_name=row["name"])
        book.skip(because="it is committed")
    else:
        book.skip(because="it is rolled back")
        book.sql(the_name=row["name"])
    waiting.finish()
    assert one_or_none(book.report(), name=name) is None
    book.end()
    assert orders.execute("select customer from orders where id = 1").fetchone() == (expected,)


@pytest.fixture
def slot(database: psycopg.Connection) -> Iterator[str]:
    name = f"slot_{database.info.dbname}"
    database.execute("select pg_create_physical_replication_slot(%s, true)", [name])
    yield name
    if database.execute("select 1 from pg_replication_slots where slot_name = %s", [name]).fetchone():
        database.execute("select pg_drop_replication_slot(%s)", [name])


def write_wal(connection: psycopg.Connection, megabytes: int) -> None:
    """Enough to fill some segments."""
    connection.execute("create table if not exists filler (v text)")
    for _ in range(megabytes // 10):
        connection.execute("insert into filler select repeat('x', 1000) from generate_series(1, 10000)")
        connection.execute("select pg_switch_wal()")


def test_replication_slot_holding_wal(follow, database, slot):
    write_wal(database, 60)
    book = follow("replication-slot-holding-wal")
    row = one(book.report(), slot=slot)
    assert row["active"] is False
    assert row["kept_mb"] > 50
    assert {each["what"]: each["value"] for each in book.ask("wal")}["kept for slots"] > 50
    assert book.sql(the_slot=row["slot"])
    # The other way, with a second slot: a limit, beyond which it is lost.
    try:
        book.sql()
        until(lambda: database.execute("show max_slot_wal_keep_size").fetchone() == ("10GB",))
    finally:
        database.execute("alter system reset max_slot_wal_keep_size")
        database.execute("select pg_reload_conf()")
    found = book.reports()
    assert one_or_none(found["slots"], slot=slot) is None
    assert {each["what"]: each["value"] for each in found["wal"]}["kept for slots"] < 50
    book.end()


def test_transaction_wraparound(follow, orders, session, slot):
    old = session("old", autocommit=False)
    old.execute("set transaction isolation level repeatable read; select 1")
    orders.execute("update pg_class set relfrozenxid = '3' where relname = 'orders'")
    book = follow("transaction-wraparound")
    before = one(book.report(), level="table", name="orders")
    found = book.reports()
    assert one(found["idle-in-transaction"], pid=old.info.backend_pid)["holds_back_transactions"] is not None
    old.rollback()
    book.sql()
    after = one_or_none(book.report(), level="table", name="orders")
    assert after is None or after["age"] < before["age"]
    book.end()


def test_runaway_autovacuum(follow, orders, session):
    holder = session("holder", autocommit=False)
    holder.execute("set transaction isolation level repeatable read; select 1")
    orders.execute("delete from orders where id <= 15000")
    orders.execute(FLUSH)
    orders.execute("vacuum orders")
    book = follow("runaway-autovacuum")
    assert one(book.report(), table="public.orders")["due_percent"] > 100
    ((pid, *_rest), *_others) = book.sql()[0]
    assert pid == holder.info.backend_pid
    book.reports()
    book.sql(pid=pid)
    try:
        book.sql()
        until(lambda: orders.execute("show autovacuum_vacuum_cost_limit").fetchone() == ("2000",))
    finally:
        orders.execute("alter system reset autovacuum_vacuum_cost_limit")
        orders.execute("select pg_reload_conf()")
    book.sql()  # no worker is at that table at this moment
    orders.execute(FLUSH)
    assert one(book.report(), table="public.orders")["due_percent"] == 0
    book.end()


class TestWithExtensions:
    """Those whose reports need an extension, on the server that has it."""

    @pytest.fixture
    def server(self, counting_server):
        return counting_server

    def test_slow_queries(self, follow, orders, server):
        orders.execute("create extension pg_stat_statements")
        orders.execute(
            "select pg_stat_statements_reset(0, (select oid from pg_database where datname = current_database()), 0)"
        )
        for number in range(20):
            orders.execute(f"select * from orders where customer = {number}")
        book = follow("slow-queries")
        rows = book.reports()["slow-queries"]
        assert one(rows, query="select * from orders where customer = $1")["calls"] == 20
        assert "Seq Scan" in plan(book.sql())
        book.sql()
        book.sql()
        assert "orders_customer" in plan(book.sql())
        book.end()

    def test_bloat(self, follow, orders, session):
        orders.execute("create extension pgstattuple")
        orders.execute("delete from orders where id > 100 and id % 50 > 0")
        orders.execute(FLUSH)
        book = follow("bloat")
        found = book.reports()
        assert one(found["bloat"], name="orders")["dead_percent"] > 50
        assert one(found["vacuum"], table="public.orders")["due_percent"] > 100
        book.reports()
        book.sql()
        assert one(book.ask("bloat"), name="orders")["dead_percent"] == 0
        before = one(book.ask("bloat"), name="orders_pkey")["size_mb"]
        book.sql()
        assert one(book.ask("bloat"), name="orders_pkey")["size_mb"] < before
        book.sql(session("patient"))
        assert one(book.report(), name="orders")["free_percent"] < 30
        book.sql()
        book.end()

    def test_corrupted_index(self, follow, orders):
        # A new C library cannot be had here. The index is sorted by one order and read by another, which is what an upgrade does.
        orders.execute("create collation \"of_orders\" (provider = icu, locale = 'en')")
        orders.execute('alter table orders alter name type text collate "of_orders"')
        orders.execute("update orders set name = case when id % 2 = 0 then 'a' else 'B' end || id")
        orders.execute("create index orders_name on orders (name)")
        orders.execute("update pg_collation set collversion = '1' where collname = 'of_orders'")
        book = follow("corrupted-index")
        assert [(row["index"], row["recorded"]) for row in book.report()] == [("orders_name", "1")]
        orders.execute("update pg_index set indcollation = '950' where indexrelid = 'orders_name'::regclass")  # of "C"
        with pytest.raises(errors.IndexCorrupted):
            book.sql()
        # As the index should be, it is sorted anew.
        orders.execute('create index orders_name_again on orders (name collate "C"); drop index orders_name')
        orders.execute("alter index orders_name_again rename to orders_name")
        book.sql()
        orders.execute("select bt_index_check('orders_name', heapallindexed => true)")
        book.sql(**{"database app ": f"database {orders.info.dbname} "})
        book.sql()
        assert book.report() == []
        book.end()


def plan(found) -> str:
    return "\n".join(line for (line,) in found[0])
