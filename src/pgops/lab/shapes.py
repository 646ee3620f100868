"""The four tables of the lab and the shapes that they get: a policy of the engine each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SCHEMA = "app"


@dataclass(frozen=True)
class Shape:
    """A table of the lab."""

    table: str
    strategy: str
    rows_at_scale_1: int
    policy: dict[str, Any]

    @property
    def name(self) -> str:
        """With its schema."""
        return f"{SCHEMA}.{self.table}"

    @property
    def old_name(self) -> str:
        """The plain table, once it has a partitioned successor."""
        return f"{SCHEMA}.{self.table}_old"

    def rows_at(self, scale: int) -> int:
        """Rows that a seed adds."""
        return self.rows_at_scale_1 * scale


def month(year: int, number: int) -> dict[str, str]:
    """Name and bounds of a month of event_logs."""
    following = (year, number + 1) if number < 12 else (year + 1, 1)
    return {
        "name": f"event_logs_{year}_{number:02}",
        "from": f"{year}-{number:02}-01",
        "to": f"{following[0]}-{following[1]:02}-01",
    }


EVENTS = Shape(
    "event_logs", "range", 300,
    {
        "by": {"range": "created_at"},
        "partitions": [month(2024, 1), month(2024, 2), month(2024, 3)],
        "default": "event_logs_default",
        "time_zone": "UTC",
    },
)  # fmt: skip
USERS = Shape(
    "users_distributed", "hash", 150,
    {"by": {"hash": "id", "modulus": 4}, "name": "users_distributed_p{remainder}"},
)  # fmt: skip
ORDERS = Shape(
    "orders_by_region", "list", 200,
    {
        "by": {"list": "region"},
        "partitions": [
            {"name": f"orders_by_region_{region}", "values": [region]}
            for region in ("north_america", "europe", "asia_pacific")
        ],
        "default": "orders_by_region_other",
    },
)  # fmt: skip
SALES = Shape(
    "sales_data", "composite", 250,
    {
        "by": {"range": "sale_date"},
        "partitions": [
            {"name": "sales_data_2024_q1", "from": "2024-01-01", "to": "2024-04-01"},
            {"name": "sales_data_2024_q2", "from": "2024-04-01", "to": "2024-07-01"},
        ],
        "default": False,  # a sale of another time is refused
        "subpartitions": {
            "by": {"list": "category"},
            "partitions": [
                {"name": f"{{parent}}_{category}", "values": [category]} for category in ("electronics", "clothing")
            ],
            "default": "{parent}_other",
        },
    },
)  # fmt: skip
SHAPES = (EVENTS, USERS, ORDERS, SALES)
STRATEGIES = {shape.strategy: shape for shape in SHAPES}

ARCHIVE = f"{SCHEMA}.event_logs_archive"
USERS_BY_DATE = f"{SCHEMA}.users_by_date"
