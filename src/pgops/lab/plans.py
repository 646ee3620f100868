"""How many of a table's partitions a query has read, taken from the plan of EXPLAIN (ANALYZE, FORMAT JSON)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Reading:
    """What a plan says of a table's partitions; the counts add up to `partitions`."""

    partitions: int
    """Leaves that the table has; 0 when it is not partitioned."""
    read: tuple[str, ...]
    """Those that were scanned at least once."""
    removed_at_start: int
    """Left out when execution began, by the values of parameters ("Subplans Removed")."""
    never_executed: tuple[str, ...]
    """Left out while the query ran ("never executed")."""
    planning_ms: float
    execution_ms: float
    rows: int
    """Rows that the plan returned."""
    nodes: tuple[str, ...] = field(default=())
    """Kinds of scan that read the partitions."""

    @property
    def pruned_by_planner(self) -> int:
        """Not in the plan at all."""
        return self.partitions - len(self.read) - self.removed_at_start - len(self.never_executed)

    def __str__(self) -> str:
        if not self.partitions:
            return "the table is not partitioned"
        left_out = [
            f"{count} {how}"
            for count, how in (
                (self.pruned_by_planner, "left out by the planner"),
                (self.removed_at_start, "when execution began"),
                (len(self.never_executed), "while it ran"),
            )
            if count
        ]
        plural = "" if self.partitions == 1 else "s"
        text = f"read {len(self.read)} of {self.partitions} partition{plural}"
        return f"{text} ({', '.join(left_out)})" if left_out else text


def reading(explained: Any, leaves: set[str]) -> Reading:
    """Read the plan; `leaves` are the names of the table's leaves, without schema."""
    (document,) = explained
    read: dict[str, str] = {}
    skipped: set[str] = set()
    removed = 0
    for node in nodes_of(document["Plan"]):
        removed += node.get("Subplans Removed", 0)
        relation = node.get("Relation Name")
        if relation not in leaves:
            continue
        if node["Actual Loops"] > 0:
            read[relation] = node["Node Type"]
        else:
            skipped.add(relation)
    return Reading(
        partitions=len(leaves),
        read=tuple(sorted(read)),
        removed_at_start=removed,
        never_executed=tuple(sorted(skipped - set(read))),
        planning_ms=document.get("Planning Time", 0.0),
        execution_ms=document["Execution Time"],
        rows=int(document["Plan"]["Actual Rows"] * document["Plan"]["Actual Loops"]),
        nodes=tuple(sorted(set(read.values()))),
    )


def nodes_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The node and all below it."""
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes_of(child)
