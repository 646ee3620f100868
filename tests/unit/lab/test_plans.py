"""How a plan is read; the plans were recorded from real servers of both ends of what is supported."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from pgops.lab.plans import reading

PLANS = Path(__file__).parent / "plans"
RECORDED = sorted(PLANS.glob("postgresql_*.json"))
LEAVES = {
    "event_logs": {f"event_logs_{part}" for part in ("2024_01", "2024_02", "2024_03", "default")},
    "users_distributed": {f"users_distributed_p{part}" for part in range(4)},
    "orders_by_region": {f"orders_by_region_{part}" for part in ("north_america", "europe", "asia_pacific", "other")},
    "sales_data": {
        f"sales_data_2024_q{quarter}_{part}" for quarter in (1, 2) for part in ("electronics", "clothing", "other")
    },
}
# Read, left out by the planner, when execution began, and while it ran.
EXPECTED = {
    ("event_logs", "events of ten days"): (1, 3, 0, 0),
    ("event_logs", "events from the middle of one month to the middle of the next"): (2, 2, 0, 0),
    ("event_logs", "events since a moment that is not known before the query runs"): (2, 0, 0, 2),
    ("event_logs", "events of one user at any time"): (4, 0, 0, 0),
    ("users_distributed", "one user"): (1, 3, 0, 0),
    ("users_distributed", "one user, prepared without knowing which"): (1, 0, 3, 0),
    ("orders_by_region", "orders of two regions"): (2, 2, 0, 0),
    ("orders_by_region", "orders of two regions, prepared without knowing which"): (2, 0, 2, 0),
    ("orders_by_region", "the same, given as an array: PostgreSQL prunes by none"): (4, 0, 0, 0),
    ("sales_data", "sales of one month and category"): (1, 5, 0, 0),
    ("sales_data", "sales of one quarter"): (3, 3, 0, 0),
    ("sales_data", "sales of one category at any time"): (2, 4, 0, 0),
    ("sales_data", "sales of one day and category, prepared without knowing which"): (1, 0, 5, 0),
}


def recorded(file: Path, title: str) -> list[dict[str, Any]]:
    return json.loads(file.read_text())[title]


def test_both_ends_are_recorded() -> None:
    assert [file.stem for file in RECORDED] == ["postgresql_16", "postgresql_18"]


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: file.stem)
@pytest.mark.parametrize(("table", "title"), EXPECTED, ids=str)
def test_recorded_plans(file: Path, table: str, title: str) -> None:
    found = reading(recorded(file, title), LEAVES[table])
    counts = (len(found.read), found.pruned_by_planner, found.removed_at_start, len(found.never_executed))
    assert counts == EXPECTED[table, title]
    assert sum(counts) == found.partitions == len(LEAVES[table])
    assert found.execution_ms > 0


def test_the_statement_names_each_way_of_leaving_out() -> None:
    found = reading(
        recorded(RECORDED[-1], "events since a moment that is not known before the query runs"), LEAVES["event_logs"]
    )
    assert str(found) == "read 2 of 4 partitions (2 while it ran)"
    assert found.read == ("event_logs_2024_01", "event_logs_default")
    assert found.never_executed == ("event_logs_2024_02", "event_logs_2024_03")


def test_a_table_without_partitions() -> None:
    found = reading(recorded(RECORDED[0], "one user"), set())
    assert str(found) == "the table is not partitioned"
    assert found.read == ()


def test_a_partition_scanned_twice_counts_once() -> None:
    """One scan of a join may not have run while the other has."""
    plan = copy.deepcopy(recorded(RECORDED[0], "events of one user at any time"))
    scan = {"Node Type": "Seq Scan", "Relation Name": "event_logs_2024_01", "Actual Loops": 0, "Actual Rows": 0}
    plan[0]["Plan"].setdefault("Plans", []).append(scan)
    found = reading(plan, LEAVES["event_logs"])
    assert len(found.read) == 4
    assert found.never_executed == ()


def test_other_tables_of_the_query_do_not_count() -> None:
    found = reading(recorded(RECORDED[0], "orders of one region"), LEAVES["event_logs"])
    assert (found.read, found.pruned_by_planner) == ((), 4)


def test_a_query_that_can_have_no_row_reads_nothing() -> None:
    plan = [{"Plan": {"Node Type": "Result", "Actual Loops": 1, "Actual Rows": 0}, "Execution Time": 0.01}]
    assert str(reading(plan, {"a"})) == "read 0 of 1 partition (1 left out by the planner)"
