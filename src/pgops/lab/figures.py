"""Pictures of the report: maps of partitions, and latency while they change."""

from __future__ import annotations

import base64
import io
from typing import Any

import matplotlib

matplotlib.use("svg")

from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

WIDTH = 11
LETTER_SHARE = 0.0095
"""Of the longest bar, about what a letter takes: a part that is narrower than its label gets none."""
MOST_SPANS_NAMED = 6


def encoded(figure: Figure) -> str:
    """An SVG as the address of an image, so that the page needs no other file."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    pyplot.close(figure)
    return f"data:image/svg+xml;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def partition_map(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> str:
    """A bar a table, before and after, cut into its partitions: by rows, and by size."""
    bars = [("before", table) for table in before] + [("after", table) for table in after]
    # By table, so that the two states of one stand beneath each other.
    bars.sort(key=lambda bar: (bar[1]["name"].removesuffix("_old"), bar[1]["name"], bar[0] == "after"))
    names = sorted({part["name"] for _when, table in bars for part in table["parts"]})
    colours = {name: pyplot.get_cmap("tab20")(number % 20) for number, name in enumerate(names)}
    figure, (rows, sizes) = pyplot.subplots(
        1, 2, figsize=(WIDTH, 0.9 + 0.5 * len(bars)), width_ratios=(3, 1), sharey=True, layout="constrained"
    )
    longest = max((table["rows"] for _when, table in bars), default=0)
    for axes, key, unit, title in (
        (rows, "rows", 1, "rows"),
        (sizes, "size_bytes", 1e6, "size in MB, indexes included"),
    ):
        for place, (_when, table) in enumerate(bars):
            _stack(axes, place, table, key, unit, colours)
            if key == "rows" and longest:
                _label(axes, place, table, longest)
        axes.set_title(title, fontsize=9, loc="left")
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.tick_params(labelsize=8, left=False)
    rows.set_yticks(range(len(bars)), [f"{table['name']}\n{when}" for when, table in bars], fontsize=8)
    rows.invert_yaxis()
    return encoded(figure)


def _stack(axes: Axes, place: int, table: dict[str, Any], key: str, unit: float, colours: dict[str, Any]) -> None:
    left = 0.0
    for part in table["parts"]:
        width = part[key] / unit
        colour = "#d0d0d0" if table["key"] is None else colours[part["name"]]
        axes.barh(place, width, left=left, height=0.7, color=colour, edgecolor="white", linewidth=0.8)
        left += width


def _label(axes: Axes, place: int, table: dict[str, Any], longest: int) -> None:
    """Name and rows of each part that is wide enough for them."""
    left = 0
    for part in table["parts"]:
        name = "plain" if table["key"] is None else part["name"].removeprefix(f"{table['name']}_")
        lines = [line for line in (name, f"{part['rows']:,}") if len(line) * LETTER_SHARE <= part["rows"] / longest]
        axes.text(left + part["rows"] / 2, place, "\n".join(lines), ha="center", va="center", fontsize=6.5)
        left += part["rows"]


def latency(step: dict[str, Any]) -> str:
    """Median and longest latency of the writers over time, with the engine's operations behind."""
    figure, axes = pyplot.subplots(figsize=(WIDTH, 3), layout="constrained")
    times = [point[0] for point in step["series"]]
    axes.plot(
        times, [point[2] for point in step["series"]], ".", markersize=3, color="tab:red", label="longest in 0.1 s"
    )
    axes.plot(times, [point[1] for point in step["series"]], linewidth=1, color="tab:blue", label="median")
    for bound_ms in sorted({done["lock_budget_ms"] for done in step.get("operations", []) if "lock_budget_ms" in done}):
        axes.axhline(bound_ms, linestyle="--", linewidth=0.8, color="black", label=f"budget for locks: {bound_ms} ms")
    axes.set_yscale("log")
    spans = step.get("spans", [])
    for number, span in enumerate(spans):
        axes.axvspan(span["from"], span["to"], alpha=0.15, color=f"C{2 + number % 6}", linewidth=0)
        if len(spans) <= MOST_SPANS_NAMED:
            height = 1.01 if number % 2 == 0 else 1.08  # short ones that follow one another do not cover their names
            axes.text(span["from"], height, span["operation"], fontsize=7, transform=axes.get_xaxis_transform())
    axes.set_xlabel("seconds since the load began", fontsize=8)
    axes.set_ylabel("latency of an insert, ms", fontsize=8)
    axes.tick_params(labelsize=8)
    axes.grid(True, alpha=0.3)
    axes.legend(fontsize=7, loc="upper right")
    return encoded(figure)
