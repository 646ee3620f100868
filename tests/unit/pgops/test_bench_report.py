"""Figures stand beside their floors, and are written as text, JSON and plots."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pgops.bench import refresh, report
from pgops.bench.figure import Figure

CONDITIONS = {"machine": "2 cores"}


def figure(**changes) -> Figure:
    values = {"name": "work", "rows": 1000, "clients": 10, "unit": "s", "floor": [1.0, 2.0, 9.0], "system": [3.0]}
    return Figure(**(values | changes))


def test_a_ratio_is_of_medians() -> None:
    assert figure().value == 1.5
    assert figure(kind="difference").value == 1.0


@pytest.mark.parametrize(
    ("unit", "limit", "reached"),
    [("s", 1.5, True), ("s", 1.4, False), ("rows/s", 1.5, True), ("MB/s", 1.6, False), ("s", None, None)],
)
def test_times_have_a_greatest_value_and_rates_a_least(unit, limit, reached) -> None:
    assert figure(unit=unit, limit=limit).reached is reached


def test_text_leaves_out_sizes_that_do_not_matter() -> None:
    text = report.as_text("backup", [figure(rows=None, clients=None, unit="MB/s", beside={"other": [4.0]})], CONDITIONS)
    assert text.startswith("# Results of `pgops bench backup`\n")
    assert "- machine: 2 cores" in text
    assert "| work |  |  | 2 MB/s | 3 MB/s | 1.50x |  |  | other 4 MB/s (2.00x) |" in text


def test_results_are_written_with_a_plot_of_each_kind(tmp_path: Path) -> None:
    report.refuse_without_plots()
    figures = [figure(limit=2.0), figure(unit="rows/s"), figure(unit="ms")]
    written = report.write(tmp_path, "transactions", figures, CONDITIONS, report.bars)
    assert {path.name for path in written} == {
        "results.json",
        "results.md",
        "times.png",
        "rates.png",
        "single_rows.png",
    }
    assert json.loads((tmp_path / "results.json").read_text())["figures"][0]["value"] == 1.5


def test_costs_of_a_change_are_drawn_by_the_size_of_the_table(tmp_path: Path) -> None:
    report.refuse_without_plots()
    figures = [
        figure(name=name, rows=rows, unit="ms", beside={refresh.REFRESH: [9.0 * rows]})
        for name in refresh.CHANGES.values()
        for rows in (1000, 2000)
    ]
    (path,) = refresh.plot(tmp_path, figures)
    assert path.read_bytes().startswith(b"\x89PNG")
