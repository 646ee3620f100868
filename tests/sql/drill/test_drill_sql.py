"""What the drill asks of a server: tables, their checksums, sequences, and the moment of comparison."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import psycopg
import pytest
from pgops_drill.comparison import compare
from pgops_drill.contents import list_tables, read_sequences, read_table
from pgops_drill.errors import DrillError
from pgops_drill.moment import find
from pgops_drill.reading import REWRITTEN, begin, read_all
from pgops_drill.sessions import Session
from servers import Server


@pytest.fixture
def database(server: Server) -> Iterator[psycopg.Connection]:
    """An empty database."""
    with server.database() as connection:
        yield connection


@pytest.fixture
def connect(server: Server) -> Callable[[str], Session]:
    """A session as the drill has them."""
    return lambda name: Session(server.connect(name))


def read(connection: psycopg.Connection, name: str) -> dict:
    """Figures of one table, read in a session of its own."""
    session = Session(connection)
    (table,) = [table for table in list_tables(session, "d")[0] if table.name == name]
    return read_table(session, table)


def test_tables_that_hold_rows_and_those_that_are_left_out(database):
    database.execute(
        """
        create schema app;
        create table app.plain (n int);
        create table app.root (n int) partition by range (n);
        create table app.part_1 partition of app.root for values from (0) to (10);
        create table app.part_rest partition of app.root default;
        create materialized view app.filled as select 1 as n;
        create materialized view app.empty as select 1 as n with no data;
        create view app.seen as select 1;
        create unlogged table app.unlogged (n int);
        create temp table of_this_session (n int);
        create foreign data wrapper nothing;
        create server elsewhere foreign data wrapper nothing;
        create foreign table app.elsewhere (n int) server elsewhere
        """
    )
    tables, left_out = list_tables(Session(database), "d")
    assert [table.label for table in tables] == ["app.filled", "app.part_1", "app.part_rest", "app.plain"]
    assert {item["table"]: item["why"].split()[1] for item in left_out} == {
        "app.elsewhere": "rows",
        "app.empty": "materialized",
        "app.unlogged": "unlogged",
    }


def test_the_checksum_is_of_the_rows_and_of_nothing_else(database):
    database.execute("create table one as select n, n::text as s from generate_series(1, 100) n")
    database.execute("create table other as select n, n::text as s from generate_series(100, 1, -1) n")
    assert read(database, "one") == read(database, "other")
    assert read(database, "one")["rows"] == 100
    database.execute("update public.other set s = '0' where n = 50")
    assert read(database, "one") != read(database, "other")
    database.execute(
        "truncate public.one, public.other; insert into public.one values (1, 'a'), (1, 'a'), (2, 'b'), (2, 'b')"
    )
    database.execute("insert into public.other values (1, 'a'), (1, 'a'), (1, 'a'), (2, 'b')")
    assert read(database, "one")["checksum"] != read(database, "other")["checksum"], "a row twice is not a row once"


@pytest.mark.parametrize(
    ("columns", "values", "others"),
    [
        ("x int, t int", "(1, 2)", "(1, 3)"),
        ('"A column" text, "x.*" text, "100%s" text', "('a', 'b', 'c')", "('a', 'b', 'd')"),
        ("n text", "(null)", "('')"),
        ("a text, b text", "('a,b', '')", "('a', 'b,')"),
        ("j json, p point, m xml", "('{}', '(1,2)', '<a/>')", "('{}', '(1,3)', '<a/>')"),
        ("f float8", "(0.1)", "(0.10000000000000002)"),
        ("n numeric", "(1.0)", "(1.00)"),
    ],
)
def test_every_column_counts(database, columns, values, others):
    if database.info.server_version < 170000:
        columns = columns.replace("m xml", "m text")  # the bare server is built without XML
    database.execute(f'create table one ({columns}); create table "Other ""one""" ({columns})'.encode())
    database.execute(f"insert into one values {values}".encode())
    database.execute(f'insert into "Other ""one""" values {others}'.encode())
    assert read(database, "one")["checksum"] != read(database, 'Other "one"')["checksum"]


def test_a_table_without_columns(database):
    database.execute("create table bare (); insert into bare default values; insert into bare default values")
    assert read(database, "bare")["rows"] == 2


def test_settings_of_the_database_change_no_checksum(server, database, connect):
    database.execute(
        """
        create table moments as select now() as at, interval '3 days 4 hours' as span, '\\x00ff'::bytea as bytes,
            1 / 3.0::float8 as third, date '2026-02-01' as day, 12.5::money as price, 'pg_class'::regclass as name
        """
    )
    before = read(connect(database.info.dbname).connection, "moments")
    for setting in (
        "timezone = 'Asia/Tokyo'",
        "datestyle = 'SQL, DMY'",
        "intervalstyle = 'iso_8601'",
        "bytea_output = 'escape'",
        "extra_float_digits = -5",
        "search_path = ''",
    ):
        database.execute(f"alter database {database.info.dbname} set {setting}".encode())
    assert read(server.connect(database.info.dbname), "moments") == before


def test_sequences_and_the_values_that_rows_have_taken(database):
    database.execute(
        """
        create table kept (id bigint generated always as identity, n int) partition by range (n);
        create table kept_1 partition of kept for values from (0) to (10);
        create table kept_2 partition of kept for values from (10) to (20);
        insert into kept (n) values (1), (2), (11);
        create sequence downwards increment by -1;
        select nextval('downwards'), nextval('downwards');
        create sequence unused;
        create unlogged sequence gone
        """
    )
    session = Session(database)
    sequences = read_sequences(session, "d")
    assert {name: found["last_value"] for (_, name), found in sequences.items()} == {
        "public.kept_id_seq": 3,
        "public.downwards": -2,
        "public.unused": None,
    }
    assert sequences["d", "public.kept_id_seq"]["log_cnt"] == 30  # 32 in advance when the first of three was taken
    used = [read_table(session, table)["used"] for table in list_tables(session, "d")[0]]
    assert used == [{"public.kept_id_seq": 2}, {"public.kept_id_seq": 3}]


def test_the_moment_is_one_for_all_databases(server, database, connect):
    """Writers go on; each of them writes to both databases in turn, one row in each, always to the first one first."""
    database.execute("create table counted (n int)")
    with server.database() as other:
        other.execute("create table counted (n int)")
        names = [database.info.dbname, other.info.dbname]
        stop = threading.Event()

        def write() -> None:
            with server.connect(names[0]) as first, server.connect(names[1]) as second:
                while not stop.wait(0.003):
                    first.execute("insert into counted values (1)")
                    second.execute("insert into counted values (1)")

        writer = threading.Thread(target=write)
        writer.start()
        try:
            sessions = {name: connect(name) for name in names}
            control = connect("postgres")
            for run in range(5):
                found = find(control, sessions, f"test{run}", 60)
                contents = read_all(names, connect, 2, found.snapshots)
                first, second = (contents.tables[name, "public.counted"]["rows"] for name in names)
                assert first - second in (0, 1)
                assert found.snapshots.keys() == set(names)
        finally:
            stop.set()
            writer.join()
            for session in [*sessions.values(), control]:
                session.close()


def test_an_open_transaction_is_named(server, database, connect):
    with server.connect(database.info.dbname, autocommit=False, application_name="batch") as blocker:
        blocker.execute("create table half_done (n int)")
        control, session = connect("postgres"), connect(database.info.dbname)
        with pytest.raises(DrillError, match=r"\(batch\), open for \d+ s, idle in transaction"):
            find(control, {database.info.dbname: session}, "busy", 1.5)
        control.close()
        session.close()
        blocker.rollback()


@pytest.mark.parametrize(
    "change", ["truncate changed", "drop table changed", "alter table changed alter n type bigint"]
)
def test_what_is_rewritten_meanwhile_is_said_and_not_compared(server, database, connect, change):
    name = database.info.dbname
    database.execute(
        "create table changed as select n from generate_series(1, 9) n; create table same as select 1 as n"
    )
    session = begin(connect(name), None)
    snapshot = session.value("select pg_export_snapshot()")
    database.execute(change.encode())
    contents = read_all([name], connect, 2, {name: snapshot})
    session.close()
    assert list(contents.tables) == [(name, "public.same")]
    assert contents.left_out == [{"database": name, "table": "public.changed", "why": REWRITTEN}]


def test_a_table_that_cannot_be_read_is_named(database, connect):
    name = database.info.dbname
    database.execute("create table fine as select 1 as n")
    left = iter([connect])

    def once(name: str) -> Session:
        """The second session is refused."""
        for allowed in left:
            return allowed(name)
        raise ConnectionError("too many clients")

    here, there = read_all([name], connect, 1), read_all([name], once, 1)
    (difference,) = compare(here, there)
    assert difference["object"] == "public.fine"
    assert difference["what"] == "cannot be read in the copy: too many clients"
