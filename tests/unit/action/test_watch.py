"""The watch of an operation prints what has changed, and ends when nothing more will happen."""

from __future__ import annotations

from unittest import mock

import pytest

from ansible_collections.pgops.fleet.plugins.action import postgresql_partition_operation_info as watch

RUNNING = {"state": "copying", "is_run": True, "options": {"switch": "wait"}, "switch_requested": False}


def look(words: str, **changes) -> dict:
    return {"words": words, "record": RUNNING | changes}


@pytest.fixture
def clock(monkeypatch):
    """Time that passes only when somebody sleeps."""
    now = [0.0]
    monkeypatch.setattr(watch.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(watch.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    return now


def run(monkeypatch, looks: list[dict], **arguments) -> tuple[dict, list[str]]:
    """Result and printed lines of an action whose module returns these looks, the last of them for ever."""
    printed, left = [], list(looks)
    monkeypatch.setattr(watch.display, "display", printed.append)
    monkeypatch.setattr(watch.ActionBase, "run", lambda *_: {})
    action = watch.ActionModule.__new__(watch.ActionModule)
    action._task = mock.Mock(args={"watch": True, **arguments})
    action._execute_module = lambda **_: left.pop(0) if len(left) > 1 else left[0]
    return action.run(task_vars={"inventory_hostname": "tx1"}), printed


def test_prints_each_change_once_and_returns_the_last_look(monkeypatch, clock) -> None:
    looks = [look("copied 1"), look("copied 1"), look("copied 2"), look("done", state="done", is_run=False)]
    result, printed = run(monkeypatch, looks)
    assert printed == ["  tx1: copied 1", "  tx1: copied 2", "  tx1: done"]
    assert result == looks[-1]
    assert clock[0] == 6


@pytest.mark.parametrize("state", ["failed", "cancelled", "undone"])
def test_ends_with_the_operation(monkeypatch, clock, state) -> None:
    assert run(monkeypatch, [look("over", state=state)])[1] == ["  tx1: over"]
    assert clock[0] == 0


def test_ends_where_somebody_has_to_say_that_it_may_switch(monkeypatch, clock) -> None:
    run(monkeypatch, [look("copied"), look("ready", state="waiting"), look("never")])
    assert clock[0] == 2
    switching = look("ready", state="waiting", switch_requested=True)
    assert run(monkeypatch, [switching, look("done", state="done")])[1] == ["  tx1: ready", "  tx1: done"]


def test_has_patience_with_what_nobody_runs_yet(monkeypatch, clock) -> None:
    begun = look("begun", is_run=False)
    result, _printed = run(monkeypatch, [begun, begun, look("done", state="done")], patience_seconds=5)
    assert result["words"] == "done"
    clock[0] = 0
    run(monkeypatch, [begun], patience_seconds=5)
    assert clock[0] == 6


def test_looks_once_without_a_watch_and_gives_back_failures(monkeypatch, clock) -> None:
    assert run(monkeypatch, [look("copied")], watch=False) == (look("copied"), [])
    assert run(monkeypatch, [{"failed": True, "msg": "no server"}]) == ({"failed": True, "msg": "no server"}, [])


def test_no_operation_at_all_ends_the_watch(monkeypatch, clock) -> None:
    run(monkeypatch, [{"words": "none", "record": {}}])
    assert clock[0] == 0
