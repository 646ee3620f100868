"""What a long command says while it works: one line a step, and where the time went."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich import box
from rich.console import Console
from rich.table import Table

PLAIN_WIDTH = 140


def output() -> Console:
    """Standard output; wide enough for the tables when it is a file or a pipe."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    return console


class Progress:
    """Prints steps as they go on and remembers what each took."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.seconds: dict[str, float] = {}

    def say(self, message: str) -> None:
        """A line of its own, e.g. a decision."""
        self.console.print(f"[bold]==>[/] {message}", soft_wrap=True)

    @contextmanager
    def step(self, name: str, message: str) -> Iterator[None]:
        """Something that may take a while; counts under `name`."""
        self.say(message)
        with self.timed(name):
            yield

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Count the time of the body under `name`, without a line."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - started

    def table(self) -> Table:
        """Where the time went."""
        table = Table("step", "seconds", title="Where the time went", title_justify="left", box=box.SIMPLE_HEAD)
        table.columns[1].justify = "right"
        for name, seconds in self.seconds.items():
            table.add_row(name, f"{seconds:.1f}")
        table.add_section()
        table.add_row("all", f"{sum(self.seconds.values()):.1f}")
        return table
