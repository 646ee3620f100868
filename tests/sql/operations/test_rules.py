"""Bad rows are refused by the table itself, with an error that names the column and the rule."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors
from servers import Server

from operations.system import insert

AMOUNT = '"amount must be a number from 0 to 9999999999999999.99"'
CLIENT_ID = '"client_id must be from 1 to 999999999999999999"'
STATUS = '"status must be 0 (new) or 1 (processed)"'

BAD_ROWS = [
    ({"operation_date": None}, errors.NotNullViolation, '"operation_date"'),
    ({"operation_date": "infinity"}, errors.CheckViolation, '"operation_date must be finite"'),
    ({"operation_date": "-infinity"}, errors.CheckViolation, '"operation_date must be finite"'),
    ({"id": None}, errors.NotNullViolation, '"id"'),
    ({"client_id": None}, errors.NotNullViolation, '"client_id"'),
    ({"client_id": 0}, errors.CheckViolation, CLIENT_ID),
    ({"client_id": -1}, errors.CheckViolation, CLIENT_ID),
    ({"client_id": 10**18}, errors.CheckViolation, CLIENT_ID),
    ({"operation_type": None}, errors.NotNullViolation, '"operation_type"'),
    ({"operation_type": "Online"}, errors.InvalidTextRepresentation, 'enum app.operation_type_enum: "Online"'),
    ({"operation_type": ""}, errors.InvalidTextRepresentation, 'enum app.operation_type_enum: ""'),
    ({"amount": None}, errors.NotNullViolation, '"amount"'),
    ({"amount": "-0.01"}, errors.CheckViolation, AMOUNT),
    ({"amount": "NaN"}, errors.CheckViolation, AMOUNT),
    ({"amount": "Infinity"}, errors.CheckViolation, AMOUNT),
    ({"amount": "-Infinity"}, errors.CheckViolation, AMOUNT),
    ({"amount": "10000000000000000"}, errors.CheckViolation, AMOUNT),
    ({"status": None}, errors.NotNullViolation, '"status"'),
    ({"status": 2}, errors.CheckViolation, STATUS),
    ({"status": -1}, errors.CheckViolation, STATUS),
    ({"status": 70000}, errors.CheckViolation, STATUS),
    ({"operation_guid": None}, errors.NotNullViolation, '"operation_guid"'),
]


@pytest.mark.parametrize(("columns", "error", "text"), BAD_ROWS, ids=str)
@pytest.mark.parametrize("table", ["app.operations", "app.operations_2026_01"])
def test_bad_row_is_refused(
    database: psycopg.Connection, table: str, columns: dict, error: type[psycopg.Error], text: str
):
    with pytest.raises(error) as refused:
        insert(database, table, **columns)
    assert text in refused.value.diag.message_primary
    assert database.execute("select count(*) from app.operations").fetchone() == (0,)


def test_bad_update_and_copy_are_refused(database: psycopg.Connection):
    insert(database)
    with pytest.raises(errors.CheckViolation, match="status must be 0"):
        database.execute("update app.operations set status = 2")
    with (
        pytest.raises(errors.CheckViolation, match="amount must be"),
        database.cursor() as cursor,
        cursor.copy("copy app.operations (operation_date, client_id, operation_type, amount) from stdin") as copy,
    ):
        copy.write_row(["2026-01-01Z", 1, "online", "NaN"])


def test_same_id_twice_is_refused(database: psycopg.Connection):
    insert(database, id=7)
    with pytest.raises(errors.UniqueViolation):
        insert(database, id=7)


@pytest.mark.parametrize(
    "columns",
    [{"amount": "0"}, {"amount": "9999999999999999.99"}, {"client_id": 10**18 - 1}, {"operation_type": "offline"}],
    ids=str,
)
def test_rows_at_the_edges_are_taken(database: psycopg.Connection, columns: dict):
    insert(database, **columns)


def test_month_without_a_partition_goes_to_the_default_one(database: psycopg.Connection):
    insert(database, operation_date="2030-01-01Z")
    assert database.execute("select count(*) from app.operations_default").fetchone() == (1,)


def test_application_writes_all_but_the_id(server: Server, database: psycopg.Connection):
    with server.connect(database.info.dbname, user="operations_app") as application:
        insert(application)
        application.execute("update app.operations set amount = 5, status = 0")
        with pytest.raises(errors.InsufficientPrivilege):
            insert(application, id=5)
        with pytest.raises(errors.InsufficientPrivilege):
            application.execute("call app.change_status()")
        with pytest.raises(errors.InsufficientPrivilege):
            application.execute("select app.refresh_client_type_sum()")
        application.execute("delete from app.operations")
        assert application.execute("select count(*) from app.client_type_sum_mv").fetchone() == (0,)


def test_reader_only_reads(server: Server, database: psycopg.Connection):
    insert(database)
    with server.connect(database.info.dbname, user="operations_reader") as reader:
        assert len(reader.execute("select * from app.client_type_sum_drift()").fetchall()) == 1
        assert reader.execute("select count(*) from app.refresh_status").fetchone() == (1,)
        for statement in (
            "delete from app.operations",
            "call app.operation_insert_one()",
            "refresh materialized view concurrently app.client_type_sum_mv",
            "update app.refresh_log set skipped = 0",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                reader.execute(statement)


def test_jobs_may_write_no_more_than_they_need(jobs: psycopg.Connection):
    jobs.execute("call app.operation_insert_one()")
    for statement in (
        "update app.operations set amount = 0",
        "delete from app.operations",
        "refresh materialized view concurrently app.client_type_sum_mv",
        "update app.refresh_log set skipped = 0",
        "call app.operations_test_data('2026-01-01', '2026-01-31', 10)",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            jobs.execute(statement)


def test_monitoring_reads_how_the_refreshes_went(database: psycopg.Connection):
    database.execute("set role pgops_monitor")
    assert database.execute("select refreshes, skipped, age_seconds from app.refresh_status").fetchone() == (0, 0, None)
