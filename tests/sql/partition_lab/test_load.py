"""The load on a real server: its mix, lost connections, and the ways it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import psycopg
import pytest
from servers import REPOSITORY

from partition_lab.system import answer, lab, partition_by_hand
from pgops.lab.load import Load

WAIT_SECONDS = 60
TABLES = ("event_logs", "users_distributed", "orders_by_region", "sales_data")


def counts(database: psycopg.Connection) -> dict[str, int]:
    return {table: database.execute(f"select count(*) from app.{table}").fetchone()[0] for table in TABLES}


def wait_for(load: Load, condition: Callable[[], object]) -> None:
    """Wait until the condition holds; a load that cannot write is told by its errors."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, load.summary()
        time.sleep(0.01)


@pytest.mark.parametrize("shape", ["plain", "partitioned"])
def test_every_row_that_is_counted_is_there(database: psycopg.Connection, operator: str, shape: str) -> None:
    if shape == "partitioned":
        partition_by_hand(database)
    found = answer(operator, "simulate", "0", "1", "--clients", "2", "--seed", "5")
    written = {table: counters["rows"] for table, counters in found["tables"].items()}
    assert written == counts(database)
    assert found["all"]["failed"] == found["all"]["in_doubt"] == 0
    assert sum(written.values()) > 100
    assert 0.2 < written["event_logs"] / sum(written.values()) < 0.4
    assert 0.1 < written["sales_data"] / sum(written.values()) < 0.3
    everything = found["all"]
    assert 0 < everything["p50_ms"] <= everything["p95_ms"] <= everything["p99_ms"] <= everything["longest_ms"]


def test_the_interval_is_kept(operator: str) -> None:
    found = answer(operator, "simulate", "100", "1.05", "--clients", "2")
    assert 10 <= found["all"]["rows"] <= 22


def test_connections_that_are_lost_are_made_anew(server, database: psycopg.Connection, client: str) -> None:
    with Load(client, interval_ms=1, clients=2) as load:
        wait_for(load, lambda: load.rows >= 20)
        database.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and usename = 'partition_lab_app'"
        )
        before = load.rows
        wait_for(load, lambda: load.rows >= before + 100)
    found = load.summary()
    assert found["reconnects"] >= 2
    assert found["all"]["in_doubt"] >= 1
    written = sum(counts(database).values())
    assert found["all"]["rows"] <= written <= found["all"]["rows"] + found["all"]["in_doubt"]


def test_rows_that_are_refused_are_counted(database: psycopg.Connection, client: str, operator: str) -> None:
    partition_by_hand(database)
    database.execute("drop table app.sales_data_2024_q2")
    with Load(client, interval_ms=0, seed=3) as load:
        sales = load.counters["sales_data"]
        wait_for(load, lambda: sales.failed and sales.rows)
    found = load.summary()
    assert found["errors"] == {
        'no partition of relation "sales_data" found for row': found["tables"]["sales_data"]["failed"]
    }
    assert {table: counters["rows"] for table, counters in found["tables"].items()} == counts(database)


def test_ctrl_c_ends_it_with_a_summary(database: psycopg.Connection, operator: str) -> None:
    program = "from pgops.cli import main; main()"
    options = ["lab", "simulate", "5", "600", "--dsn", operator, "--json"]
    process = subprocess.Popen(
        [sys.executable, "-c", program, *options], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    deadline = time.monotonic() + WAIT_SECONDS
    while not sum(counts(database).values()):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    output, _nothing = process.communicate(timeout=30)
    assert process.returncode == 0
    found = json.loads(output)
    assert found["all"]["rows"] == sum(counts(database).values()) > 0
    assert found["seconds"] < 60


def test_the_text_has_a_line_a_table(operator: str) -> None:
    result = lab(operator, "simulate", "1", "0.3")
    assert result.exit_code == 0
    for table in (*TABLES, "all"):
        assert any(line.split()[0] == table for line in result.stdout.splitlines() if line.strip())
