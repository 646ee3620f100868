"""What ends a drill."""


class DrillError(Exception):
    """The drill cannot go on; the message says why, and what to do."""


class Skipped(Exception):
    """There is nothing to be drilled here."""
