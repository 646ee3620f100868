"""After pg_dump and pg_restore: what is right by itself, what the audit says, what the repair mends."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql
from servers import ContainerServer

from transactions.system import assert_exact, insert, prepare_primary, totals


@pytest.fixture
def source(extended_server: ContainerServer) -> psycopg.Connection:
    with extended_server.database(extended_server.template("transactions_primary", prepare_primary)) as connection:
        yield connection


def _run(server: ContainerServer, command: str) -> str:
    result = server._container.exec_run(["sh", "-c", command], user="postgres")
    assert result.exit_code == 0, result.output.decode()
    return result.output.decode()


def test_dump_and_restore(extended_server: ContainerServer, source: psycopg.Connection):
    source.execute("call app.generate_transactions(2000, '2026-01-01', 3, 20, 7)")
    expected = totals(source)
    target = extended_server.create_database()
    try:
        with extended_server.connect(target) as connection:
            connection.execute("create extension pg_ivm")
            connection.execute(sql.SQL("alter database {} owner to transactions_owner").format(sql.Identifier(target)))
        dump = f"/tmp/{target}.dump"
        _run(extended_server, f"pg_dump -h 127.0.0.1 --schema=app --schema=pgops -Fc -f {dump} {source.info.dbname}")
        _run(extended_server, f"pg_restore -h 127.0.0.1 --exit-on-error -d {target} {dump} && rm {dump}")
        with extended_server.connect(target) as restored:
            # Everything is there and equal, but app.t1_totals is an ordinary table that nobody maintains.
            assert totals(restored) == expected
            insert(restored)
            assert len(restored.execute("select * from app.totals_drift()").fetchall()) == 1
            repaired = dict(restored.execute("select * from app.repair_totals()").fetchall())
            assert repaired == {"guids": 0, "totals by month": 0, "view app.t1_totals": 1}
            assert_exact(restored)
            insert(restored)
            assert_exact(restored)
            with extended_server.connect(target, user="transactions_reader") as reader:
                assert totals(reader) == totals(restored)
    finally:
        extended_server.drop_database(target)


def test_view_that_is_wrong_or_not_maintained(source: psycopg.Connection):
    insert(source)
    source.execute("select pgivm.refresh_immv('app.t1_totals', false)")
    assert len(source.execute("select * from app.totals_drift()").fetchall()) == 1
    insert(source)
    assert dict(source.execute("select * from app.repair_totals()").fetchall())["view app.t1_totals"] == 1
    assert_exact(source)
    insert(source)
    assert_exact(source)
    source.execute("set session_replication_role = replica; update app.t1_month_total set amount = amount + 1")
    source.execute("reset session_replication_role")
    repaired = dict(source.execute("select * from app.repair_totals()").fetchall())
    assert repaired["totals by month"] == 1
    assert_exact(source)


def test_missing_view_says_what_to_do(source: psycopg.Connection):
    source.execute("drop table app.t1_totals")
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState) as refused:
        source.execute("select * from app.repair_totals()")
    assert "app.t1_totals cannot be repaired: it is missing" in str(refused.value)
    assert "Run the playbook" in str(refused.value)
