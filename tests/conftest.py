"""What all tests share."""

from __future__ import annotations

from hypothesis import settings

# A machine that is busy is no failure.
settings.register_profile("pgops", deadline=None)
settings.load_profile("pgops")
