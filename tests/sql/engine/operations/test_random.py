"""Random sequences of operations between random writes: the rows are those of a model, each where its bound puts it, as are
those that were detached and archived."""

from __future__ import annotations

import itertools
import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from partition_operations import Operations
from psycopg import errors

EXAMPLES = 150 if os.environ.get("PGOPS_LONG") == "1" else 5
KEYS = st.integers(0, 99)


def machine(engine) -> type[RuleBasedStateMachine]:
    """A table over the numbers 0 to 99, its ranges, and a default partition for what has none."""

    class Partitions(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            engine.run("drop schema app cascade")
            engine.run("delete from pgops.operation")
            engine.run("create schema app authorization engine_owner; grant usage on schema app to public")
            engine.as_owner(
                "create table app.t (k integer, id integer, note text, primary key (id, k)) partition by range (k);"
                "create table app.rest partition of app.t default;"
                "insert into app.t select i % 100, i, 'first' from generate_series(0, 499) as i;"
                "create table app.archive (k integer, id integer, note text, archived_at timestamptz, archive_reason text)"
            )
            self.operations = Operations(engine, "app.t")
            self.session = engine.session()
            self.ranges: dict[str, tuple[int, int]] = {}
            self.rows = [(number, number % 100, "first") for number in range(500)]
            self.detached: dict[str, tuple[tuple[int, int], list[tuple]]] = {}
            self.archived: list[tuple] = []
            self.names = 0

        def teardown(self) -> None:
            self.session.close()

        def name(self) -> str:
            self.names += 1
            return f"p{self.names}"

        def apply(self, operation: str, arguments: dict) -> None:
            self.operations.apply(operation, arguments, session=self.session, batch_blocks=1, lock_budget_ms=900)

        def is_free(self, first: int, last: int) -> bool:
            return not any(first < to and start < last for start, to in self.ranges.values())

        def take(self, partition: str) -> tuple[tuple[int, int], list[tuple]]:
            """Its bounds and its rows, which are the table's no more."""
            start, end = self.ranges.pop(partition)
            taken = [row for row in self.rows if start <= row[1] < end]
            self.rows = [row for row in self.rows if not start <= row[1] < end]
            return (start, end), taken

        @rule(first=KEYS, length=st.integers(1, 60))
        def add(self, first: int, length: int) -> None:
            name, last = self.name(), first + length
            piece = {"name": name, "from": first, "to": last}
            if self.is_free(first, last):
                self.apply("add", piece)
                self.ranges[name] = (first, last)
            else:
                with pytest.raises(errors.InvalidParameterValue, match="would both take some row"):
                    self.apply("add", piece)

        @rule(first=KEYS, lengths=st.lists(st.integers(1, 40), min_size=1, max_size=3))
        def drain(self, first: int, lengths: list[int]) -> None:
            ends = list(itertools.accumulate(lengths, initial=first))
            pieces = {self.name(): bounds for bounds in itertools.pairwise(ends)}
            partitions = [{"name": n, "from": lo, "to": hi} for n, (lo, hi) in pieces.items()]
            if self.is_free(first, ends[-1]):
                self.apply("drain", {"partitions": partitions})
                self.ranges |= pieces
            else:
                with pytest.raises(errors.InvalidParameterValue, match="would both take some row"):
                    self.apply("drain", {"partitions": partitions})

        @precondition(lambda self: self.ranges)
        @rule(data=st.data(), whole=st.booleans())
        def split(self, data, whole: bool) -> None:
            partition = data.draw(st.sampled_from(sorted(self.ranges)))
            start, end = self.ranges[partition]
            cut = data.draw(st.integers(start, end))
            bounds = [(start, cut), (cut, end)] if whole and start < cut < end else [(start, max(cut, start + 1))]
            pieces = {self.name(): bound for bound in bounds}
            self.apply(
                "split",
                {"partition": partition, "into": [{"name": n, "from": lo, "to": hi} for n, (lo, hi) in pieces.items()]},
            )
            del self.ranges[partition]
            self.ranges |= pieces

        @precondition(lambda self: len(self.ranges) > 1)
        @rule(data=st.data())
        def merge(self, data) -> None:
            ordered = sorted(self.ranges, key=lambda name: self.ranges[name])
            first = data.draw(st.integers(0, len(ordered) - 2))
            chosen = ordered[first : first + 2]
            name = data.draw(st.sampled_from([*chosen, self.name()]))
            self.apply("merge", {"partitions": chosen, "into": name})
            bounds = [self.ranges.pop(partition) for partition in chosen]
            self.ranges[name] = (bounds[0][0], bounds[1][1])

        @precondition(lambda self: self.ranges)
        @rule(data=st.data())
        def archive(self, data) -> None:
            partition = data.draw(st.sampled_from(sorted(self.ranges)))
            self.apply("archive", {"partition": partition, "into": "app.archive"})
            self.archived += self.take(partition)[1]

        @precondition(lambda self: self.ranges)
        @rule(data=st.data())
        def drop(self, data) -> None:
            partition = data.draw(st.sampled_from(sorted(self.ranges)))
            self.apply("drop", {"partition": partition, "rows": "discard"})
            self.take(partition)

        @precondition(lambda self: self.ranges)
        @rule(data=st.data())
        def detach(self, data) -> None:
            partition = data.draw(st.sampled_from(sorted(self.ranges)))
            self.apply("detach", {"partition": partition})
            self.detached[partition] = self.take(partition)

        @precondition(lambda self: self.detached)
        @rule(data=st.data())
        def attach_by_hand(self, data) -> None:
            name = data.draw(st.sampled_from(sorted(self.detached)))
            (start, end), rows = self.detached[name]
            command = f"alter table app.t attach partition app.{name} for values from ({start}) to ({end})"
            if not self.is_free(start, end):
                with pytest.raises(errors.InvalidObjectDefinition):
                    engine.run(command)
            elif any(start <= row[1] < end for row in self.rows):
                with pytest.raises(errors.CheckViolation):
                    engine.run(command)
            else:
                engine.run(command)
                self.ranges[name] = (start, end)
                self.rows += rows
                del self.detached[name]

        @rule(data=st.data(), key=KEYS)
        def write(self, data, key: int) -> None:
            number = data.draw(st.integers(0, 600))
            kind = data.draw(st.sampled_from(["put", "move", "delete"]))
            engine.run("delete from app.t where id = %s", number)
            self.rows = [row for row in self.rows if row[0] != number]
            if kind != "delete":
                row = (number, key if kind == "put" else 99 - key, "later")
                engine.run("insert into app.t (id, k, note) values (%s, %s, %s)", *row)
                self.rows.append(row)

        @invariant()
        def every_row_is_there_and_where_it_belongs(self) -> None:
            found = engine.run("select id, k, note, tableoid::regclass::text from app.t")
            assert sorted(row[:3] for row in found) == sorted(self.rows)
            assert engine.run("select id, k, note from app.archive order by 1, 2, 3") == sorted(self.archived)
            for name, (_, rows) in self.detached.items():
                assert engine.run(f"select id, k, note from app.{name} order by 1, 2, 3") == sorted(rows)
            for _, key, _, partition in found:
                owner = [name for name, (start, end) in self.ranges.items() if start <= key < end]
                assert partition == f"app.{owner[0] if owner else 'rest'}"
            assert self.operations.left_over() == []

    return Partitions


def test_random_sequences(engine):
    run_state_machine_as_test(
        machine(engine),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=8,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            phases=[Phase.generate],  # to make a failure smaller would take longer than to read it
        ),
    )
