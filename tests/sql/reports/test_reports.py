"""The reports find what was planted, asked as an unprivileged role."""

from __future__ import annotations

import time

import psycopg
import pytest
from background import Background
from servers import Server

from pgops.reports import definitions

OF_A_SERVER = {name: report for name in definitions.names() if (report := definitions.find(name)).scope != "pooler"}
ALONE = [name for name, report in OF_A_SERVER.items() if report.needs is None]
FLUSH = "select pg_stat_force_next_flush()"


def one(rows, **wanted):
    """The only row with these values."""
    (found,) = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return found


@pytest.mark.parametrize("name", ALONE)
def test_columns_are_those_that_its_head_describes(ask, database, name):
    database.execute("create table t (id int primary key); insert into t values (1)")
    for row in ask(name):
        assert list(row) == list(definitions.find(name).columns)


def test_locks_names_who_is_at_the_head(ask, database, session):
    database.execute("create table t (id int)")
    holder, changer, reader = session("holder", autocommit=False), session("changer"), session("reader")
    holder.execute("select * from t")
    change = Background(lambda: changer.execute("alter table t add column x int"))
    wait_for(database, changer)
    read = Background(lambda: reader.execute("select * from t"))
    wait_for(database, reader)
    rows = ask("locks")
    holder.rollback()
    change.finish()
    read.finish()
    first = one(rows, waiting_pid=changer.info.backend_pid)
    assert first["blocking_pid"] == holder.info.backend_pid
    assert first["blocking_state"] == "idle in transaction"
    assert first["lock"] == "AccessExclusiveLock"
    assert first["waits_on"] == "t"
    assert first["head"] is True
    assert first["waited_s"] >= 0
    assert "add column" in first["waiting_query"]
    second = one(rows, waiting_pid=reader.info.backend_pid)
    assert second["blocking_pid"] == changer.info.backend_pid
    assert second["head"] is False
    assert [row["waiting_pid"] for row in rows] == [changer.info.backend_pid, reader.info.backend_pid]
    assert ask("locks") == []


def wait_for(database: psycopg.Connection, waiter: psycopg.Connection) -> None:
    """Until a session waits for a lock."""
    for _ in range(200):
        if database.execute(
            "select 1 from pg_locks where pid = %s and not granted", [waiter.info.backend_pid]
        ).fetchone():
            return
        time.sleep(0.05)
    raise AssertionError("it does not wait")


def test_idle_in_transaction(ask, database, session):
    database.execute("create table t (id int); insert into t values (1)")
    forgotten = session("forgotten", autocommit=False)
    forgotten.execute("update t set id = 2")
    waiter = session("waiter")
    waiting = Background(lambda: waiter.execute("update t set id = 3"))
    wait_for(database, waiter)
    row = one(ask("idle-in-transaction"), pid=forgotten.info.backend_pid)
    forgotten.commit()
    waiting.finish()
    assert row["application"] == "forgotten"
    assert row["waiting_for_it"] == 1
    assert row["locks"] >= 2
    assert row["holds_back_transactions"] >= 0
    assert row["last_query"] == "update t set id = 2"
    assert forgotten.info.backend_pid not in [found["pid"] for found in ask("idle-in-transaction")]


def test_index_usage_tells_invalid_double_unused_and_used(ask, database):
    database.execute("create table t (id int primary key, a int, b int)")
    database.execute("insert into t select n, n / 2, n from generate_series(1, 2000) as n")
    database.execute("create index t_a on t (a); create index t_a_again on t (a); create index t_b on t (b)")
    database.execute("create unique index t_id_again on t (id)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        database.execute("create unique index concurrently t_a_unique on t (a)")
    database.execute("analyze t; set enable_seqscan = off")
    database.execute("select * from t where b = 7")
    database.execute(FLUSH)
    verdicts = {row["index"]: row["verdict"] for row in ask("index-usage")}
    assert verdicts["t_a_unique"] == "invalid"
    assert sorted(verdicts[name].partition(":")[0] for name in ("t_a", "t_a_again")) == ["double", "unused"]
    assert verdicts["t_b"] == "used"
    # A constraint's index is never the one to go: the other is.
    assert verdicts["t_pkey"] == "used"
    assert verdicts["t_id_again"] == "double: t_pkey"
    assert ask("index-usage")[0]["index"] == "t_a_unique"
    assert one(ask("index-usage"), index="t_b")["scans"] == 1


def test_index_usage_does_not_take_different_indexes_for_double(ask, database):
    database.execute("create table t (a text, b int)")
    database.execute("create index t_1 on t (a); create index t_2 on t (a desc); create index t_3 on t (a) where b > 0")
    database.execute(
        'create index t_4 on t (a collate "C"); create index t_5 on t (lower(a)); create index t_6 on t (a, b)'
    )
    assert {row["verdict"] for row in ask("index-usage")} == {"unused"}


def test_table_sizes_counts_a_partitioned_table_once(ask, database):
    database.execute("create table p (id int, v text) partition by range (id)")
    database.execute("create table p_1 partition of p for values from (1) to (5001)")
    database.execute("create table p_2 partition of p for values from (5001) to (10001)")
    database.execute("create table small (id int)")
    database.execute("insert into p select n, repeat('x', 100) from generate_series(1, 10000) as n")
    database.execute("analyze p_1; analyze p_2")
    rows = ask("table-sizes")
    assert [row["name"] for row in rows] == ["p", "small"]
    assert rows[0]["partitions"] == 2
    assert rows[0]["rows"] == 10000
    assert rows[0]["total_mb"] > 1
    assert rows[1]["partitions"] is None
    assert rows[1]["rows"] is None  # never analysed: not known, rather than 0


def test_sequential_scans(ask, database):
    database.execute("create table t (id int); insert into t select generate_series(1, 3000)")
    for _ in range(3):
        database.execute("select * from t where id = 1")
    database.execute(FLUSH)
    row = one(ask("sequential-scans"), table="public.t")
    assert (row["scans"], row["rows_read"], row["rows_per_scan"]) == (3, 9000, 3000)


def test_cache_hit_counts_blocks_of_table_and_database(ask, database):
    database.execute("create table t (id int); insert into t select generate_series(1, 3000)")
    database.execute("select count(*) from t")
    database.execute(FLUSH)
    rows = ask("cache-hit")
    assert one(rows, level="table", name="public.t")["hits"] > 0
    assert one(rows, level="database", name=database.info.dbname)["size_mb"] > 1


def test_connections_counts_states_and_limits(ask, database, server: Server, session):
    role = f"limited_{database.info.dbname}"
    database.execute(
        f"create role {role} login connection limit 7; grant connect on database {database.info.dbname} to {role}"
    )
    try:
        with (
            server.connect(database.info.dbname, user=role, application_name="shop") as first,
            server.connect(database.info.dbname, user=role, application_name="shop", autocommit=False) as second,
        ):
            first.execute("select 1")
            second.execute("select 1")
            rows = ask("connections")
    finally:
        database.execute(f"drop owned by {role}; drop role {role}")
    row = one(rows, role=role)
    assert (row["connections"], row["idle"], row["idle_in_transaction"], row["allowed"]) == (2, 1, 1, 7)
    assert row["application"] == "shop"
    assert rows[0]["database"] == "(all)"
    assert rows[0]["allowed"] == 57  # 60 without the 3 for superusers
    assert rows[0]["connections"] == sum(other["connections"] for other in rows[1:])


def test_vacuum_says_what_is_due(ask, database):
    database.execute(
        "create table t (id int) with (autovacuum_vacuum_threshold = 100, autovacuum_vacuum_scale_factor = 0.1)"
    )
    database.execute("insert into t select generate_series(1, 1000)")
    database.execute(FLUSH)
    database.execute("analyze t")
    database.execute("delete from t where id <= 400")
    database.execute(FLUSH)
    row = one(ask("vacuum"), table="public.t")
    assert (row["rows"], row["dead"]) == (600, 400)
    assert row["due_percent"] == 200  # 400 of 100 + 0.1 * 1000
    assert row["analyze"] is not None
    assert row["vacuum"] is None
    database.execute("vacuum t")
    database.execute(FLUSH)
    row = one(ask("vacuum"), table="public.t")
    assert row["due_percent"] == 0
    assert row["vacuum"] is not None


def test_wal_and_slots_name_the_slot_that_keeps_it(ask, database):
    slot = f"slot_{database.info.dbname}"
    database.execute("select pg_create_physical_replication_slot(%s, true)", [slot])
    try:
        database.execute("create table t (v text)")
        database.execute("insert into t select repeat('x', 1000) from generate_series(1, 5000)")
        row, figures = one(ask("slots"), slot=slot), {found["what"]: found for found in ask("wal")}
    finally:
        database.execute("select pg_drop_replication_slot(%s)", [slot])
    assert row["type"] == "physical"
    assert row["active"] is False
    assert row["kept_mb"] > 4
    assert row["state"] == "reserved"
    assert figures["kept for slots"]["value"] >= 5
    assert figures["pg_wal"]["value"] >= 16
    for what in ("segments archived", "failures of the archive"):
        assert (figures[what]["value"], figures[what]["remark"]) == (0, None)
    assert figures["written since the last checkpoint"]["value"] >= 0
    assert slot not in [found["slot"] for found in ask("slots")]


def test_settings_names_what_was_set_by_hand(ask, database):
    database.execute("alter system set work_mem = '7MB'")
    database.execute("alter system set max_files_per_process = 999")
    try:
        database.execute("select pg_reload_conf()")
        rows = until(
            lambda: ask("settings"),
            lambda found: any(row["name"] == "max_files_per_process" and row["pending_restart"] for row in found),
        )
    finally:
        database.execute("alter system reset work_mem")
        database.execute("alter system reset max_files_per_process")
        database.execute("select pg_reload_conf()")
    assert one(rows, name="max_files_per_process")["pending_restart"]
    row = one(rows, name="work_mem")
    assert row["value"] == "7MB"
    assert "postgresql.auto.conf:" in row["place"]
    assert row["default"] == "4096 (kB)"


def waits_for_restart(rows, name):
    return any(row["name"] == name and row["pending_restart"] for row in rows)


def until(look, condition):
    """What is seen when the condition holds; the server reads its files a moment after it was told to."""
    for _ in range(100):
        found = look()
        if condition(found):
            return found
        time.sleep(0.05)
    raise AssertionError(f"it does not come: {found}")


def test_wraparound_shows_the_age_of_what_is_not_frozen(ask, database):
    database.execute("create table t (id int); insert into t values (1)")
    # Older than all else, as a table is that no VACUUM gets through.
    database.execute("update pg_class set relfrozenxid = '3' where relname = 't'")
    row = one(ask("wraparound"), level="table", name="t")
    assert row["age"] == max(found["age"] for found in ask("wraparound") if found["level"] == "table")
    assert row["freeze_percent"] == round(100 * row["age"] / 200_000_000, 1)
    whole = one(ask("wraparound"), level="database", name=database.info.dbname, kind="transactions")
    assert whole["freeze_percent"] == round(100 * whole["age"] / 200_000_000, 1)


def test_prepared_transactions_and_who_waits_for_them(ask, database, session):
    database.execute("create table t (id int primary key); insert into t values (1)")
    name = f"forgotten_{database.info.dbname}"
    database.execute(f"begin; update t set id = 2; prepare transaction '{name}'")
    waiter = session("waiter")
    try:
        waiting = Background(lambda: waiter.execute("update t set id = 3"))
        wait_for(database, waiter)
        row, locks = one(ask("prepared-transactions"), name=name), ask("locks")
    finally:
        database.execute(f"rollback prepared '{name}'")
    waiting.finish()
    assert row["database"] == database.info.dbname
    assert row["waiting_for_it"] == 1
    assert row["locks"] >= 1
    assert one(locks, waiting_pid=waiter.info.backend_pid)["blocking_pid"] == 0


def test_collations_that_have_changed(ask, database):
    assert ask("collations") == []
    (name,) = database.execute(
        "select min(collname) from pg_collation where collversion is not null and collencoding in (-1, 6)"
    ).fetchone()
    if name is None:  # a C library without versions: a collation of our own, as an upgrade would leave it
        database.execute('create collation of_ours from "C"')
        name = "of_ours"
    database.execute(f'create table t (v text collate "{name}"); create index t_v on t (v)')
    database.execute("update pg_collation set collversion = '0.1' where collname = %s", [name])
    row = one(ask("collations"), index="t_v")
    assert row["recorded"] == "0.1"
    assert row["installed"] != "0.1"
    assert row["table"] == "t"
    database.execute(f"create index t_part on t (length(v)) where v > 'n' collate \"{name}\"")
    assert one(ask("collations"), index="t_part")["recorded"] == "0.1"
    database.execute(
        "update pg_collation set collversion = pg_collation_actual_version(oid) where collname = %s", [name]
    )
    assert ask("collations") == []


class TestWithExtensions:
    """Reports that need an extension, on the server that has it."""

    @pytest.fixture
    def server(self, counting_server):
        return counting_server

    def test_slow_queries(self, ask, database):
        database.execute("create extension pg_stat_statements")
        database.execute(
            "select pg_stat_statements_reset(0, (select oid from pg_database where datname = current_database()), 0)"
        )
        for _ in range(3):
            database.execute("select pg_sleep(0.05), 'planted'")
        rows = [row for row in ask("slow-queries") if row["database"] == database.info.dbname]
        row = one(rows, query="select pg_sleep($1), $2")
        assert list(row) == list(definitions.find("slow-queries").columns)
        assert row["calls"] == 3
        assert row["mean_ms"] >= 50
        assert row["rows_per_call"] == 1
        assert row["role"] == "postgres"

    def test_bloat(self, ask, database):
        database.execute("create extension pgstattuple")
        database.execute(
            "create table full_one (id int primary key, v text); create table empty_one (id int primary key, v text)"
        )
        for name in ("full_one", "empty_one"):
            database.execute(f"insert into {name} select n, repeat('x', 200) from generate_series(1, 20000) as n")
        database.execute("delete from empty_one where id % 10 > 0")
        database.execute("vacuum full_one")
        database.execute("vacuum empty_one")
        rows = ask("bloat")
        assert list(rows[0]) == list(definitions.find("bloat").columns)
        assert rows[0]["name"] == "empty_one"
        assert rows[0]["free_percent"] > 80
        assert one(rows, name="full_one")["free_percent"] < 10
        assert one(rows, name="empty_one_pkey", kind="index")["free_percent"] > 50

    @pytest.mark.parametrize("name", ["slow-queries", "bloat"])
    def test_without_the_extension_it_is_named(self, ask, name):
        needed = definitions.find(name).needs
        with pytest.raises(Exception, match=f"report {name} needs the extension {needed} in .*postgresql_databases"):
            ask(name)
