"""What the lab's commands have done since its last reset, kept for the report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pgops.lab.connection import Lab
from pgops.paths import STATE


def path_of(lab: Lab) -> Path:
    """File of a lab's record."""
    return STATE / "lab" / f"{lab.name}.json"


def read(lab: Lab) -> list[dict[str, Any]]:
    """Steps in the order in which they were done."""
    path = path_of(lab)
    return json.loads(path.read_text()) if path.is_file() else []


def add(lab: Lab, step: dict[str, Any]) -> None:
    """Keep a step; one of the same name is replaced, and comes last."""
    steps = [known for known in read(lab) if known["name"] != step["name"]]
    _write(lab, [*steps, step])


def clear(lab: Lab) -> None:
    """Forget all steps."""
    _write(lab, [])


def _write(lab: Lab, steps: list[dict[str, Any]]) -> None:
    path = path_of(lab)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(steps, indent=1) + "\n")
    new.replace(path)  # a command that is killed leaves no half of it
