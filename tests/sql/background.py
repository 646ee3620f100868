"""Work that runs beside a test."""

from __future__ import annotations

import threading
from collections.abc import Callable

WAIT_SECONDS = 60


class Background(threading.Thread):
    """A function in a thread of its own; `finish` waits for it and raises what it raised."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._work()
        except BaseException as error:
            self._error = error

    def finish(self) -> None:
        self.join(WAIT_SECONDS)
        if self.is_alive():
            raise TimeoutError(f"still running after {WAIT_SECONDS} s")
        if self._error is not None:
            raise self._error
