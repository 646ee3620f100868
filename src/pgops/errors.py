"""The ways the command line ends other than well."""

from __future__ import annotations


class PgopsError(Exception):
    """Something the user can mend; the message names it, what was found, and the next step."""


class Interrupted(BaseException):
    """Ctrl-C or SIGTERM; no Exception, so that nothing on the way takes it for a failure."""

    advice = "Nothing is lost: run the same command again to go on."
