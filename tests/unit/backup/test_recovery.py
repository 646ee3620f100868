"""A restored cluster is waited for, and held against the end of the archive."""

from __future__ import annotations

import itertools

import pytest
from pgops_backup import recovery
from pgops_backup.cluster import ClusterError
from pgops_backup.restore_plan import Target, parse_time, plan
from samples import backup, stanza

NOW = parse_time("2026-11-21 16:00:00+00")


@pytest.mark.parametrize(
    ("lsn", "reach", "short"),
    [
        ("0/A013230", "00000001000000000000000E", True),
        ("0/E000000", "00000001000000000000000E", True),  # nothing of it could be read
        ("0/E000100", "00000001000000000000000E", False),
        ("0/F000000", "00000001000000000000000E", False),  # it ends with a switch
        ("1/0", "0000000100000000000000FF", False),
        ("0/A013230", "00000002000000010000000E", True),
        ("0/A013230", "", False),
        (None, "00000001000000000000000E", False),
    ],
)
def test_recovery_that_ends_before_the_archive_does_is_told(lsn, reach, short):
    told = recovery.short_of(lsn, reach)
    assert bool(told) is short
    if told:
        assert f"ended at {lsn} although the archive goes on to segment {reach}" in told


def test_only_the_end_of_the_archive_has_to_be_reached():
    known = stanza(backup("20261121-020000F", int(NOW) - 20000, int(NOW) - 10000, lsn="0/9000000"))
    assert plan(known, Target(), NOW).reach == (known.archive_last or "")
    assert plan(known, Target(name="before the change"), NOW).reach == ""


class Played:
    """A server that answers what it is told to, and a clock that only sleeping moves."""

    def __init__(self, monkeypatch, answers, running):
        self.answers, self.running, self.now = iter(answers), running, 0
        monkeypatch.setattr(recovery, "ask", self.ask)
        monkeypatch.setattr(recovery, "runs", lambda _version, _cluster: self.now < self.running)
        monkeypatch.setattr(recovery.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(recovery.time, "sleep", self.sleep)

    def ask(self, _settings, _query):
        answer = next(self.answers)
        if answer is None:
            raise ClusterError("no connection")
        return answer

    def sleep(self, seconds):
        self.now += seconds


def test_a_server_that_ends_while_its_unit_goes_on_starting_is_not_waited_for(monkeypatch):
    played = Played(monkeypatch, itertools.chain(["t"] * 5, itertools.repeat(None)), running=5)
    assert recovery.wait({}, "18", "main", 86400) == "the server of cluster 18/main has ended"
    assert played.now < 60


def test_a_server_that_is_slow_to_start_is_waited_for(monkeypatch):
    Played(monkeypatch, itertools.chain([None] * 100, ["t"] * 50, ["f"]), running=1000)
    assert recovery.wait({}, "18", "main", 86400) is None


def test_a_recovery_that_takes_too_long_is_told(monkeypatch):
    Played(monkeypatch, itertools.repeat("t"), running=10**9)
    assert recovery.wait({}, "18", "main", 100) == "cluster 18/main was not promoted within 100 s"
