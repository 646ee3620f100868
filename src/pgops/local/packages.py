"""Which Debian and which PostgreSQL packages the local hosts get."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from pgops.local import reach
from pgops.paths import STATE

PGDG_URI = "https://apt.postgresql.org/pub/repos/apt"
KEEP_SECONDS = 24 * 3600
CACHE = STATE / "packages.json"
LABEL_PREFIX = "pgops.packages."


@dataclass(frozen=True)
class Packages:
    """A Debian suite, and where PostgreSQL of which version comes from.

    `package_source_kind` and `postgresql_version` are the roles' variables of
    these names.
    """

    suite: str
    package_source_kind: str
    postgresql_version: int

    def describe(self) -> str:
        """One line for the user."""
        if self.package_source_kind == "pgdg":
            return f"PostgreSQL {self.postgresql_version} from the PostgreSQL project's repository"
        return f"apt.postgresql.org does not answer: Debian {self.suite}'s PostgreSQL {self.postgresql_version} instead"

    def labels(self) -> dict[str, str]:
        """Labels that a container made for these packages carries."""
        return {LABEL_PREFIX + name: str(value) for name, value in asdict(self).items()}


FROM_PROJECT = Packages("trixie", "pgdg", 16)
FROM_DEBIAN = Packages("testing", "distribution", 18)


def from_labels(labels: Mapping[str, str]) -> Packages | None:
    """What a container was made for; None for labels that do not say it."""
    try:
        return Packages(
            labels[LABEL_PREFIX + "suite"],
            labels[LABEL_PREFIX + "package_source_kind"],
            int(labels[LABEL_PREFIX + "postgresql_version"]),
        )
    except (KeyError, ValueError):
        return None


def probe() -> Packages:
    """Ask the PostgreSQL project's repository."""
    answers = reach.apt_suite_answers(PGDG_URI, f"{FROM_PROJECT.suite}-pgdg")
    return FROM_PROJECT if answers else FROM_DEBIAN


def choose(
    *,
    refresh: bool = False,
    cache: Path = CACHE,
    now: Callable[[], float] = time.time,
    ask: Callable[[], Packages] = probe,
) -> Packages:
    """The packages for new hosts; the repository is asked once a day, or when refresh is wanted."""
    if not refresh:
        kept = _read(cache, now())
        if kept is not None:
            return kept
    packages = ask()
    cache.parent.mkdir(parents=True, exist_ok=True)
    cache.write_text(json.dumps({"asked_at": now(), **asdict(packages)}) + "\n")
    return packages


def _read(cache: Path, now: float) -> Packages | None:
    try:
        content = json.loads(cache.read_text())
        if not 0 <= now - content.pop("asked_at") < KEEP_SECONDS:
            return None
        return Packages(**content)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
