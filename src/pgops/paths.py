"""Where things lie in a clone of the repository."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".pgops"
"""Caches and state of this clone, ignored by git; may be removed at any time."""
