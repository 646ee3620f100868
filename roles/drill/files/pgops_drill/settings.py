"""What the deploy has written down about a cluster and its drill."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from pgops_drill.errors import DrillError

DIRECTORY = Path("/etc/pgops/drill")


@dataclass(frozen=True)
class Settings:
    """Numbers that are 0 are chosen from the machine's cores."""

    cluster: str
    """Name of the inventory host."""
    stanza: str
    version: str
    port: int
    socket_directory: str
    data_directory: str
    directory: str
    """Where scratch clusters lie; each has a folder of its cluster's name in it."""
    databases: tuple[str, ...] = ()
    """Databases that are compared; none named: all that are no templates."""
    checks: tuple[dict[str, Any], ...] = ()
    workers: int = 0
    processes: int = 0
    shared_buffers_mb: int = 128
    reserve_mb: int = 1024
    """What must stay free on the file system."""
    moment_seconds: int = 120
    archive_seconds: int = 300
    recovery_seconds: int = 86400
    check_seconds: int = 3600
    wait_seconds: int = 86400
    """How long another drill of this machine is waited for."""
    amcheck: bool = True
    keep_results: int = 20

    @classmethod
    def parse(cls, given: dict[str, Any]) -> Settings:
        """Read settings; unknown ones are a mistake."""
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(given) - known)
        if unknown:
            raise DrillError(f"unknown settings {', '.join(unknown)}; accepted: {', '.join(sorted(known))}")
        lists = {name: tuple(given[name]) for name in ("databases", "checks") if name in given}
        return cls(**{**given, **lists})

    @classmethod
    def read(cls, cluster: str) -> Settings:
        """The settings of a cluster."""
        path = DIRECTORY / f"{cluster}.json"
        try:
            return cls.parse(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError as error:
            known = sorted(file.stem for file in DIRECTORY.glob("*.json"))
            raise DrillError(
                f"there is no cluster {cluster} to be drilled here; accepted: {', '.join(known) or 'none, deploy first'}"
            ) from error
        except ValueError as error:
            raise DrillError(f"{path} cannot be read: {error}; deploy the system again") from error
