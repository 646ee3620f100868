"""Results as text, JSON and plots."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable
from pathlib import Path

from pgops.bench.figure import Figure
from pgops.errors import PgopsError

Plotter = Callable[[Path, list], list[Path]]
Texter = Callable[[str, list, dict[str, str]], str]


def write(
    folder: Path, suite: str, figures: list, conditions: dict[str, str], plots: Plotter, text_of: Texter | None = None
) -> list[Path]:
    """Write results.json, results.md and the plots; returns the paths. A suite may have a text of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    data, text = folder / "results.json", folder / "results.md"
    document = {"conditions": conditions, "figures": [figure.as_json() for figure in figures]}
    data.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    text.write_text((text_of or as_text)(suite, figures, conditions), encoding="utf-8")
    return [data, text, *plots(folder, figures)]


def as_text(suite: str, figures: list[Figure], conditions: dict[str, str]) -> str:
    lines = [f"# Results of `pgops bench {suite}`", ""]
    lines += [f"- {name}: {value}" for name, value in conditions.items()]
    lines += [
        "",
        "Medians. *Of floor*: time or rate in terms of the floor's, in the same run, or the difference.",
        "",
        "| figure | rows | clients | floor | system | of floor | to reach | reached | beside it |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [_line(figure) for figure in figures]
    return "\n".join(lines) + "\n"


def _line(figure: Figure) -> str:
    reached = {True: "yes", False: "**no**", None: ""}[figure.reached]
    beside = ", ".join(
        f"{name} {_number(figure, values)} ({_relative(figure, values)})" for name, values in figure.beside.items()
    )
    cells = [
        figure.name, _count(figure.rows), _count(figure.clients), _number(figure, figure.floor),
        _number(figure, figure.system), _relative(figure, figure.system), figure.to_reach, reached, beside,
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _number(figure: Figure, values: list[float]) -> str:
    middle = statistics.median(values)
    return f"{middle:,.0f} {figure.unit}" if figure.unit.endswith("/s") else f"{middle:,.2f} {figure.unit}"


def _relative(figure: Figure, values: list[float]) -> str:
    value = figure.value_of(values)
    return f"+{value:.2f} {figure.unit}" if figure.kind == "difference" else f"{value:.2f}x"


def refuse_without_plots() -> None:
    """Make sure that there is something to plot with."""
    try:
        import matplotlib
    except ImportError:
        raise PgopsError(
            "no matplotlib for the plots: install requirements/test.txt, then run the same command again"
        ) from None
    matplotlib.use("Agg")


def bars(folder: Path, figures: list[Figure]) -> list[Path]:
    """Times and rates in terms of their floors."""
    paths = []
    for slug, chosen, title in [
        ("times", [f for f in figures if f.unit == "s" and f.limit], "Time in terms of the floor's (lower is better)"),
        ("rates", [f for f in figures if f.unit.endswith("/s")], "Rate in terms of the floor's (higher is better)"),
        ("single_rows", [f for f in figures if f.unit == "ms"], "One row changes state: median, ms (lower is better)"),
    ]:
        if chosen:
            path = folder / f"{slug}.png"
            _plot(path, chosen, title, absolute=slug == "single_rows")
            paths.append(path)
    return paths


def _size(figure: Figure) -> str:
    sizes = {"rows": figure.rows, "clients": figure.clients}
    return ", ".join(f"{number:,} {name}" for name, number in sizes.items() if number is not None)


def _plot(path: Path, figures: list[Figure], title: str, *, absolute: bool) -> None:
    """Horizontal bars: the system, what stands beside it, and a mark at what is to be reached."""
    from matplotlib import pyplot

    series = ["system", *sorted({name for figure in figures for name in figure.beside})]
    height = 0.8 / len(series)
    plot, axes = pyplot.subplots(figsize=(10, 1.2 + 0.55 * len(figures)), layout="constrained")
    for number, name in enumerate(series):
        places, lengths = [], []
        for place, figure in enumerate(figures):
            values = figure.system if name == "system" else figure.beside.get(name)
            if values:
                places.append(place + number * height)
                lengths.append(statistics.median(values) if absolute else figure.value_of(values))
        axes.barh(places, lengths, height=height * 0.9, label=name)
    for place, figure in enumerate(figures):
        mark = statistics.median(figure.floor) if absolute else figure.limit
        label = ("floor" if absolute or mark is None else "to reach") if place == 0 else None
        axes.vlines(
            mark if mark is not None else 1,
            place - height / 2,
            place + 0.8 - height / 2,
            colors="black",
            linestyles="dashed",
            label=label,
        )
    axes.set_yticks(
        [place + height * (len(series) - 1) / 2 for place in range(len(figures))],
        [f"{figure.name}\n{_size(figure)}" for figure in figures],
        fontsize=8,
    )
    axes.invert_yaxis()
    if absolute:
        axes.set_xscale("log")
    axes.set_title(title)
    axes.legend(fontsize=8)
    plot.savefig(path, dpi=110)
    pyplot.close(plot)
