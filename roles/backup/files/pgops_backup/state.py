"""Files that the watches leave behind: for the next look, for the metrics, for whoever reads them."""

from __future__ import annotations

import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SETTINGS = Path("/etc/pgops/backup")
STATE = Path("/var/lib/pgops/backup")


def read(path: Path) -> dict[str, Any]:
    """What a file says; nothing when it is not there or was cut short by a crash."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}


def write(path: Path, content: dict[str, Any]) -> None:
    """Write a file in one step: a reader sees the old or the new one."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2, sort_keys=True)
            file.write("\n")
        Path(draft).chmod(0o644)
        Path(draft).replace(path)
    except OSError:  # a full disk must not fill with drafts
        Path(draft).unlink(missing_ok=True)
        raise


def moment(seconds: float) -> str:
    """A time as people and machines read it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
