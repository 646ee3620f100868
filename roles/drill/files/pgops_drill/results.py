"""Results of drills: one file each, the latest under a name of its own; a bounded number is kept."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pgops_backup import state

DIRECTORY = Path("/var/lib/pgops/drill")
LATEST = "latest.json"
NAME = re.compile(r"[0-9]{8}T[0-9]{6}Z\.json")


def folder(cluster: str) -> Path:
    """Where the results of a cluster are."""
    return DIRECTORY / cluster


def latest(cluster: str) -> dict[str, Any]:
    """The latest result, {} before the first drill."""
    return state.read(folder(cluster) / LATEST)


def keep(result: dict[str, Any], count: int) -> Path:
    """Write a result; it remembers the last drill that passed, whatever came of this one."""
    place = folder(result["cluster"])
    place.mkdir(parents=True, exist_ok=True)
    before = latest(result["cluster"])
    passed = result["outcome"] == "passed"
    result["last_passed_at"] = result["ended_at"] if passed else before.get("last_passed_at")
    result["last_passed_seconds_since_1970"] = (
        result["ended_seconds_since_1970"] if passed else before.get("last_passed_seconds_since_1970")
    )
    file = place / f"{result['run']}.json"
    state.write(file, result)
    state.write(place / LATEST, result)
    for old in sorted(path for path in place.iterdir() if NAME.fullmatch(path.name))[: -max(1, count)]:
        old.unlink()
    return file
