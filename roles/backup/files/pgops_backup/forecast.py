"""How fast WAL is written, how fast it piles up, and when the disk is full."""

from __future__ import annotations

from typing import Any

WINDOW_SECONDS = 600
"""The present rate is that of the last ten minutes, or of as many as were watched."""

NEAR_SECONDS = 3600
"""What comes sooner than this is told in the journal."""


def remember(samples: list[list[float]], now: float, position: int, waiting: int) -> list[list[float]]:
    """Samples of the window with a new one: time, position in WAL, bytes that wait to be archived."""
    kept = [sample for sample in samples if now - WINDOW_SECONDS <= sample[0] < now and sample[1] <= position]
    return [*kept, [now, position, waiting]]


def forecast(samples: list[list[float]], free_bytes: int, limit_bytes: int) -> dict[str, Any]:
    """Rates in bytes a second, and seconds that remain; None where nothing piles up.

    limit_bytes: how much may wait before it is dropped, 0 for no limit.
    """
    seconds = samples[-1][0] - samples[0][0]
    written = (samples[-1][1] - samples[0][1]) / seconds if seconds else 0.0
    growth = (samples[-1][2] - samples[0][2]) / seconds if seconds else 0.0
    waiting = samples[-1][2]
    return {
        "wal_bytes_per_second": round(written, 1),
        "queue_bytes_per_second": round(growth, 1),
        "seconds_until_full": remaining(free_bytes, growth),
        "seconds_until_full_without_archiving": remaining(free_bytes, written),
        "seconds_until_dropped": remaining(limit_bytes - waiting, growth) if limit_bytes else None,
    }


def remaining(room: float, rate: float) -> int | None:
    """Seconds until room is used up."""
    return max(int(room / rate), 0) if rate > 0 else None


def soon(before: dict[str, Any], now: dict[str, Any], key: str) -> bool:
    """Whether what a forecast's key tells has come near since the last look."""
    return _near(now.get(key)) and not _near(before.get(key))


def _near(seconds: int | None) -> bool:
    return seconds is not None and seconds < NEAR_SECONDS
