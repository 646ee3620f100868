"""Totals and registry are exact after whatever happens to app.t1."""

from __future__ import annotations

import re
from decimal import Decimal

import psycopg
import pytest
from psycopg import errors, sql
from servers import SQL_SETS, Server

from transactions.system import TOTALS_QUERY, assert_exact, insert, message, prepare_primary, recount, totals


def _fill(connection: psycopg.Connection, rows: int = 400) -> None:
    """Rows over three months and the default partition, half of them processed, 40 clients."""
    connection.execute(
        """
        insert into app.t1 (date, amount, state, message)
        select timestamptz '2026-01-01Z' + i * interval '6 hours', i * 0.01, i / 2 %% 2, jsonb_build_object(
            'account_number', 'x', 'client_id', i %% 40, 'operation_type', case i %% 2 when 0 then 'online' else 'offline' end)
        from generate_series(0, %s - 1) as i
        """,
        [rows],
    )


def test_statements_of_every_kind(primary: psycopg.Connection):
    _fill(primary)
    assert_exact(primary)
    for statement in [
        "update app.t1 set state = 1",
        "update app.t1 set state = 0 where id % 3 = 0",
        "update app.t1 set state = 1 - state",
        "update app.t1 set amount = amount + 0.01 where state = 1",
        'update app.t1 set message = message || \'{"client_id": 3, "operation_type": "offline"}\' where id % 5 = 0',
        "update app.t1 set date = date + interval '1 month' where id % 7 = 0",
        "update app.t1 set transaction_guid = gen_random_uuid() where id % 11 = 0",
        "update app.t1 set id = id + 100000 where id % 13 = 0",
        "update app.t1_2026_02 set state = 1 - state",
        "update app.t1 set state = state",
        "update app.t1 set state = 1 where false",
        "delete from app.t1_2026_01 where id % 2 = 0",
        "delete from app.t1 where client_id < 5",
        "with gone as (delete from app.t1_2026_02 where id % 2 = 1 returning date, amount, state, message)"
        " insert into app.t1_2026_03 (date, amount, state, message) select '2026-03-09Z', amount, state, message from gone",
        "truncate app.t1_2026_02",
        "truncate app.t1_default",
        "delete from app.t1",
    ]:
        primary.execute(statement)
        assert_exact(primary)
    assert totals(primary) == {}


def test_update_moves_rows_between_the_groups(primary: psycopg.Connection):
    insert(primary, amount="1.25", message=message(client_id=7))
    insert(primary, amount="2.50", date="2026-02-28Z", message=message(client_id=7))
    assert totals(primary) == {(7, "online"): (Decimal("3.75"), 2)}
    primary.execute(
        "update app.t1 set message = %s where amount = 2.5", [message(client_id=8, operation_type="offline")]
    )
    assert totals(primary) == {(7, "online"): (Decimal("1.25"), 1), (8, "offline"): (Decimal("2.50"), 1)}
    primary.execute("update app.t1 set state = 0")
    assert totals(primary) == {}


def test_merge_on_conflict_and_copy(primary: psycopg.Connection):
    _fill(primary, 100)
    primary.execute(
        """
        merge into app.t1 using (select id, date, id % 3 as choice from app.t1
            union all select i + 100000, '2026-03-15Z', 3 from generate_series(1, 20) as i) as s
        on t1.id = s.id and t1.date = s.date
        when matched and choice = 0 then delete
        when matched and choice = 1 then update set state = 1 - state, amount = amount * 2
        when not matched then insert (id, date, amount, state, message)
            values (s.id, s.date, 5, 1, '{"account_number": "x", "client_id": 99, "operation_type": "online"}')
        """
    )
    assert_exact(primary)
    primary.execute(
        """
        insert into app.t1 (id, date, amount, state, message)
        select id, date, 3, 1 - state, message from app.t1
        union all select 200000 + i, '2026-02-02Z', 1, 1, %s from generate_series(1, 5) as i
        on conflict (id, date) do update set state = excluded.state, amount = excluded.amount
        """,
        [message()],
    )
    assert_exact(primary)
    with primary.cursor() as cursor, cursor.copy("copy app.t1 (date, amount, state, message) from stdin") as copy:
        for day in range(1, 60):
            copy.write_row([f"2026-02-{day % 28 + 1:02}Z", day, day % 2, message(client_id=day % 4)])
    assert_exact(primary)


def test_merge_that_inserts_before_it_updates(primary: psycopg.Connection):
    """Without the trigger t1_insert_row the server hands the inserted row to the UPDATE trigger as well."""
    insert(primary, id=1, amount=1, date="2026-01-05Z")
    primary.execute("create temp table source (id bigint, amount numeric)")
    primary.execute("insert into source values (2, 20), (1, 10)")
    primary.execute("set enable_hashjoin = off; set enable_mergejoin = off")  # a nested loop keeps the order of source
    primary.execute(
        """
        merge into app.t1 using source on t1.id = source.id and t1.date = '2026-01-05Z'
        when matched then update set amount = source.amount
        when not matched then insert (id, date, amount, state, message) values (source.id, '2026-01-05Z', source.amount, 1, %s)
        """,
        [message()],
    )
    assert totals(primary) == {(1, "online"): (Decimal(30), 2)}
    assert_exact(primary)


def test_many_new_groups_in_one_statement(primary: psycopg.Connection):
    """More groups than go into one statement on the base: they are fed in slices."""
    values = "select '2026-01-05Z', 1.5, 1, jsonb_build_object('account_number', 'x', 'client_id', i, 'operation_type', 'online')"
    primary.execute(f"insert into app.t1 (date, amount, state, message) {values} from generate_series(1, 1000) as i")
    assert len(totals(primary)) == 1000
    assert_exact(primary)
    primary.execute("update app.t1 set state = 0 where client_id % 2 = 0")
    assert_exact(primary)


def test_rollback_to_savepoint(primary: psycopg.Connection):
    _fill(primary, 50)
    with primary.transaction():
        insert(primary)
        before = totals(primary)
        with pytest.raises(errors.DivisionByZero), primary.transaction():
            primary.execute("update app.t1 set state = 1 - state")
            primary.execute("select 1 / 0")
        assert totals(primary) == before
        assert_exact(primary)
    assert_exact(primary)


def test_truncate_of_the_root_and_of_several(primary: psycopg.Connection):
    _fill(primary)
    primary.execute("truncate app.t1_2026_01, app.t1_2026_03")
    assert_exact(primary)
    _fill(primary, 100)
    primary.execute("truncate app.t1")
    assert totals(primary) == {}
    assert_exact(primary)
    _fill(primary, 100)
    primary.execute("truncate app.t1_2026_01, app.t1")
    assert totals(primary) == {}
    assert_exact(primary)


def test_truncating_a_partition_that_is_published_warns(primary: psycopg.Connection):
    insert(primary)
    primary.execute("create publication p for table app.t1 with (publish_via_partition_root)")
    notices: list[str] = []
    primary.add_notice_handler(lambda diagnostic: notices.append(diagnostic.message_primary))
    primary.execute("truncate app.t1_2026_01")
    assert notices == ["TRUNCATE of the partition app.t1_2026_01 is not replicated"]


@pytest.mark.parametrize("role", ["transactions_owner", "postgres"])
def test_attach_detach_and_drop_by_hand(primary: psycopg.Connection, role: str):
    primary.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
    _fill(primary)
    primary.execute("alter table app.t1 detach partition app.t1_2026_02")
    assert_exact(primary)
    # What is no partition any more is nobody's concern until it comes back.
    primary.execute(
        "insert into app.t1_2026_02 (date, amount, state, message) values ('2026-02-09Z', 8, 1, %s)", [message()]
    )
    assert_exact(primary)
    primary.execute(
        "alter table app.t1 attach partition app.t1_2026_02 for values from ('2026-02-01Z') to ('2026-03-01Z')"
    )
    assert_exact(primary)
    primary.execute("drop table app.t1_2026_01")
    assert_exact(primary)
    primary.execute("drop table app.t1_default")
    assert_exact(primary)
    primary.execute("create table app.t1_2026_01 (like app.t1 including all)")
    primary.execute(
        "insert into app.t1_2026_01 (date, amount, state, message) values ('2026-01-09Z', 8, 1, %s)", [message()]
    )
    primary.execute(
        "alter table app.t1 attach partition app.t1_2026_01 for values from ('2026-01-01Z') to ('2026-02-01Z')"
    )
    primary.execute("create table app.t1_default partition of app.t1 default")
    assert_exact(primary)
    for table in ("app.t1_2026_01", "app.t1_2026_02", "app.t1_default"):
        date = {"app.t1_2026_01": "2026-01-05Z", "app.t1_2026_02": "2026-02-05Z"}.get(table, "2030-01-01Z")
        insert(primary, table, date=date)
        assert_exact(primary)
        primary.execute(f"update {table} set amount = amount + 1")
        primary.execute(f"delete from {table} where id % 2 = 0")
        assert_exact(primary)
    owners = primary.execute(
        "select distinct pg_get_userbyid(relowner) from pg_class where oid in (select relid from pg_partition_tree('app.t1'))"
    ).fetchall()
    assert owners == [("transactions_owner",)]


def test_dropped_partition_whose_bounds_are_not_months(primary: psycopg.Connection):
    primary.execute("create table app.t1_odd partition of app.t1 for values from ('2026-05-10Z') to ('2026-06-20Z')")
    for date in ("2026-05-01Z", "2026-05-15Z", "2026-06-15Z", "2026-06-25Z"):
        insert(primary, date=date)
    primary.execute("drop table app.t1_odd")
    assert totals(primary) == {(1, "online"): (Decimal("21.00"), 2)}
    assert_exact(primary)


def test_detach_concurrently(primary: psycopg.Connection):
    _fill(primary)
    primary.execute("drop table app.t1_default")
    primary.execute("alter table app.t1 detach partition app.t1_2026_02 concurrently")
    assert_exact(primary)


def test_attaching_a_duplicate_guid_is_refused(primary: psycopg.Connection):
    guid = insert(primary)[2]
    primary.execute("create table app.t1_2026_04 (like app.t1 including all)")
    insert(primary, "app.t1_2026_04", date="2026-04-04Z", transaction_guid=guid)
    with pytest.raises(errors.UniqueViolation, match="transaction_guid must be unique"):
        primary.execute(
            "alter table app.t1 attach partition app.t1_2026_04 for values from ('2026-04-01Z') to ('2026-05-01Z')"
        )
    assert_exact(primary)


def test_ddl_of_others_is_left_alone(primary: psycopg.Connection, server: Server):
    """The event trigger sees everybody's DDL, also that of users who have no rights in schema app."""
    primary.execute("create schema elsewhere; grant all on schema elsewhere to public")
    primary.execute(
        "do $$ begin create role pgops_test_stranger login; exception when duplicate_object then null; end $$"
    )
    with server.connect(primary.info.dbname, user="pgops_test_stranger") as stranger:
        stranger.execute("create temp table a (b int)")
        stranger.execute("create table elsewhere.a (b int); alter table elsewhere.a add c int; drop table elsewhere.a")


def test_engine_moves_rows_out_of_the_default_partition(primary: psycopg.Connection):
    _fill(primary)  # the last of these are of April
    insert(primary, date="2026-05-31 23:59:59Z")
    primary.execute("call pgops.partition_ensure('app.t1', '2026-04-01Z', '2026-06-01Z')")
    assert primary.execute("select count(*) from app.t1_default").fetchone() == (0,)
    assert primary.execute("select count(*) from app.t1_2026_04").fetchone()[0] > 0
    assert_exact(primary)
    insert(primary, "app.t1_2026_04", date="2026-04-30Z")
    assert_exact(primary)


def test_maintenance_as_the_jobs_role(primary: psycopg.Connection, server: Server):
    insert(primary, date="2026-04-05Z")
    with server.connect(primary.info.dbname, user="transactions_jobs") as jobs:
        jobs.execute("call pgops.partition_ensure('app.t1', '2026-04-01Z', '2026-06-01Z')")
        jobs.execute("call pgops.maintain()")
    assert primary.execute("select count(*) from app.t1_2026_04").fetchone() == (1,)
    for table, date in [("app.t1_2026_04", "2026-04-06Z"), ("app.t1_2026_05", "2026-05-06Z")]:
        insert(primary, table, date=date)
    assert_exact(primary)


def test_engine_retires_partitions(primary: psycopg.Connection):
    _fill(primary)
    primary.execute(
        """update pgops.partition_policy set policy = policy || '{"retention": {"keep": "1 months", "then": "drop"}}'"""
    )
    primary.execute("call pgops.partition_apply('app.t1', '2026-03-15Z')")
    assert primary.execute("select to_regclass('app.t1_2026_01')").fetchone() == (None,)
    assert_exact(primary)


def test_writer_needs_rights_on_t1_only(primary: psycopg.Connection, server: Server):
    with server.connect(primary.info.dbname, user="transactions_app") as writer:
        insert(writer)
        writer.execute("update app.t1 set state = 1 - state, date = date + interval '1 month'")
        insert(writer, date="2026-03-03Z")
        writer.execute("delete from app.t1 where date < '2026-03-01Z'")
        for statement in (
            "insert into app.t1_guid values (gen_random_uuid(), now(), 1)",
            "update app.t1_month_total set amount = 0",
            "update app.t1_totals set amount = 0",
            "truncate app.t1",
            "select app.repair_totals()",
            "select app.t1_partitions_changed()",
        ):
            with pytest.raises((errors.InsufficientPrivilege, errors.ObjectNotInPrerequisiteState)):
                writer.execute(statement)
    assert_exact(primary)


def test_reader_only_reads(primary: psycopg.Connection, server: Server):
    insert(primary)
    with server.connect(primary.info.dbname, user="transactions_reader") as reader:
        assert reader.execute("select count(*) from app.t1").fetchone() == (1,)
        assert totals(reader) == recount(reader)
        assert reader.execute("select * from app.totals_drift()").fetchall() == []
        for statement in (
            "insert into app.t1 (date, amount, message) values (now(), 1, '{}')",
            "update app.t1 set state = 1",
            "delete from app.t1",
            "create table app.x ()",
            "call app.insert_transaction()",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                reader.execute(statement)


def test_new_rows_do_not_wait_for_the_totals(primary: psycopg.Connection, server: Server):
    """A long transaction that holds the lock on the totals does not stop those who change no row of state 1."""
    key = insert(primary, state=0)
    with server.connect(primary.info.dbname, autocommit=False) as holder, server.connect(primary.info.dbname) as other:
        insert(holder)
        other.execute("set lock_timeout = '2s'")
        insert(other, state=0)
        other.execute("update app.t1 set amount = 5 where id = %s", [key[1]])
        other.execute("delete from app.t1 where id = %s", [key[1]])
        holder.commit()
    assert_exact(primary)


def test_same_guid_from_two_sessions_in_two_months(primary: psycopg.Connection, server: Server):
    import threading

    database = primary.info.dbname
    with server.connect(database, autocommit=False) as first, server.connect(database) as second:
        guid = insert(first, state=0)[2]
        outcome: list[BaseException] = []

        def write() -> None:
            try:
                insert(second, state=0, date="2026-02-15Z", transaction_guid=guid)
            except psycopg.Error as error:
                outcome.append(error)

        writer = threading.Thread(target=write)
        writer.start()
        writer.join(0.5)
        assert writer.is_alive(), "the second session waits for the first"
        first.commit()
        writer.join(10)
        assert isinstance(outcome[0], errors.UniqueViolation)
    with server.connect(database, autocommit=False) as first, server.connect(database) as second:
        guid = insert(first)[2]
        first.rollback()
        insert(second, date="2026-02-15Z", transaction_guid=guid)
    assert_exact(primary)


def test_audit_finds_and_repair_mends_what_replica_mode_wrote(primary: psycopg.Connection):
    _fill(primary)
    primary.execute("set session_replication_role = replica")
    insert(primary, amount="1000")
    insert(primary, date="2026-02-05Z", message=message(client_id=12345))
    primary.execute("delete from app.t1 where id = (select min(id) from app.t1 where state = 1)")
    primary.execute("update app.t1 set state = 0 where client_id = 3")
    primary.execute("reset session_replication_role")
    drift = primary.execute(
        "select client_id, total_transactions, recounted_transactions from app.totals_drift()"
    ).fetchall()
    assert (12345, None, 1) in drift
    assert any(row[0] == 3 and row[2] is None for row in drift)
    problems = [row[0] for row in primary.execute("select problem from app.guid_drift() order by 1").fetchall()]
    assert problems == ["not registered", "not registered", "registered, but not in app.t1"]
    repaired = dict(primary.execute("select * from app.repair_totals()").fetchall())
    assert repaired["guids"] == 2
    assert repaired["totals by month"] > 0
    assert_exact(primary)
    assert {row[1] for row in primary.execute("select * from app.repair_totals()").fetchall()} == {0}


def test_repair_names_a_guid_that_stands_twice(primary: psycopg.Connection):
    guid = insert(primary)[2]
    primary.execute("set session_replication_role = replica")
    insert(primary, date="2026-02-15Z", transaction_guid=guid)
    primary.execute("reset session_replication_role")
    with pytest.raises(errors.UniqueViolation) as refused:
        primary.execute("select * from app.repair_totals()")
    assert f"transaction_guid {guid} stands in 2 rows of app.t1" in str(refused.value)


def test_repair_is_safe_while_others_write(primary: psycopg.Connection, server: Server):
    """A writer in the middle of his transaction neither stops the repair of the totals nor is counted twice."""
    _fill(primary, 100)
    primary.execute(
        "set session_replication_role = replica; update app.t1 set amount = amount + 1; reset session_replication_role"
    )
    database = primary.info.dbname
    if primary.execute("select relkind = 'v' from pg_class where oid = 'app.t1_totals'::regclass").fetchone()[0]:
        with server.connect(database, autocommit=False) as writer:
            insert(writer, message=message(client_id=77777))
            primary.execute("set statement_timeout = '5s'")
            primary.execute("select * from app.repair_totals()")
            assert_exact(primary)
            writer.commit()
    else:
        primary.execute("select * from app.repair_totals()")
    assert_exact(primary)


def test_repair_is_refused_in_other_isolation_levels(primary: psycopg.Connection):
    with pytest.raises(errors.FeatureNotSupported, match="needs isolation level read committed"):
        primary.execute("begin isolation level repeatable read; select * from app.repair_totals()")
    primary.execute("rollback")


def test_readme_and_source_view_have_the_same_query(primary: psycopg.Connection):
    readme = (SQL_SETS / "transactions" / "README.md").read_text(encoding="utf-8")
    query = re.search(r"```sql\n-- app\.t1_totals\n(.*?)```", readme, re.DOTALL)[1]
    assert " ".join(query.split()) == TOTALS_QUERY
    primary.execute(f"create temp view declared as {query}")
    assert primary.execute(
        "select pg_get_viewdef('declared'::regclass) = pg_get_viewdef('app.t1_totals_source'::regclass)"
    ).fetchone() == (True,)


def test_totals_survive_a_crash(server: Server, primary_template: str):
    database = server.create_database(primary_template)
    with server.connect(database) as connection:
        _fill(connection)
    writer = server.connect(database, autocommit=False)
    insert(writer)
    server.kill_backend(writer.info.backend_pid)
    writer.close()
    with server.connect(database) as connection:
        assert connection.execute("select count(*) from app.t1").fetchone() == (400,)
        assert_exact(connection)
    server.drop_database(database)


def test_everything_goes_with_the_schema_and_can_be_made_again(server: Server, primary_template: str):
    with server.database(primary_template) as connection:
        connection.execute("drop schema app cascade; drop schema pgops cascade")
        assert connection.execute("select count(*) from pg_event_trigger where evtname = 't1_ddl'").fetchone() == (0,)
        connection.execute("create table public.a (b int)")
        prepare_primary(connection)
        connection.execute("call app.generate_transactions(1000, '2026-01-01', 3)")
        assert_exact(connection)
