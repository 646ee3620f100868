"""Hypothesis: no deadline (a busy machine is no failure), no examples kept on disk."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("unit", deadline=None, database=None)
settings.load_profile("unit")
