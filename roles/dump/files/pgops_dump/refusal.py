"""What is said to the one who asked."""

from __future__ import annotations


class Refused(Exception):
    """Something cannot be done; the message names the value, what is accepted, and the next step."""
