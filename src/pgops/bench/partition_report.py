"""Results of the suite `partitions` as text and plots."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pgops.bench import report
from pgops.bench.partition_operations import ASYNC, ENGINE, PROCEDURE
from pgops.bench.partition_parts import Part
from pgops.bench.partitions import NOTHING, STEADY_RATE, Outcome

HIGHEST_LOCK_MS, HIGHEST_WAIT_MS, HIGHEST_WAIT_AT_HALF_MS = 20, 100, 200
HEADER = (
    "| way | writes/s | total | rows/s | longest wait | p99 | strongest lock | failed | lost | WAL | space | remarks |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|---|"
)


def as_text(suite: str, parts: list[Part], conditions: dict[str, str]) -> str:
    """A table an operation, what is to be reached, then the figures on many partitions."""
    lines = [f"# Results of `pgops bench {suite}`", "", *_conditions(conditions)]
    for part in parts:
        if part.outcomes:
            lines += [f"## {part.name}, {part.outcomes[0].rows:,} rows", "", *_conditions(part.conditions)]
            lines += [HEADER, *(_line(each) for each in part.outcomes), ""]
    targets = [cells for part in parts for cells in _targets(part.outcomes)]
    if targets:
        lines += ["## To reach", "", "| operation | what | found | reached |", "|---|---|---|---|"]
        lines += [f"| {' | '.join(cells)} |" for cells in targets]
        lines += [""]
    for part in parts:
        if part.figures:
            table = report.as_text(suite, part.figures, {}).split("\n", 2)[2].strip()
            lines += [f"## Many partitions: {part.name}", "", *_conditions(part.conditions), table, ""]
    return "\n".join(lines)


def _conditions(conditions: dict[str, str]) -> list[str]:
    return [*(f"- {name}: {value}" for name, value in conditions.items()), ""] if conditions else []


def _line(outcome: Outcome) -> str:
    remarks = [f"given up: {outcome.problem}"] if outcome.problem else []
    remarks += [f"called {outcome.tries} times"] if outcome.tries > 1 else []
    remarks += [f"gave way to others {outcome.gave_way} times"] if outcome.gave_way else []
    remarks += [f"{count} x {text}" for text, count in outcome.failures.items()]
    nothing, sent = outcome.way == NOTHING, outcome.writes + outcome.failed
    cells = [
        outcome.way, f"{outcome.rate:,}", "" if nothing else f"{outcome.seconds:,.1f} s",
        "" if nothing or outcome.problem else f"{outcome.rows_a_second:,.0f}", _ms(outcome.longest_wait_ms), _ms(outcome.p99_ms),
        _ms(outcome.lock_held_ms), f"{outcome.failed:,} of {sent:,}", f"{outcome.lost:,}",
        f"{outcome.wal_bytes / 1e6:,.0f} MB",
        f"{outcome.space_bytes / 1e6:+,.0f} MB", "; ".join(remarks).replace("|", "/"),
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f} ms"


def _targets(outcomes: list[Outcome]) -> Iterator[tuple[str, str, str, str]]:
    """What the engine is to reach under load, and whether it did."""
    for each in outcomes:
        if each.way != ENGINE or not each.rate:
            continue
        limit = HIGHEST_WAIT_MS if each.rate == STEADY_RATE else HIGHEST_WAIT_AT_HALF_MS
        wait, lock = each.longest_wait_ms or 0.0, each.lock_held_ms or 0.0
        at = f"at {each.rate:,} writes/s"
        done = each.problem is None
        yield each.operation, f"longest wait {at} at most {limit} ms", _ms(wait), _yes(done and wait <= limit)
        yield (
            each.operation,
            f"strongest lock {at} at most {HIGHEST_LOCK_MS} ms",
            _ms(lock),
            _yes(done and lock <= HIGHEST_LOCK_MS),
        )
        wrong = each.failed + each.lost
        yield each.operation, f"failed and lost writes {at}: none", f"{wrong}", _yes(done and not wrong)
        others = [
            other.seconds for other in outcomes
            if other.operation == each.operation and other.way in (PROCEDURE, ASYNC) and not other.rate and not other.problem
        ]  # fmt: skip
        if others:
            what = f"total {at} at most pg_partman's without load ({min(others):,.1f} s)"
            yield each.operation, what, f"{each.seconds:,.1f} s", _yes(done and each.seconds <= min(others))


def _yes(reached: bool) -> str:
    return "yes" if reached else "**no**"


def plots(folder: Path, parts: list[Part]) -> list[Path]:
    """Longest wait of a writer and total time, by operation and way, at the steady rate."""
    outcomes = [each for part in parts for each in part.outcomes if each.rate == STEADY_RATE]
    if not outcomes:
        return []
    from matplotlib import pyplot

    path = folder / "operations.png"
    drawing, (waits, totals) = pyplot.subplots(1, 2, figsize=(13, 5.5), layout="constrained")
    _bars(waits, outcomes, lambda each: each.longest_wait_ms, f"Longest wait of a writer at {STEADY_RATE} writes/s, ms")
    waits.axhline(HIGHEST_WAIT_MS, color="black", linestyle="dashed", linewidth=1)
    waits.set_yscale("log")
    done = [each for each in outcomes if each.way != NOTHING]
    _bars(totals, done, lambda each: each.seconds, "Total time, s (hatched: given up)")
    drawing.savefig(path, dpi=110)
    pyplot.close(drawing)
    return [path]


def _bars(axes, outcomes: list[Outcome], value, title: str) -> None:
    names, ways = (list(dict.fromkeys(getattr(each, key) for each in outcomes)) for key in ("operation", "way"))
    width = 0.8 / len(ways)
    for number, way in enumerate(ways):
        chosen = [each for each in outcomes if each.way == way and value(each) is not None]
        places = [names.index(each.operation) + (number - (len(ways) - 1) / 2) * width for each in chosen]
        bars = axes.bar(places, [value(each) for each in chosen], width=width * 0.92, label=way)
        for bar, each in zip(bars, chosen, strict=True):
            bar.set_hatch("//" if each.problem else "")
    axes.set_xticks(range(len(names)), names)
    axes.set_title(title, fontsize=10)
    axes.legend(fontsize=8)
