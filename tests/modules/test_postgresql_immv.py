"""postgresql_immv on a real pg_ivm: maintained for good, rebuilt under readers, mended after damage."""

from __future__ import annotations

import functools
import subprocess
import threading

import pytest

MODULE = "postgresql_immv"
QUERY = "select client_id, sum(amount) as amount, count(*) as transactions from app.payment group by client_id"
TOTALS = {"name": "app.totals", "query": QUERY}


@pytest.fixture
def database(database, owner):
    database.execute(
        f"""
        create extension pg_ivm;
        create schema app authorization {owner};
        set role {owner};
        create table app.payment (payment_id int primary key, client_id int, amount numeric(18, 2));
        insert into app.payment select i, i % 7, i / 10.0 from generate_series(1, 100) i;
        reset role;
        """
    )
    return database


@pytest.fixture
def totals(owner):
    return {**TOTALS, "owner": owner}


@pytest.fixture
def pattern(pattern):
    return functools.partial(pattern, same_queries=False)


@pytest.fixture
def state(database):
    """Relations, indexes, privileges and comments in app, and whether the totals are right after a write."""

    def read():
        return database.execute(
            """
            select c.relname, c.oid, c.relkind, c.relowner::regrole::text, c.relacl::text, obj_description(c.oid),
                   pg_get_indexdef(case when relkind = 'i' then c.oid end),
                   (select count(*) from pg_trigger where tgrelid = c.oid and tgenabled = 'O')
            from pg_class c where relnamespace = 'app'::regnamespace order by relname
            """
        ).fetchall()

    return read


def assert_right(database, query=QUERY, view="app.totals"):
    """The view is the query's result, also after writes to the base table."""
    for write in (
        "insert into app.payment select coalesce(max(payment_id), 0) + 1, 3, 1.5 from app.payment",
        "update app.payment set amount = amount + 1, client_id = client_id + 1 where payment_id % 3 = 0",
        "delete from app.payment where payment_id % 5 = 0",
    ):
        database.execute(write)
        stored = f"select client_id, amount, transactions from {view}"
        difference = database.execute(
            f"({stored} except all ({query})) union all (({query}) except all {stored})"
        ).fetchall()
        assert difference == []


def names(state):
    return [row[0] for row in state()]


def test_pattern(database, state, pattern, totals, owner):
    declared = {**totals, "comment": "Totals by client", "indexes": [{"columns": ["amount"]}]}
    done = pattern(MODULE, state, views=[declared])
    assert done["views"] == [{"name": "app.totals", "change": "created", "reasons": ["it does not exist"]}]
    assert done["diff"][0]["after"] == {
        "query": QUERY,
        "maintained": True,
        "owner": owner,
        "comment": "Totals by client",
        "indexes": ["totals_amount_idx using btree (amount)"],
    }
    rows = {row[0]: row for row in state()}
    assert set(rows) == {"payment", "payment_pkey", "totals", "totals_amount_idx", "totals_index"}
    assert rows["totals"][3] == owner
    assert_right(database)


def test_same_query_written_differently_is_the_same(modules, totals):
    modules.run(MODULE, views=[totals])
    other = """
        SELECT client_id,  SUM(amount) amount, count(*) AS transactions
        FROM app.payment GROUP BY 1;
    """
    again = modules.run(MODULE, check=True, views=[{**totals, "query": other}])
    assert not again["changed"]


def test_changed_query_is_rebuilt_with_everything_that_belongs_to_the_view(
    modules, database, state, pattern, totals, owner
):
    modules.run(MODULE, views=[{**totals, "comment": "Totals", "indexes": [{"columns": ["amount"]}]}])
    database.execute(
        f"""
        create index "Own Index" on app.totals (transactions) where transactions > 1;
        grant select on app.totals to pg_monitor with grant option;
        grant select (amount) on app.totals to public;
        comment on column app.totals.amount is 'sum';
        create view app.reader with (security_invoker = true) as select client_id, amount from app.totals t;
        alter default privileges for role {owner} in schema app grant select on tables to pg_read_all_data;
        """
    )
    before = {row[0]: row for row in state()}
    changed = QUERY.replace("group by", "where amount > 2 group by")
    done = pattern(MODULE, state, views=[{**totals, "query": changed, "indexes": [{"columns": ["amount"]}]}])
    assert done["views"][0]["reasons"] == ["its query is another one"]
    assert "WHERE (amount > (2)::numeric)" in done["diff"][0]["after"]["query"]
    assert "WHERE" not in done["diff"][0]["before"]["query"]
    after = {row[0]: row for row in state()}
    assert set(after) == set(before)
    assert after["totals"][1] != before["totals"][1]
    assert after["reader"][1] == before["reader"][1]
    for relation in before:
        assert after[relation][2:] == before[relation][2:], relation
    assert database.execute("select col_description('app.totals'::regclass, 2)").fetchone() == ("sum",)
    assert database.execute(
        "select attacl::text from pg_attribute where attrelid = 'app.totals'::regclass and attname = 'amount'"
    ).fetchone() == ("{=r/modules_test_owner}",)
    assert database.execute("select reloptions from pg_class where relname = 'reader'").fetchone() == (
        ["security_invoker=true"],
    )
    assert_right(database, changed)
    assert database.execute("select * from app.reader except select client_id, amount from app.totals").fetchall() == []


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("delete from pgivm.pg_ivm_immv", "pg_ivm does not know it"),
        ("alter table app.payment disable trigger all", "8 of pg_ivm's 8 triggers on app.payment"),
        ("alter table app.totals disable trigger all", "4 of pg_ivm's 4 triggers on app.totals"),
        ("select pgivm.refresh_immv('app.totals', false)", "not populated"),
        ("drop table app.totals; create table app.totals (client_id int)", "pg_ivm does not know it"),
        (
            "drop table app.totals; select pgivm.create_immv('app.totals', 'select client_id from app.payment')",
            "its query is another one",
        ),
        ("drop table app.totals", "it does not exist"),
    ],
)
def test_damage_is_mended(modules, database, state, pattern, totals, damage, reason):
    modules.run(MODULE, views=[totals])
    database.execute(damage)
    if "delete from pgivm" not in damage:  # pg_ivm 1.17 brings the server down when it finds triggers without a view
        database.execute("insert into app.payment values (1000, 1, 1000)")
    done = pattern(MODULE, state, views=[totals])
    assert reason in done["views"][0]["reasons"][0]
    if "disable trigger" in damage:
        database.execute("alter table app.payment enable trigger all")
    assert_right(database)


def test_wrong_contents_are_found_when_asked_for(modules, database, state, pattern, totals):
    modules.run(MODULE, views=[totals])
    database.execute("set session_replication_role = replica; delete from app.payment where payment_id < 10")
    database.execute("reset session_replication_role")
    assert not modules.run(MODULE, views=[totals])["changed"]
    done = pattern(MODULE, state, views=[{**totals, "verify_contents": True}])
    assert done["views"][0]["reasons"] == ["its contents are not the query's result"]
    assert_right(database)


def test_restored_dump_is_maintained_again(modules, database, server, totals, state, pattern, tmp_path):
    modules.run(MODULE, views=[totals])
    dump = server._container.exec_run(["pg_dump", "-U", "postgres", "-h", "localhost", "-n", "app", "-n", "pgops",
                                       database.info.dbname])  # fmt: skip
    assert dump.exit_code == 0, dump.output
    database.execute("drop schema app, pgops cascade")
    restored = tmp_path / "dump.sql"
    restored.write_bytes(dump.output)
    subprocess.run(
        ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", server.host, "-p", str(server.port), "-U", "postgres",
         "-d", database.info.dbname, "-f", str(restored)], check=True,
    )  # fmt: skip
    assert database.execute("select count(*) from pgivm.pg_ivm_immv").fetchone() == (0,)
    done = pattern(MODULE, state, views=[totals])
    assert done["views"][0]["change"] == "rebuilt"
    assert_right(database)


def test_attributes_are_altered_in_place(modules, database, state, pattern, totals):
    modules.run(MODULE, views=[{**totals, "indexes": [{"columns": ["amount"], "name": "by_amount"}]}])
    oid = [row[1] for row in state() if row[0] == "totals"]
    declared = {
        **totals,
        "owner": "postgres",
        "comment": "Now with a comment",
        "indexes": [
            {"columns": ["amount", "client_id"], "name": "by_amount"},
            {"columns": ["client_id"], "unique": True},
        ],
    }
    done = pattern(MODULE, state, views=[declared])
    assert done["views"][0] == {
        "name": "app.totals",
        "change": "altered",
        "reasons": [
            "its owner is modules_test_owner",
            "its comment is another one",
            "an index is missing",
            "an index is another one",
        ],
    }
    assert [row[1] for row in state() if row[0] == "totals"] == oid
    assert_right(database)


def test_readers_see_rows_at_every_moment_of_a_rebuild(modules, database, server, totals):
    modules.run(MODULE, views=[totals])
    counts, stop = [], threading.Event()

    def read():
        with server.connect(database.info.dbname) as reader:
            while not stop.is_set():
                counts.append(reader.execute("select count(*) from app.totals").fetchone()[0])

    def write():
        with server.connect(database.info.dbname) as writer:
            number = 10_000
            while not stop.is_set():
                number += 1
                writer.execute("insert into app.payment values (%s, %s, 1)", [number, number % 7])

    threads = [threading.Thread(target=read), threading.Thread(target=write)]
    for thread in threads:
        thread.start()
    try:
        for round_number in range(4):
            query = QUERY.replace("group by", f"where payment_id <> {round_number} group by")
            assert modules.run(MODULE, views=[{**totals, "query": query}])["changed"]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert len(counts) > 20
    assert set(counts) == {7}
    assert_right(database, query)


def test_rebuild_waits_for_a_long_reader_in_short_steps(modules, database, server, totals):
    modules.run(MODULE, views=[totals])
    changed = {**totals, "query": QUERY.replace("group by", "where amount > 2 group by")}
    with server.connect(database.info.dbname, autocommit=False) as reader:
        reader.execute("select * from app.totals")
        message = modules.fails(MODULE, views=[changed], lock_timeout_seconds=0.1, tries=2)
        assert "view app.totals: ERROR: canceling statement due to lock timeout" in message
        assert "The old view was kept as it was" in message
        assert database.execute("select to_regclass('app.totals__rebuild')").fetchone() == (None,)
        threading.Timer(0.5, reader.rollback).start()
        assert modules.run(MODULE, views=[changed], lock_timeout_seconds=0.1)["changed"]


def test_interrupted_rebuild_is_cleared_away(modules, database, state, pattern, totals):
    modules.run(MODULE, views=[totals])
    database.execute(f"select pgivm.create_immv('app.totals__rebuild', '{QUERY}')")
    done = pattern(MODULE, state, views=[totals])
    assert done["views"][0]["reasons"] == ["a rebuild of it was interrupted"]
    assert "totals__rebuild" not in names(state)


def test_view_made_elsewhere_is_adopted(modules, database, totals):
    database.execute(f"select pgivm.create_immv('app.totals', '{QUERY}')")
    result = modules.run(MODULE, views=[{**TOTALS}])
    assert result["views"][0]["change"] == "adopted"
    assert not modules.run(MODULE, views=[{**TOTALS}])["changed"]


def test_absent_and_undeclared(modules, database, state, pattern, totals):
    modules.run(MODULE, views=[totals])
    assert modules.run(MODULE, views=[])["undeclared"] == ["app.totals"]
    pattern(MODULE, state, views=[{"name": "app.totals", "state": "absent"}])
    assert names(state) == ["payment", "payment_pkey"]
    modules.run(MODULE, views=[totals])
    database.execute("drop table app.totals")
    assert modules.run(MODULE, views=[{"name": "app.totals", "state": "absent"}])["changed"]
    assert modules.run(MODULE, views=[])["undeclared"] == []


@pytest.mark.parametrize(
    ("prepare", "view", "message"),
    [
        ("", {"name": "totals"}, "view 'totals': accepted is a name with its schema"),
        ("", {"query": " "}, "view app.totals has no query"),
        ("set search_path = app", {"query": "select client_id from payment"}, "Its names must be qualified"),
        (
            "create table app.p (k int) partition by range (k)",
            {"query": "select k from app.p"},
            "app.p is a partitioned table, which pg_ivm cannot maintain",
        ),
        (
            "create table app.p (k int) partition by range (k);"
            "create table app.p1 partition of app.p for values from (1) to (2)",
            {"query": "select k from app.p1"},
            "app.p1 is a partition,",
        ),
        ("create view app.v as select 1 as k", {"query": "select k from app.v"}, "app.v is a view,"),
        ("", {"query": "select client_id from app.payment order by 1"}, "ORDER BY clause is not supported"),
        ("create table app.totals (precious text)", {}, "a table of this name exists that pg_ivm does not know"),
        ("create view app.totals as select 1", {}, "a view of this name exists"),
    ],
)
def test_refusals_change_nothing(modules, database, state, totals, prepare, view, message):
    database.execute(prepare)
    before = state()
    assert message in modules.fails(MODULE, views=[{**totals, **view}])
    assert state() == before


@pytest.mark.parametrize(
    ("hanging", "message"),
    [
        ("create materialized view app.m as select * from app.totals", "materialized view app.m"),
        ("create publication p for table app.totals", "publication of table app.totals in publication p"),
        ("create policy mine on app.totals using (true)", "policy mine"),
        ("create view app.reader as select transactions from app.totals", "app.reader, which reads a view that loses"),
    ],
)
def test_rebuild_is_refused_for_what_cannot_be_carried_over(modules, database, state, totals, hanging, message):
    modules.run(MODULE, views=[totals])
    database.execute(hanging)
    before = state()
    changed = {**totals, "query": "select client_id, sum(amount) as amount from app.payment group by client_id"}
    for check in (True, False):
        assert message in modules.fails(MODULE, check=check, views=[changed])
    assert state() == before


def test_check_mode_before_extension_table_and_database_exist(modules, database, totals):
    new = {**totals, "query": "select client_id from app.not_yet", "name": "app.new", "owner": "nobody_yet"}
    for options in ({"login_db": "not_there_yet"}, {"login_db": "postgres"}, {}):
        promised = modules.run(MODULE, check=True, views=[new], **options)
        assert promised["views"][0]["change"] == "created"
    assert "has no extension pg_ivm" in modules.fails(MODULE, login_db="postgres", views=[new])


def test_old_pg_ivm_is_refused(modules, database, totals):
    database.execute("update pg_extension set extversion = '1.13' where extname = 'pg_ivm'")
    assert "1.14 or later is needed" in modules.fails(MODULE, check=True, views=[totals])
