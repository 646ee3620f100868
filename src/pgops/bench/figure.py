"""What a benchmark measures, and how a figure stands to its floor."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field, fields
from typing import Literal


@dataclass
class Figure:
    """One row of the table: times or rates of the system, of the floor, and of others that stand beside them."""

    name: str
    rows: int | None
    """None: what is measured does not hang on a number of rows."""
    clients: int | None
    unit: Literal["s", "ms", "MB", "rows/s", "tx/s", "MB/s"]
    floor: list[float]
    system: list[float]
    to_reach: str = ""
    limit: float | None = None
    """Of `value`: at most for times, at least for rates."""
    kind: Literal["ratio", "difference"] = "ratio"
    beside: dict[str, list[float]] = field(default_factory=dict)

    @property
    def value(self) -> float:
        return self.value_of(self.system)

    def value_of(self, measured: list[float]) -> float:
        """Ratio of the medians; for `difference`, how much more than the floor."""
        middle, floor = statistics.median(measured), statistics.median(self.floor)
        return middle - floor if self.kind == "difference" else middle / floor

    @property
    def reached(self) -> bool | None:
        if self.limit is None:
            return None
        return self.value >= self.limit if self.unit.endswith("/s") else self.value <= self.limit

    def as_json(self) -> dict:
        return {
            "name": self.name, "rows": self.rows, "clients": self.clients, "unit": self.unit, "kind": self.kind,
            "floor": self.floor, "system": self.system, "beside": self.beside,
            "value": self.value, "limit": self.limit, "to_reach": self.to_reach, "reached": self.reached,
        }  # fmt: skip

    @classmethod
    def from_json(cls, document: dict) -> Figure:
        """What `as_json` has written."""
        return cls(**{each.name: document[each.name] for each in fields(cls)})
