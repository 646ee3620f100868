"""What the suite `partitions` writes of its outcomes, and what its writers know of the rows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pgops.bench import partition_parts, partition_report, partition_writers, partitions, report, server
from pgops.bench.figure import Figure
from pgops.bench.partition_operations import DDL, ENGINE, OPERATIONS, PROCEDURE, month
from pgops.bench.partition_parts import Part
from pgops.bench.partition_writers import CLIENTS, Client, Found, Keys
from pgops.bench.partitions import NOTHING, Outcome, _add_waits
from pgops.errors import PgopsError

CONDITIONS = {"machine": "2 cores"}


def outcome(**changes) -> Outcome:
    values = {
        "operation": "drain", "way": ENGINE, "rows": 1000, "rate": 300, "seconds": 2.0, "tries": 1, "problem": None,
        "longest_wait_ms": 90.0, "p99_ms": 9.0, "writes": 600, "failed": 0, "failures": {}, "lost": 0,
        "wal_bytes": 5_000_000, "space_bytes": -1_000_000, "lock_held_ms": 5.0, "engine_wait_ms": 12.0,
    }  # fmt: skip
    return Outcome(**(values | changes))


def targets(*outcomes: Outcome) -> dict[str, str]:
    return {what: reached for _operation, what, _found, reached in partition_report._targets(list(outcomes))}


def test_what_is_to_be_reached_is_held_against_the_engine_under_load() -> None:
    without_load = outcome(way=PROCEDURE, rate=0, seconds=3.0)
    reached = targets(outcome(), without_load, outcome(way=DDL, longest_wait_ms=5000.0))
    assert set(reached.values()) == {"yes"}
    assert len(reached) == 4
    missed = targets(outcome(longest_wait_ms=101.0, lock_held_ms=21.0, lost=1, seconds=3.1), without_load)
    assert set(missed.values()) == {"**no**"}
    assert targets(outcome(rate=2000, longest_wait_ms=199.0))["longest wait at 2,000 writes/s at most 200 ms"] == "yes"
    assert set(targets(outcome(problem="it failed")).values()) == {"**no**"}


def test_outcomes_are_told_by_way_in_whatever_order_they_were_measured() -> None:
    measured = [outcome(way=way, rate=rate) for way, rate in [(DDL, 0), (ENGINE, 300), (NOTHING, 300), (ENGINE, 0)]]
    assert [(each.way, each.rate) for each in Part("drain", found=measured).outcomes] == [
        (NOTHING, 300), (ENGINE, 0), (ENGINE, 300), (DDL, 0),
    ]  # fmt: skip


def figure() -> Figure:
    return Figure("planning", None, None, "ms", [1.0], [2.0])


def test_text_has_a_table_an_operation_and_one_for_many_partitions() -> None:
    found = [
        outcome(way=NOTHING, seconds=10.0),
        outcome(problem="40P01: deadlock", failures={"40001: gone": 3}, tries=20, gave_way=2),
    ]
    many = Part("planning", {"pg_partman": "not measured"}, [figure()])
    text = partition_report.as_text("partitions", [Part("drain", CONDITIONS, found), many], {})
    assert "## drain, 1,000 rows\n\n- machine: 2 cores\n\n| way" in text
    assert "given up: 40P01: deadlock; called 20 times; gave way to others 2 times; 3 x 40001: gone" in text
    assert "| planning |  |  | 1.00 ms | 2.00 ms | 2.00x |" in text
    assert "- pg_partman: not measured" in text
    assert "## To reach" not in partition_report.as_text("partitions", [many], {})


def test_waits_are_drawn(tmp_path: Path) -> None:
    report.refuse_without_plots()
    found = [outcome(), outcome(way=DDL, problem="given up"), outcome(way=NOTHING)]
    parts = [Part("drain", found=found), Part("split", found=[outcome(operation="split")])]
    (path,) = partition_report.plots(tmp_path, parts)
    assert path.read_bytes().startswith(b"\x89PNG")
    assert partition_report.plots(tmp_path, [Part("drain", found=[outcome(rate=0)]), Part("planning")]) == []


def written(folder: Path, *parts: Part) -> None:
    report.write(folder, "partitions", list(parts), {}, lambda *_: [], partition_report.as_text)


def test_parts_of_several_runs_make_one_report(tmp_path: Path) -> None:
    assert partition_parts.kept(tmp_path, ["drain"], 1000) == {}
    drain, planning = Part("drain", CONDITIONS, [outcome()]), Part("planning", {"server": "18"}, [figure()])
    written(tmp_path, planning, drain)
    assert partition_parts.kept(tmp_path, ["split"], 1000) == {"drain": drain, "planning": planning}
    kept = partition_parts.kept(tmp_path, ["drain"], 1000)
    assert kept == {"planning": planning}
    split = Part("split", found=[outcome(operation="split")])
    assert partition_parts.ordered(kept | {"split": split}) == [split, planning]


def test_parts_of_other_rows_are_not_mixed(tmp_path: Path) -> None:
    written(tmp_path, Part("drain", CONDITIONS, [outcome()]), Part("planning", {}, [figure()]))
    with pytest.raises(PgopsError, match="'drain' of 1000 rows: give another --output"):
        partition_parts.kept(tmp_path, ["split"], 2000)
    assert set(partition_parts.kept(tmp_path, ["drain"], 2000)) == {"planning"}
    (tmp_path / "results.json").write_text("{}")
    with pytest.raises(PgopsError, match="cannot be read"):
        partition_parts.kept(tmp_path, ["split"], 2000)


def test_only_writes_that_met_the_operation_count() -> None:
    found = Found(
        [(1.0, 1.0, 1.9), (1.0, 1.5, 2.5), (3.0, 3.0, 3.1), (9.0, 9.0, 9.9)], [(2.5, "no"), (2.6, "no"), (8.0, "late")]
    )
    measured = outcome()
    _add_waits(measured, found, 2.0, 4.0)
    assert (measured.writes, measured.failed, measured.failures) == (2, 2, {"no": 2})
    assert measured.longest_wait_ms == 1000.0
    assert measured.p99_ms >= 1500.0


def test_writes_that_were_due_but_not_sent_count_in_p99() -> None:
    measured = outcome(longest_wait_ms=None)
    _add_waits(measured, Found([(1.0, 5.0, 5.1)], [], []), 1.0, 4.0)
    assert (measured.longest_wait_ms, measured.writes) == (None, 0)
    assert measured.p99_ms == pytest.approx(4100.0)
    _add_waits(measured, Found([], [], [(3.0, 9.0), (8.0, 9.0)]), 1.0, 4.0)
    assert measured.p99_ms == 6000.0


def without_package(*arguments: str, **_options) -> str:
    if "install" in arguments:
        raise PgopsError("Unable to locate package")
    return "18\n"


def test_without_pg_partman_the_report_says_why(monkeypatch) -> None:
    monkeypatch.setattr(server, "docker", without_package)
    missing = server._install("container", ("partman",))
    assert missing == "postgresql-18-partman could not be installed in the container: Unable to locate package"
    assert server._install("container", ()) is None
    monkeypatch.setattr(partitions, "partman_version", lambda _server: None)
    part, said = Part("drain"), []
    partition_parts.measured(server.Server("", "18", missing), part, 1000, said.append)
    assert part.conditions["pg_partman"] == f"**not measured**: {missing}"
    assert said == [f"pg_partman is not measured: {missing}"]


class Session:
    """Finds every second row."""

    def __init__(self) -> None:
        self.calls = 0

    def execute(self, *_arguments):
        self.calls += 1
        return self

    def fetchone(self) -> tuple[int]:
        return (self.calls % 2,)


def test_what_was_not_found_is_not_remembered(monkeypatch) -> None:
    monkeypatch.setattr(partition_writers.psycopg, "connect", lambda *_, **__: None)
    monkeypatch.setattr(partition_writers, "SHARES", {"delete": 1})
    client, session = Client("", 0, Keys(1000, datetime(2026, 1, 1, tzinfo=UTC), 86400), None), Session()
    for _ in range(4):
        client.write(session)
    assert list(client.moved.values()) == [None, None]


def test_clients_share_the_rows_and_times_stay_within_the_span(monkeypatch) -> None:
    monkeypatch.setattr(partition_writers.psycopg, "connect", lambda *_, **__: None)
    keys = Keys(1000, datetime(2026, 1, 1, tzinfo=UTC), 86400)
    seen = [{Client("", number, keys, None).existing()[0] % CLIENTS for _ in range(50)} for number in range(CLIENTS)]
    assert sorted(len(each) for each in seen) == [1] * CLIENTS
    assert len(set.union(*seen)) == CLIENTS
    assert datetime(2026, 1, 1, tzinfo=UTC) < keys.at(1) < keys.at(1000) < datetime(2026, 1, 2, tzinfo=UTC)


def test_partitions_follow_on_one_another_before_this_month() -> None:
    for operation in OPERATIONS.values():
        assert len(operation.partitions()) == len(operation.months)
        assert month(operation.months.stop) < month(0)
