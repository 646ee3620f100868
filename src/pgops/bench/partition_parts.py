"""Parts of the suite `partitions`: measured in one run or in several, and written into one report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pgops.bench import partition_counts, partitions
from pgops.bench.figure import Figure
from pgops.bench.partition_operations import OPERATIONS
from pgops.bench.partitions import Outcome, Report
from pgops.bench.server import Server
from pgops.errors import PgopsError

NAMES = [*OPERATIONS, "planning", "maintenance"]


@dataclass
class Part:
    """What one part has found, and under which conditions."""

    name: str
    conditions: dict[str, str] = field(default_factory=dict)
    found: list[Outcome | Figure] = field(default_factory=list)

    def as_json(self) -> dict:
        return {
            "name": self.name,
            "conditions": self.conditions,
            "figures": [each.as_json() for each in self.found],
        }

    @property
    def outcomes(self) -> list[Outcome]:
        """By way, then by load."""
        ways = [partitions.NOTHING, *OPERATIONS[self.name].ways] if self.name in OPERATIONS else []
        return sorted(
            (each for each in self.found if isinstance(each, Outcome)),
            key=lambda each: (ways.index(each.way), each.rate),
        )

    @property
    def figures(self) -> list[Figure]:
        return [each for each in self.found if isinstance(each, Figure)]


def measured(server: Server, part: Part, rows: int, say: Report) -> Iterator[Outcome | Figure]:
    """Measure a part; its conditions are noted in it."""
    partman = partitions.partman_version(server)
    part.conditions["server"] = server.description
    why = server.missing or "the server does not have it"
    part.conditions["pg_partman"] = partman or f"**not measured**: {why}"
    if partman is None:
        say(f"pg_partman is not measured: {why}")
    if part.name == "planning":
        return partition_counts.planning(server, say)
    if part.name == "maintenance":
        return partition_counts.maintenance(server, say, partman is not None)
    return partitions.outcomes(server, OPERATIONS[part.name], rows, say, part.conditions, partman is not None)


def kept(folder: Path, names: list[str], rows: int) -> dict[str, Part]:
    """Parts that an earlier run has written, but those that are to be measured; refused when they are of other rows."""
    path = folder / "results.json"
    if not path.exists():
        return {}
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        parts = {each["name"]: _from_json(each) for each in document["figures"] if each["name"] not in names}
    except (ValueError, KeyError, TypeError) as error:
        raise PgopsError(f"{path} cannot be read ({error!r}): give another --output, or remove it") from None
    for part in parts.values():
        for outcome in part.outcomes:
            if outcome.rows != rows:
                raise PgopsError(
                    f"--rows {rows}: {path} has '{part.name}' of {outcome.rows} rows: give another --output, or measure it again"
                )
    return parts


def _from_json(document: dict) -> Part:
    found = [Outcome(**each) if "way" in each else Figure.from_json(each) for each in document["figures"]]
    return Part(document["name"], document["conditions"], found)


def ordered(parts: dict[str, Part]) -> list[Part]:
    return sorted(parts.values(), key=lambda part: NAMES.index(part.name))
