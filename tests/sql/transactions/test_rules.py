"""Bad rows are refused by the table itself, with an error that names the column and the rule."""

from __future__ import annotations

import json
import uuid

import psycopg
import pytest
from psycopg import errors

from transactions.system import assert_exact, insert, message

AMOUNT = '"amount must be a number from 0 to 9999999999999999.99"'
STATE = '"state must be 0 (new) or 1 (processed)"'
ACCOUNT_NUMBER = '"message must have account_number"'
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
    ({"message": '{"account_number": null, "client_id": 1, "operation_type": "online"}'}, errors.CheckViolation,
     ACCOUNT_NUMBER),
    ({"message": message(client_id=None)}, errors.CheckViolation, CLIENT_ID),
    ({"message": message(client_id="")}, errors.CheckViolation, CLIENT_ID),
    ({"message": message(client_id="abc")}, errors.CheckViolation, CLIENT_ID),
    ({"message": message(client_id=1.5)}, errors.CheckViolation, CLIENT_ID),
    ({"message": message(client_id=-1)}, errors.CheckViolation, CLIENT_ID),
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


def test_client_id_and_operation_type_cannot_be_written(primary: psycopg.Connection):
    with pytest.raises(errors.GeneratedAlways, match='"client_id"'):
        insert(primary, client_id=2)


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
