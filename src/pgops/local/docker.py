"""Calls of the `docker` program; the one Ansible's docker connection uses as well."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pgops.errors import PgopsError

QUERY_TIMEOUT_SECONDS = 60


def docker(
    *arguments: str,
    timeout_seconds: float = QUERY_TIMEOUT_SECONDS,
    input_text: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Standard output of `docker ARGUMENTS`; PgopsError with the engine's own words when it fails."""
    result = attempt(*arguments, timeout_seconds=timeout_seconds, input_text=input_text, environment=environment)
    if result.returncode != 0:
        command = " ".join(("docker", *arguments[:3]))
        raise PgopsError(f"'{command} ...' failed: {last_lines(result.stderr or result.stdout)}")
    return result.stdout.strip()


def attempt(
    *arguments: str,
    timeout_seconds: float = QUERY_TIMEOUT_SECONDS,
    input_text: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Like docker(), for calls that may fail."""
    try:
        return subprocess.run(
            ["docker", *arguments],
            check=False,
            capture_output=True,
            text=True,
            input=input_text,
            stdin=subprocess.DEVNULL if input_text is None else None,
            timeout=timeout_seconds,
            env=environment,
        )
    except FileNotFoundError:
        raise PgopsError("no `docker` program on PATH: install Docker, then run the same command again") from None
    except subprocess.TimeoutExpired:
        command = " ".join(("docker", *arguments[:3]))
        raise PgopsError(
            f"'{command} ...' gave no answer within {timeout_seconds:.0f} seconds: is the engine overloaded? "
            "(docker info), then run the same command again"
        ) from None


def inspect(kind: str, *names: str) -> list[dict[str, Any]]:
    """What the engine knows of the named objects that exist; kind is image, container, network or volume."""
    if not names:
        return []
    result = attempt(kind, "inspect", *names)
    if result.returncode != 0 and "no such" not in result.stderr.lower() and "not found" not in result.stderr.lower():
        raise PgopsError(f"'docker {kind} inspect' failed: {last_lines(result.stderr)}")
    return json.loads(result.stdout or "[]")


def last_lines(text: str, count: int = 8) -> str:
    """End of a program's output, where the reason of a failure stands."""
    return "\n".join(text.strip().splitlines()[-count:])


def tail_of(path: Path, count: int = 15) -> str:
    """Last lines of a log file; empty when there is none."""
    return last_lines(path.read_text(errors="replace"), count) if path.is_file() else ""
