"""What the lab's commands have found, as tables to read."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pgops.lab.queries import Answer
from pgops.lab.seed import Seeded
from pgops.local.summary import size


def table_of(title: str, *columns: str, right: tuple[str, ...] = ()) -> Table:
    """An empty table as wide as its title at least."""
    table = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False,
        min_width=len(title),
    )  # fmt: skip
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return table


def seeded(found: list[Seeded]) -> Table:
    """Rows that were added."""
    table = table_of("Rows added", "table", "rows", "seconds", right=("rows", "seconds"))
    for each in found:
        table.add_row(each.table, f"{each.rows:,}", f"{each.seconds:.1f}")
    return table


def states(title: str, found: list[dict[str, Any]]) -> Table:
    """Partitions of tables with bounds, rows and sizes."""
    table = table_of(title, "table", "partition", "bounds", "rows", "size", right=("rows", "size"))
    for number, each in enumerate(found):
        if number:
            table.add_section()
        many = each["key"] is not None
        kind = Text(each["key"] or "plain", style="dim")
        table.add_row(each["name"], "", kind, f"{each['rows']:,}", size(each["size_bytes"]))
        for part in each["parts"] if many else ():
            table.add_row("", part["name"], part["bounds"], f"{part['rows']:,}", size(part["size_bytes"]))
    return table


def task(console: Console, found: dict[str, Any]) -> None:
    """What came of a scenario."""
    console.print(states(f"{found['title']}: before", found["before"]))
    console.print(states(f"{found['title']}: after", found["after"]))
    for proof in found["proofs"]:
        console.print(f"  [green]✓[/] {proof}", soft_wrap=True)
    if found["operations"]:
        console.print(operations(found["operations"]))
    console.print(
        f"Took {found['seconds']:.1f} s; no writer waited longer than {found['longest_wait_ms']:.1f} ms for it, as the "
        "engine has measured.",
        soft_wrap=True,
    )
    if found["load"] is not None:
        console.print()
        console.print(load(found["load"]))


def plan(title: str, found: list[dict[str, Any]]) -> Table:
    """Steps that the engine would take."""
    table = table_of(
        f"{title}: plan", "operation", "of", "step", "on", "locks", "rows", "what", right=("rows",)
    )  # fmt: skip
    for step in found:
        rows = "" if step["row_count"] is None else f"{step['row_count']:,}"
        first = step["step"] == 1
        table.add_row(
            step["operation"] if first else "", step["relation"] if first else "", step["action"], step["object_name"],
            step["lock_level"], rows, step["description"],
        )  # fmt: skip
    return table


def operations(found: list[dict[str, Any]]) -> Table:
    """The engine's own records."""
    table = table_of(
        "Operations", "operation", "of", "state", "rows", "seconds", "longest wait", "under lock", "tries", "WAL",
        right=("rows", "seconds", "longest wait", "under lock", "tries", "WAL"),
    )  # fmt: skip
    for each in found:
        table.add_row(
            each["operation"],
            each["relation_name"],
            each["state"],
            f"{each['rows']:,}",
            f"{each['seconds']:.2f}",
            f"{each['longest_wait_ms']:.1f} ms",
            f"{each['lock_held_ms']:.1f} ms",
            str(each["tries"]),
            size(each["wal_bytes"]),
        )
    return table


def load(found: dict[str, Any]) -> Table:
    """Counters of the load by table, with percentiles of the latency in ms."""
    title = (
        f"Load: {found['clients']} client{'' if found['clients'] == 1 else 's'}, {found['seconds']:.1f} s, "
        f"{found['rows_per_second']:,.1f} rows/s, {found['reconnects']} reconnects"
    )
    figures = ("rows", "failed", "in doubt", "p50 ms", "p95 ms", "p99 ms", "longest ms")
    table = table_of(title, "table", *figures, right=figures)
    for name, counters in found["tables"].items():
        table.add_row(name, *_figures(counters))
    table.add_section()
    table.add_row("all", *_figures(found["all"]))
    for message, count in found["errors"].items():
        table.add_row(Text(f"{count} × {message}", style="yellow"))
    return table


def _figures(counters: dict[str, Any]) -> list[str]:
    counts = [f"{counters[name]:,}" for name in ("rows", "failed", "in_doubt")]
    return counts + [f"{counters[name]:.2f}" for name in ("p50_ms", "p95_ms", "p99_ms", "longest_ms")]


def answers(console: Console, strategy: str, found: list[Answer], shape: dict[str, Any]) -> None:
    """Each demonstration query with what it has read."""
    console.print(states(f"{strategy}: {shape['name']}", [shape]))
    table = table_of(
        f"{strategy}: what is read", "query", "partitions", "by", "rows", "planned", "took",
        right=("rows", "planned", "took"),
    )  # fmt: skip
    for answer in found:
        reading = answer.reading
        text = Text(f"{answer.query.title}\n").append(answer.query.text, style="dim")
        if answer.query.parameters:
            text.append(f"\n$1 .. = {', '.join(answer.query.parameters)}", style="dim")
        statement = Text(f"{reading}\n").append(", ".join(reading.read), style="dim")
        table.add_row(
            text, statement, ", ".join(reading.nodes), f"{reading.rows:,}", f"{reading.planning_ms:.2f} ms",
            f"{reading.execution_ms:.2f} ms",
        )  # fmt: skip
        table.add_section()
    console.print(table)
