"""app.generate_transactions(): the same data for the same arguments, whatever happens on the way."""

from __future__ import annotations

import threading
import time

import psycopg
import pytest
from psycopg import errors
from servers import Server

from transactions.system import assert_exact, insert

ARGUMENTS = "4000, '2026-02-01', 3, 25, 7"
CHECKSUM = "select count(*), sum(hashtextextended(t1::text, 0)) from app.t1"


def _notices(connection: psycopg.Connection) -> list[str]:
    notices: list[str] = []
    connection.add_notice_handler(lambda diagnostic: notices.append(diagnostic.message_primary))
    return notices


def test_rows_are_as_asked(primary: psycopg.Connection):
    notices = _notices(primary)
    primary.execute(f"call app.generate_transactions({ARGUMENTS})")
    assert primary.execute(
        "select to_char(date, 'YYYY-MM'), count(*), tableoid::regclass::text from app.t1 group by 1, 3 order by 1"
    ).fetchall() == [
        ("2026-02", 1334, "app.t1_2026_02"),
        ("2026-03", 1333, "app.t1_2026_03"),
        ("2026-04", 1333, "app.t1_2026_04"),  # made by the engine
    ]
    assert primary.execute("select min(id), max(id), count(distinct id) from app.t1").fetchone() == (1, 4000, 4000)
    assert primary.execute("select bool_and(ascending) from (select lead(date) over (order by id) > date as ascending"
                           " from app.t1) as s").fetchone() == (True,)  # fmt: skip
    assert primary.execute("select count(distinct client_id), min(client_id), max(client_id) from app.t1").fetchone() == (
        25, 1, 25,
    )  # fmt: skip
    assert primary.execute("select count(distinct operation_type), count(distinct state) from app.t1").fetchone() == (
        2,
        2,
    )
    assert primary.execute("select bool_and(substr(transaction_guid::text, 15, 1) = '7') from app.t1").fetchone() == (
        True,
    )
    assert [notice.split(" rows")[0] for notice in notices if "rows/s" in notice] == [
        "2026-02: 1334", "2026-03: 1333", "2026-04: 1333", "4000 of 4000",
    ]  # fmt: skip
    assert_exact(primary)
    # Writers meet a partition with its triggers on.
    insert(primary, date="2026-02-14Z")
    insert(primary, "app.t1_2026_04", date="2026-04-14Z")
    assert_exact(primary)


def test_defaults_give_a_hundred_thousand_rows_in_four_past_months(primary: psycopg.Connection):
    primary.execute("call app.generate_transactions()")
    assert primary.execute("select count(*), count(distinct date_trunc('month', date)), max(date) < now() from app.t1").fetchone() == (
        100000, 4, True,
    )  # fmt: skip
    assert primary.execute(
        "select row_count, first_month = date_trunc('month', now() at time zone 'UTC') - interval '4 months',"
        " months, clients, seed from app.generation"
    ).fetchone() == (100000, True, 4, 1000, 1)
    assert_exact(primary)


def test_same_arguments_same_data(server: Server, primary_template: str):
    sums = []
    for arguments in (ARGUMENTS, ARGUMENTS, ARGUMENTS.replace("7", "8")):
        with server.database(primary_template) as connection:
            connection.execute("set timezone = 'Pacific/Auckland'; set datestyle = 'German'")
            connection.execute(f"call app.generate_transactions({arguments})")
            connection.execute("set timezone = 'UTC'; set datestyle = 'ISO'")
            sums.append(connection.execute(CHECKSUM).fetchone())
    assert sums[0] == sums[1]
    assert sums[0] != sums[2]


def test_second_call_adds_nothing(primary: psycopg.Connection):
    primary.execute(f"call app.generate_transactions({ARGUMENTS})")
    before = primary.execute(CHECKSUM).fetchone()
    notices = _notices(primary)
    primary.execute(f"call app.generate_transactions({ARGUMENTS})")
    assert primary.execute(CHECKSUM).fetchone() == before
    assert notices[:3] == [f"2026-0{month}: has been generated before" for month in (2, 3, 4)]


def test_removed_months_come_back_as_they_were(primary: psycopg.Connection):
    primary.execute(f"call app.generate_transactions({ARGUMENTS})")
    before = primary.execute(CHECKSUM).fetchone()
    primary.execute("truncate app.t1_2026_03")
    primary.execute(f"call app.generate_transactions({ARGUMENTS})")
    assert primary.execute(CHECKSUM).fetchone() == before
    primary.execute("truncate app.t1")
    primary.execute(f"call app.generate_transactions({ARGUMENTS})")
    assert primary.execute(CHECKSUM).fetchone() == before
    assert_exact(primary)


def test_other_arguments_add_other_rows(primary: psycopg.Connection):
    insert(primary, date="2026-02-10Z")
    for seed in (1, 2):
        primary.execute("call app.generate_transactions(300, '2026-01-01', 2, 5, %s)", [seed])
    assert primary.execute("select count(*), count(distinct id) from app.t1").fetchone() == (601, 601)
    assert_exact(primary)
    assert insert(primary)[1] > 601


def test_month_with_rows_in_the_default_partition(primary: psycopg.Connection):
    insert(primary, date="2026-04-10Z")
    primary.execute(f"call app.generate_transactions({ARGUMENTS})")
    assert primary.execute("select count(*) from app.t1_default").fetchone() == (0,)
    assert primary.execute("select count(*) from app.t1_2026_04").fetchone() == (1334,)
    assert_exact(primary)


def test_partitions_of_other_periods_than_months(primary: psycopg.Connection):
    primary.execute("""update pgops.partition_policy set policy = policy
        || '{"by": {"range": "date", "every": "week"}, "name": "t1_{year}_w{week}"}'""")
    primary.execute("call app.generate_transactions(1000, '2026-06-01', 2, 25, 7)")
    weeks = "select count(distinct tableoid), count(*) from app.t1 where tableoid <> 'app.t1_default'::regclass"
    assert primary.execute(weeks).fetchone() == (9, 1000)
    assert_exact(primary)


def test_without_a_partition_policy(primary: psycopg.Connection):
    primary.execute("delete from pgops.partition_policy")
    with pytest.raises(errors.UndefinedObject, match=r"app\.t1 has no partition policy"):
        primary.execute(f"call app.generate_transactions({ARGUMENTS})")


def test_a_new_month_is_like_those_that_the_engine_makes(primary: psycopg.Connection):
    primary.execute(
        """update pgops.partition_policy set policy = policy || '{"storage_parameters": {"fillfactor": "90"}}'"""
    )
    primary.execute("call app.generate_transactions(100, '2026-07-01', 1)")
    primary.execute("call pgops.partition_ensure('app.t1', '2026-08-01Z', '2026-09-01Z')")
    properties = """
        select c.relowner::regrole::text, c.reloptions, obj_description(c.oid), c.relacl::text,
            array(select tgname || tgenabled::text from pg_trigger where tgrelid = c.oid order by 1),
            array(select pg_get_constraintdef(oid) from pg_constraint where conrelid = c.oid order by 1),
            array(select replace(pg_get_indexdef(indexrelid), c.relname, '') from pg_index where indrelid = c.oid order by 1)
        from pg_class as c where c.oid = %s::regclass
    """
    assert (
        primary.execute(properties, ["app.t1_2026_07"]).fetchone()
        == primary.execute(properties, ["app.t1_2026_08"]).fetchone()
    )


def test_killed_and_called_again(server: Server, primary_template: str):
    with server.database(primary_template) as undisturbed:
        undisturbed.execute("call app.generate_transactions(60000, '2026-01-01', 3, 25, 7)")
        expected = undisturbed.execute(CHECKSUM).fetchone()
    with server.database(primary_template) as witness:
        attempts = 0
        while witness.execute("select count(*) from app.generated_month").fetchone()[0] < 3:
            attempts += 1
            generator = server.connect(witness.info.dbname)
            pid = generator.info.backend_pid
            thread = threading.Thread(target=_call_and_die, args=(generator,))
            thread.start()
            # A little later each time, so that every attempt finishes something in the end.
            time.sleep(0.2 * attempts)
            witness.execute("select pg_terminate_backend(%s)", [pid])
            thread.join()
            assert_exact(witness)
        assert attempts > 1
        assert witness.execute(CHECKSUM).fetchone() == expected


def _call_and_die(connection: psycopg.Connection) -> None:
    try:
        connection.execute("call app.generate_transactions(60000, '2026-01-01', 3, 25, 7)")
    except psycopg.Error:
        pass
    finally:
        connection.close()


def test_two_sessions_share_the_months(server: Server, primary: psycopg.Connection):
    errors_seen: list[psycopg.Error] = []

    def generate() -> None:
        with server.connect(primary.info.dbname) as connection:
            try:
                connection.execute("call app.generate_transactions(40000, '2026-01-01', 6, 25, 7)")
            except psycopg.Error as error:
                errors_seen.append(error)

    threads = [threading.Thread(target=generate) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors_seen == []
    assert primary.execute("select count(*), count(distinct id) from app.t1").fetchone() == (40000, 40000)
    assert_exact(primary)


def test_ids_are_set_aside_while_others_take_some(server: Server, primary: psycopg.Connection):
    with server.connect(primary.info.dbname, autocommit=False) as writer:
        insert(writer, state=0)
        thread = threading.Thread(
            target=primary.execute, args=("call app.generate_transactions(100, '2026-01-01', 1)",)
        )
        thread.start()
        thread.join(0.5)
        assert thread.is_alive(), "the generator waits for the transaction that took an id"
        with server.connect(primary.info.dbname) as other:
            other.execute("set statement_timeout = '5s'")
            insert(other, state=0)  # nobody waits behind the generator for long
        writer.commit()
        thread.join(20)
    assert primary.execute("select count(*), count(distinct id) from app.t1").fetchone() == (102, 102)


def test_the_owner_may_generate_with_the_engine(server: Server, primary: psycopg.Connection):
    """transactions_jobs, as the owner, with no right that a superuser's session would need."""
    primary.execute("grant pgops_operator to transactions_owner")
    try:
        with server.connect(primary.info.dbname, user="transactions_jobs") as connection:
            connection.execute("set role transactions_owner")
            connection.execute(f"call app.generate_transactions({ARGUMENTS})")
    finally:
        primary.execute("revoke pgops_operator from transactions_owner")
    assert primary.execute("select count(*) from app.t1").fetchone() == (4000,)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("0, '2026-01-01', 1", "row_count is 0; accepted: 1 to 1000000000 rows"),
        ("-5, '2026-01-01', 1", "row_count is -5"),
        ("null, '2026-01-01', 1", "row_count is null"),
        ("100, '2026-01-15', 1", "first_month is 2026-01-15; accepted: the first day of a month, such as 2026-01-01"),
        ("100, '1960-01-01', 1", "first_month is 1960-01-01"),
        (
            "100, '3000-01-01', 1",
            "first_month is 3000-01-01; accepted: the first day of a month from 1970-01-01 to 2999-12-01",
        ),
        ("100, 'infinity', 1", "first_month is infinity"),
        ("100, null, 1", "first_month is null; accepted: the first day of a month from 1970-01-01 to 2999-12-01"),
        ("1000000001, '2026-01-01', 1", "row_count is 1000000001; accepted: 1 to 1000000000 rows"),
        ("100, '2026-01-01', 0", "months is 0; accepted: 1 to 1200 months"),
        ("100, '2026-01-01', -1", "months is -1"),
        ("100, '2026-01-01', null", "months is null; accepted: 1 to 1200 months"),
        ("5000, '2026-01-01', 1201", "months is 1201; accepted: 1 to 1200 months"),
        ("3, '2026-01-01', 4", "months is 4; accepted: at most one for each of the 3 rows"),
        ("100, '2999-12-01', 2", "months is 2; accepted from 2999-12-01 on: 1 month, as the last may be 2999-12-01"),
        ("5000, '2950-03-01', 599", "months is 599; accepted from 2950-03-01 on: 1 to 598 months, as the last"),
        ("100, '2026-01-01', 1, 0", "clients is 0; accepted: 1 to 10000000 clients"),
        ("100, '2026-01-01', 1, -1", "clients is -1"),
        ("100, '2026-01-01', 1, 10000001", "clients is 10000001"),
        ("100, '2026-01-01', 1, null", "clients is null; accepted: 1 to 10000000 clients"),
        ("100, '2026-01-01', 1, 10, null", "seed is null; accepted: any whole number of 64 bits"),
    ],
)
def test_bad_arguments_are_refused(primary: psycopg.Connection, arguments: str, text: str):
    with pytest.raises(errors.InvalidParameterValue) as refused:
        primary.execute(f"call app.generate_transactions({arguments})")
    assert text in str(refused.value)
    assert primary.execute("select count(*) from app.generation").fetchone() == (0,)


def test_the_first_and_the_last_months_that_are_accepted(primary: psycopg.Connection):
    primary.execute("call app.generate_transactions(10, '1970-01-01', 1)")
    primary.execute("call app.generate_transactions(10, '2999-11-01', 2)")
    months = "select to_char(date, 'YYYY-MM'), count(*) from app.t1 group by 1 order by 1"
    assert primary.execute(months).fetchall() == [("1970-01", 10), ("2999-11", 5), ("2999-12", 5)]
    assert_exact(primary)


def test_a_transaction_block_is_refused_in_words(primary: psycopg.Connection):
    call = f"call app.generate_transactions({ARGUMENTS})"
    for statements in (["begin", call], [f"begin; {call}"]):
        with pytest.raises(errors.InvalidTransactionTermination) as refused:
            for statement in statements:
                primary.execute(statement)
        primary.execute("rollback")
        assert refused.value.diag.message_primary == (
            "app.generate_transactions() commits as it goes and cannot run inside a transaction block"
        )
    assert primary.execute("select count(*) from app.generation").fetchone() == (0,)
    primary.execute(f"do $$ begin {call}; end $$")
    assert primary.execute("select count(*) from app.t1").fetchone() == (4000,)
