"""What the demonstration queries read, by the plans of real servers."""

from __future__ import annotations

import psycopg

from partition_lab.system import answer, lab, partition_by_hand, refusal


def statements(found: list[dict]) -> dict[str, str]:
    return {each["title"]: each["statement"] for each in found}


def test_range(partitioned: str) -> None:
    assert statements(answer(partitioned, "queries", "range")) == {
        "events of ten days": "read 1 of 4 partitions (3 left out by the planner)",
        "events from the middle of one month to the middle of the next": (
            "read 2 of 4 partitions (2 left out by the planner)"
        ),
        "events of a time without a partition of its own": "read 1 of 4 partitions (3 left out by the planner)",
        "events since a moment that is not known before the query runs": ("read 2 of 4 partitions (2 while it ran)"),
        "events of one user at any time": "read 4 of 4 partitions",
    }


def test_hash(partitioned: str) -> None:
    found = answer(partitioned, "queries", "hash")
    assert statements(found)["one user"] == "read 1 of 4 partitions (3 left out by the planner)"
    assert statements(found)["one user, prepared without knowing which"] == (
        "read 1 of 4 partitions (3 when execution began)"
    )
    assert statements(found)["users of one country"] == "read 4 of 4 partitions"
    assert found[0]["rows"] == 1


def test_list(partitioned: str) -> None:
    found = answer(partitioned, "queries", "list")
    assert statements(found) == {
        "orders of one region": "read 1 of 4 partitions (3 left out by the planner)",
        "orders of two regions": "read 2 of 4 partitions (2 left out by the planner)",
        "orders of a region without a partition of its own": "read 1 of 4 partitions (3 left out by the planner)",
        "orders of two regions, prepared without knowing which": "read 2 of 4 partitions (2 when execution began)",
        "the same, given as an array: PostgreSQL prunes by none": "read 4 of 4 partitions",
        "orders of one customer": "read 4 of 4 partitions",
    }
    assert found[2]["read"] == ["orders_by_region_other"]


def test_composite(partitioned: str) -> None:
    found = answer(partitioned, "queries", "composite")
    assert statements(found) == {
        "sales of one month and category": "read 1 of 6 partitions (5 left out by the planner)",
        "sales of one quarter": "read 3 of 6 partitions (3 left out by the planner)",
        "sales of one category at any time": "read 2 of 6 partitions (4 left out by the planner)",
        "sales of one day and category, prepared without knowing which": (
            "read 1 of 6 partitions (5 when execution began)"
        ),
    }
    assert found[0]["read"] == ["sales_data_2024_q1_electronics"]
    assert found[3]["read"] == ["sales_data_2024_q2_other"]
    parts = found[0]["table"]["parts"]
    assert len(parts) == 6
    assert sum(part["rows"] for part in parts) == 250
    assert all(part["size_bytes"] > 0 for part in parts)
    assert {part["parent"] for part in parts} == {"sales_data_2024_q1", "sales_data_2024_q2"}


def test_plain_and_empty_tables(database: psycopg.Connection, operator: str) -> None:
    found = answer(operator, "queries")
    assert {each["statement"] for each in found} == {"the table is not partitioned"}
    assert {each["strategy"] for each in found} == {"range", "hash", "list", "composite"}
    partition_by_hand(database)
    assert (
        "read 1 of 4 partitions (3 left out by the planner)" in statements(answer(operator, "queries", "list")).values()
    )


def test_the_text_says_what_was_read(partitioned: str) -> None:
    result = lab(partitioned, "queries", "composite")
    assert result.exit_code == 0
    assert "read 1 of 6 partitions" in result.stdout
    assert "sales_data_2024_q1_electronics" in result.stdout


def test_an_unknown_strategy() -> None:
    assert lab("dbname=x", "queries", "round-robin").exit_code == 2
    assert "no connection string of libpq" in refusal("dbname", "queries")
