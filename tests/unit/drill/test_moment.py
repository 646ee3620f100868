"""The moment: a server is played that assigns, runs and ends transactions between any two of our questions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pgops_drill.errors import DrillError
from pgops_drill.moment import attempt, find, is_clean


@pytest.mark.parametrize(
    ("snapshot", "number", "clean"),
    [
        ("101:101:", 100, True),
        ("100:101:100", 100, False),
        ("99:101:99", 100, False),
        ("102:102:", 100, False),
        ("100:100:", 100, False),
        ("99:99:", 100, False),
    ],
)
def test_a_clean_snapshot_sees_all_up_to_a_number_and_nothing_else(snapshot, number, clean):
    assert is_clean(snapshot, number) is clean


class Played:
    """A server with writers who begin, write their commit to WAL, and are seen as ended some time later."""

    def __init__(self, steps):
        self.steps = iter(steps)
        self.next = 100
        self.running = []  # without a commit in WAL
        self.ending = []  # commit is in WAL, nobody sees it yet
        self.seen = set(range(100))
        self.wal = set(range(100))
        self.at_restore_point = None
        self.names = []

    def others(self):
        step = next(self.steps, "wait")
        if step == "begin":
            self.running.append(self.take())
        elif step == "commit" and self.running:
            number = self.running.pop(0)
            self.wal.add(number)
            self.ending.append(number)
        elif step == "seen" and self.ending:
            self.seen.add(self.ending.pop(0))

    def take(self):
        self.next += 1
        return self.next - 1

    def snapshot(self):
        behind = max(self.seen) + 1
        running = sorted(number for number in self.running + self.ending if number < behind)
        return f"{min(running, default=behind)}:{behind}:{','.join(map(str, running))}"

    def rows(self, sql, parameters=None):
        self.others()
        return []

    def value(self, sql, parameters=None):
        self.others()
        if "pg_current_xact_id" in sql:
            number = self.take()
            self.wal.add(number)
            self.seen.add(number)
            return str(number)
        if "pg_current_snapshot" in sql:
            self.last_snapshot = (self.snapshot(), frozenset(self.seen))
            return self.last_snapshot[0]
        if "pg_create_restore_point" in sql:
            self.names.append(parameters[0])
            self.at_restore_point = frozenset(self.wal)
            return "0/5000000"
        return "00000003-1"


STEPS = st.lists(st.sampled_from(["begin", "commit", "seen", "wait"]), min_size=9, max_size=9)


@settings(max_examples=2000)
@given(STEPS)
def test_what_is_in_wal_at_the_restore_point_is_what_the_snapshot_sees(steps):
    server = Played(steps)
    if attempt(server, {"a": server, "b": server}, "name") is not None:
        assert server.at_restore_point == server.last_snapshot[1]


def test_a_transaction_whose_commit_is_not_seen_yet_is_not_overlooked():
    """Its number is behind every snapshot's end, so that snapshots alone would be clean and equal."""
    #          rollback, begin, number, snapshot, restore point
    server = Played(["wait", "wait", "wait", "begin", "commit"])
    assert attempt(server, {"a": server}, "name") is None
    assert server.at_restore_point != server.last_snapshot[1]
    assert is_clean(server.last_snapshot[0], 100)


def test_names_are_unique_and_every_database_has_a_snapshot():
    server = Played(["wait"] * 4 + ["begin", "commit", "seen"])
    found = find(server, {"a": server, "b": server}, "20261121T000000Z", 10, sleep=lambda _: None)
    assert found.tries > 1
    assert len(set(server.names)) == len(server.names)
    assert max(map(len, server.names)) < 64
    assert found.snapshots.keys() == {"a", "b"}


class Busy(Played):
    """A transaction never ends."""

    def __init__(self, open_transactions):
        super().__init__([])
        self.running.append(self.take())
        self.open_transactions = open_transactions

    def rows(self, sql, parameters=None):
        return self.open_transactions if "pg_stat_activity" in sql else []


@pytest.mark.parametrize(
    ("open_transactions", "words"),
    [
        (
            [("process 7 of app in database d (batch), open for 900 s, active", 900)],
            ["(batch), open for 900 s", "drill_moment_seconds"],
        ),
        ([], ["writers follow each other without a break", "drill_calendar"]),
    ],
)
def test_a_server_that_is_too_busy(open_transactions, words):
    now = iter(range(1000))
    with pytest.raises(DrillError) as error:
        find(Busy(open_transactions), {"a": Busy([])}, "run", 3, clock=lambda: next(now), sleep=lambda _: None)
    for word in [*words, "within 3 s"]:
        assert word in str(error.value)
