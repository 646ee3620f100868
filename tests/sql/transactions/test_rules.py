"""Bad rows are refused by the table itself, with an error that names the column and the rule."""

from __future__ import annotations

import json
import uuid

import psycopg
import pytest
from psycopg import errors
from servers import Server

from transactions.system import assert_exact, insert, message

AMOUNT = '"amount must be a number from 0 to 9999999999999999.99"'
STATE = '"state must be 0 (new) or 1 (processed)"'
ACCOUNT_NUMBER = '"message must have account_number, non-blank text or digits"'
CLIENT_ID = '"message must have client_id, a number of 1 to 18 digits"'
OPERATION_TYPE = '"message must have operation_type, online or offline"'

BAD_ROWS = [
    ({"amount": "-0.01"}, errors.CheckViolation, AMOUNT),
    ({"amount": "NaN"}, errors.CheckViolation, AMOUNT),
    ({"amount": "Infinity"}, errors.CheckViolation, AMOUNT),
    ({"amount": "-Infinity"}, errors.CheckViolation, AMOUNT),
    ({"amount": "10000000000000000"}, errors.CheckViolation, AMOUNT),
    ({"amount": None}, errors.NotNullViolation, '"amount"'),
    ({"state": 2}, errors.CheckViolation, STATE),
    ({"state": -1}, errors.CheckViolation, STATE),
    ({"state": 70000}, errors.CheckViolation, STATE),
    ({"state": None}, errors.NotNullViolation, '"state"'),
    ({"date": None}, errors.NotNullViolation, '"date"'),
    ({"date": "infinity"}, errors.CheckViolation, '"date must be finite"'),
    ({"date": "-infinity"}, errors.CheckViolation, '"date must be finite"'),
    ({"id": None}, errors.NotNullViolation, '"id"'),
    ({"transaction_guid": None}, errors.NotNullViolation, '"transaction_guid"'),
    ({"message": None}, errors.NotNullViolation, '"message"'),
    ({"message": "{}"}, errors.CheckViolation, ACCOUNT_NUMBER),
    ({"message": "[1, 2]"}, errors.CheckViolation, ACCOUNT_NUMBER),
    ({"message": '"online"'}, errors.CheckViolation, ACCOUNT_NUMBER),
    ({"message": message(account_number=None)}, errors.CheckViolation, ACCOUNT_NUMBER),
    ({"message": message(account_number="")}, errors.CheckViolation, ACCOUNT_NUMBER),
    ({"message": message(account_number="  ")}, errors.CheckViolation, ACCOUNT_NUMBER),
    ({"message": message(account_number=" \t\r\n\f\v")}, errors.CheckViolation, ACCOUNT_NUMBER),
    ({"message": message(account_number=False)}, errors.CheckViolation, ACCOUNT_NUMBER),
    ({"message": message(account_number=True)}, errors.CheckViolation, ACCOUNT_NUMBER),
    ({"message": message(account_number={})}, errors.CheckViolation, ACCOUNT_NUMBER),
    ({"message": message(account_number={"number": "1"})}, errors.CheckViolation, ACCOUNT_NUMBER),
    ({"message": message(account_number=["1"])}, errors.CheckViolation, ACCOUNT_NUMBER),
    ({"message": message(account_number=-1)}, errors.CheckViolation, ACCOUNT_NUMBER),
    ({"message": message(account_number=1.5)}, errors.CheckViolation, ACCOUNT_NUMBER),
    ({"message": '{"account_number": null, "client_id": 1, "operation_type": "online"}'}, errors.CheckViolation,
     ACCOUNT_NUMBER),
    ({"message": '["account_number", "client_id", "operation_type"]'}, errors.CheckViolation, ACCOUNT_NUMBER),
    ({"message": message(client_id=None)}, errors.CheckViolation, CLIENT_ID),
    ({"message": message(client_id="")}, errors.CheckViolation, CLIENT_ID),
    ({"message": message(client_id="abc")}, errors.CheckViolation, CLIENT_ID),
    ({"message": message(client_id=1.5)}, errors.CheckViolation, CLIENT_ID),
    ({"message": message(client_id=1.0)}, errors.CheckViolation, CLIENT_ID),
    ({"message": message(client_id=-1)}, errors.CheckViolation, CLIENT_ID),
    ({"message": message(client_id="1e3")}, errors.CheckViolation, CLIENT_ID),
    ({"message": message(client_id="0x1F")}, errors.CheckViolation, CLIENT_ID),
    ({"message": message(client_id="1_000")}, errors.CheckViolation, CLIENT_ID),
    ({"message": message(client_id=" 1")}, errors.CheckViolation, CLIENT_ID),
    ({"message": message(client_id="+1")}, errors.CheckViolation, CLIENT_ID),
    ({"message": message(client_id="\u0661")}, errors.CheckViolation, CLIENT_ID),
    ({"message": message(client_id=True)}, errors.CheckViolation, CLIENT_ID),
    ({"message": message(client_id=[1])}, errors.CheckViolation, CLIENT_ID),
    ({"message": message(client_id={"id": 1})}, errors.CheckViolation, CLIENT_ID),
    ({"message": message(client_id=10**18)}, errors.CheckViolation, CLIENT_ID),
    ({"message": message(operation_type=None)}, errors.CheckViolation, OPERATION_TYPE),
    ({"message": message(operation_type="by phone")}, errors.CheckViolation, OPERATION_TYPE),
    ({"message": message(operation_type="Online")}, errors.CheckViolation, OPERATION_TYPE),
    ({"message": message(operation_type="")}, errors.CheckViolation, OPERATION_TYPE),
]  # fmt: skip


def _copy(connection: psycopg.Connection, table: str, row: dict) -> None:
    columns = ", ".join(row)
    with connection.cursor() as cursor, cursor.copy(f"copy {table} ({columns}) from stdin") as copy:
        copy.write_row(list(row.values()))


def test_every_bad_row_is_refused_by_every_way_in(primary: psycopg.Connection):
    good = {"date": "2026-01-15Z", "amount": "1.00", "state": 0, "message": message()}
    for bad, error, text in BAD_ROWS:
        row = good | {"transaction_guid": uuid.uuid4()} | bad
        # Neither null nor infinity has a place in a month: a partition would refuse them for that first.
        tables = ["app.t1"] if "date" in bad else ["app.t1", "app.t1_2026_01"]
        for table in tables:
            with pytest.raises(error) as refused:
                insert(primary, table, **row)
            assert text in str(refused.value), (bad, table)
            with pytest.raises(error) as refused:
                _copy(primary, table, row)
            assert text in str(refused.value), (bad, table, "copy")
    assert primary.execute("select count(*) from app.t1").fetchone() == (0,)
    assert_exact(primary)


def test_updates_are_held_to_the_rules_too(primary: psycopg.Connection):
    insert(primary)
    for change, text in [
        ("amount = 'NaN'", AMOUNT),
        ("state = 3", STATE),
        ("message = message - 'client_id'", CLIENT_ID),
        ('message = message || \'{"operation_type": "post"}\'', OPERATION_TYPE),
    ]:
        for table in ("app.t1", "app.t1_2026_01"):
            with pytest.raises(errors.CheckViolation) as refused:
                primary.execute(f"update {table} set {change}")
            assert text in str(refused.value)
    assert_exact(primary)


@pytest.mark.parametrize(
    ("changes", "client_id"),
    [
        ({}, 1),
        ({"client_id": "77"}, 77),
        ({"client_id": 999999999999999999}, 999999999999999999),
        ({"client_id": 0}, 0),
        ({"client_id": "0"}, 0),
        ({"account_number": 4000000001}, 1),
        ({"account_number": "DE02 1203 0000 0000 2020 51"}, 1),
        ({"account_number": " 7"}, 1),
        ({"account_number": "vtfrn"}, 1),
        ({"account_number": "\u00dc"}, 1),
    ],
)
def test_good_rows_have_their_generated_columns(primary: psycopg.Connection, changes: dict, client_id: int):
    insert(primary, message=message(**changes))
    assert primary.execute("select client_id, operation_type from app.t1").fetchall() == [(client_id, "online")]
    assert_exact(primary)


@pytest.mark.parametrize("amount", ["0", "0.00", "9999999999999999.99", "10.999"])
def test_amounts_are_kept_exactly(primary: psycopg.Connection, amount: str):
    insert(primary, amount=amount)
    assert str(primary.execute("select amount from app.t1").fetchone()[0]) == amount


def test_a_number_is_what_jsonb_keeps_of_it(primary: psycopg.Connection):
    """jsonb keeps numbers as numeric: 1e3 has become 1000 before any rule is asked."""
    insert(primary, message='{"account_number": 4e9, "client_id": 1e3, "operation_type": "online"}')
    assert primary.execute("select client_id, message::text from app.t1").fetchone() == (
        1000,
        '{"client_id": 1000, "account_number": 4000000000, "operation_type": "online"}',
    )


@pytest.mark.parametrize(
    ("column", "value", "error"),
    [("state", "99999999999", errors.NumericValueOutOfRange), ("amount", "abc", errors.InvalidTextRepresentation)],
)
def test_what_is_no_value_of_the_type_is_refused_by_the_type(
    primary: psycopg.Connection, column: str, value: str, error: type[psycopg.Error]
):
    row = {"date": "2026-01-15Z", "amount": "1.00", "state": 0, "message": message()} | {column: value}
    with pytest.raises(error) as refused:
        insert(primary, **row)
    assert value in refused.value.diag.message_primary
    with pytest.raises(error) as refused:
        _copy(primary, "app.t1", row)
    assert f"column {column}" in refused.value.diag.context


def test_client_id_and_operation_type_cannot_be_written(primary: psycopg.Connection):
    with pytest.raises(errors.GeneratedAlways, match='"client_id"'):
        insert(primary, client_id=2)


@pytest.mark.parametrize("table", ["app.t1", "app.t1_2026_04"])
def test_applications_and_jobs_do_not_choose_ids(server: Server, primary: psycopg.Connection, table: str):
    """A number taken before its turn would be met by the sequence later."""
    primary.execute("call pgops.partition_ensure('app.t1', '2026-04-01Z', '2026-05-01Z')")
    good = {"date": "2026-04-15Z", "state": 0}
    for role in ("transactions_app", "transactions_jobs"):
        with server.connect(primary.info.dbname, user=role) as connection:
            (_, first, _) = connection.execute(
                f"insert into {table} (date, amount, message) values ('2026-04-15Z', 1, %s)"
                " returning date, id, transaction_guid",
                [message()],
            ).fetchone()
            for statement in (
                f"insert into {table} (date, id, amount, message) values ('2026-04-15Z', 7, 1, '{message()}')",
                f"update {table} set id = id + 1",
                "select setval('app.t1_id_seq', 1)",
            ):
                with pytest.raises(errors.InsufficientPrivilege):
                    connection.execute(statement)
            with pytest.raises(errors.InsufficientPrivilege):
                _copy(connection, table, good | {"id": 8, "amount": "1", "message": message()})
            _copy(connection, table, good | {"amount": "1", "message": message()})
            assert connection.execute(f"select max(id) from {table}").fetchone() == (first + 1,)
            connection.execute(f"select from {table} where id = {first} for update")
            connection.execute(f"update {table} set state = 1 where id = {first}")
    assert_exact(primary)


def test_an_application_may_change_and_delete_rows(server: Server, primary: psycopg.Connection):
    with server.connect(primary.info.dbname, user="transactions_app") as connection:
        guid = insert(connection)[2]
        connection.execute("update app.t1 set amount = 2, state = 0, date = '2026-02-02Z', message = message")
        connection.execute(
            "merge into app.t1 using (select %s::uuid as guid) as s on transaction_guid = s.guid"
            " when matched then update set state = 1, transaction_guid = gen_random_uuid()"
            " when not matched then insert (date, amount, message) values (now(), 1, '{}')",
            [guid],
        )
        assert connection.execute("select amount, state from app.t1").fetchone() == (2, 1)
        assert_exact(primary)
        connection.execute("delete from app.t1")
    assert_exact(primary)


def test_jobs_change_nothing_but_the_state(server: Server, primary: psycopg.Connection):
    insert(primary)
    with server.connect(primary.info.dbname, user="transactions_jobs") as connection:
        for statement in ("update app.t1 set amount = 0", "update app.t1 set message = '{}'", "delete from app.t1"):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(statement)


def test_id_has_a_default_in_partitions_too(primary: psycopg.Connection):
    first, second = insert(primary), insert(primary, "app.t1_2026_02", date="2026-02-01Z")
    assert second[1] > first[1]


def test_row_of_a_month_without_partition_is_kept(primary: psycopg.Connection):
    insert(primary, date="2031-05-01Z")
    insert(primary, date="1999-12-31Z")
    assert primary.execute("select count(*) from app.t1_default").fetchone() == (2,)
    assert_exact(primary)


def test_a_guid_twice_is_refused_wherever_the_rows_are(primary: psycopg.Connection):
    guid = insert(primary)[2]
    for table, date in [("app.t1", "2026-01-20Z"), ("app.t1", "2026-02-20Z"), ("app.t1_2026_02", "2026-02-20Z"),
                        ("app.t1", "2040-01-01Z")]:  # fmt: skip
        with pytest.raises(errors.UniqueViolation) as refused:
            insert(primary, table, date=date, transaction_guid=guid)
        assert "transaction_guid must be unique in app.t1" in str(refused.value)
        assert str(guid) in str(refused.value)
    with pytest.raises(errors.UniqueViolation):
        _copy(primary, "app.t1", {"date": "2026-02-20Z", "amount": "1", "transaction_guid": guid, "message": message()})
    with pytest.raises(errors.UniqueViolation):
        primary.execute(
            "insert into app.t1 (date, amount, transaction_guid, message) values (%(a)s, 1, %(g)s, %(m)s), (%(b)s, 1, %(g)s, %(m)s)",
            {"a": "2026-01-01Z", "b": "2026-02-01Z", "g": uuid.uuid4(), "m": message()},
        )
    assert_exact(primary)


def test_a_guid_is_free_again_after_delete_update_and_rollback(primary: psycopg.Connection):
    guid = insert(primary)[2]
    primary.execute("delete from app.t1")
    insert(primary, date="2026-02-02Z", transaction_guid=guid)
    primary.execute("update app.t1 set transaction_guid = gen_random_uuid()")
    with pytest.raises(errors.DivisionByZero), primary.transaction():
        insert(primary, date="2026-03-03Z", transaction_guid=guid)
        primary.execute("select 1 / 0")
    insert(primary, date="2026-01-01Z", transaction_guid=guid)
    assert_exact(primary)


def test_two_rows_exchange_their_guids(primary: psycopg.Connection):
    first, second = insert(primary), insert(primary, date="2026-02-02Z")
    primary.execute(
        "update app.t1 set transaction_guid = case transaction_guid when %(a)s then %(b)s::uuid else %(a)s::uuid end",
        {"a": first[2], "b": second[2]},
    )
    assert primary.execute("select transaction_guid from app.t1 order by date").fetchall() == [
        (second[2],),
        (first[2],),
    ]
    assert_exact(primary)


def test_messages_are_json(primary: psycopg.Connection):
    with pytest.raises(errors.InvalidTextRepresentation):
        insert(primary, message="{broken")
    insert(primary, message=json.dumps({**json.loads(message()), "more": [1, 2]}))
