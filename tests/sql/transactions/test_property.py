"""Whatever sequence of statements runs: totals equal a model's, the registry is exact."""

from __future__ import annotations

import dataclasses
import uuid
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import errors
from servers import Server

from transactions.system import assert_exact, message, totals

MONTHS = (1, 2, 3, 7)  # 7 has no partition: its rows are in the default one
TABLES = {1: "app.t1_2026_01", 2: "app.t1_2026_02", 3: "app.t1_2026_03", 7: "app.t1_default"}


@dataclasses.dataclass
class Row:
    month: int
    amount: Decimal
    state: int
    guid: uuid.UUID
    client_id: int
    operation_type: str


rows = st.lists(
    st.tuples(
        st.sampled_from(MONTHS),
        st.decimals(0, 1000, places=2),
        st.integers(0, 1),
        st.integers(1, 4),
        st.sampled_from(["online", "offline"]),
    ),
    min_size=1,
    max_size=6,
)
# A statement concerns the rows with id % divisor = remainder, through the root or through one month's partition.
subset = st.tuples(st.integers(1, 4), st.integers(0, 3))
place = st.sampled_from([None, *MONTHS])
operations = st.one_of(
    st.tuples(st.just("insert"), place, rows),
    st.tuples(st.just("copy"), place, rows),
    st.tuples(st.just("set_state"), place, subset, st.integers(0, 1)),
    st.tuples(st.just("flip_state"), place, subset),
    st.tuples(st.just("set_amount"), place, subset, st.decimals(0, 50, places=2)),
    st.tuples(st.just("set_client"), place, subset, st.integers(1, 4), st.sampled_from(["online", "offline"])),
    st.tuples(st.just("set_guid"), place, subset),
    st.tuples(st.just("move"), subset, st.sampled_from(MONTHS)),
    st.tuples(st.just("merge"), subset, subset, rows),
    st.tuples(st.just("delete"), place, subset),
    st.tuples(st.just("duplicate"), place, st.sampled_from(MONTHS)),
    st.tuples(st.just("truncate"), place),
    st.tuples(st.just("detach"), st.sampled_from([1, 2, 3])),
    st.tuples(st.just("attach"), st.sampled_from([1, 2, 3])),
    st.tuples(st.just("drop"), st.sampled_from([1, 2, 3])),
)


class Machine:
    """Does each operation to the database and to a model of it."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        self.rows: dict[int, Row] = {}
        self.detached: dict[int, dict[int, Row]] = {}
        self.next_id = 1

    def reset(self) -> None:
        self.connection.execute("set client_min_messages = error")
        self.connection.execute("drop table if exists source")
        for month in (1, 2, 3):
            self.connection.execute(f"drop table if exists {TABLES[month]}")
        self.connection.execute("truncate app.t1")
        for month in (1, 2, 3):
            self.connection.execute(f"create table {TABLES[month]} partition of app.t1 {self._bounds(month)}")
        self.rows, self.detached, self.next_id = {}, {}, 1

    def do(self, operation: tuple) -> None:
        name, *arguments = operation
        getattr(self, name)(*arguments)

    def check(self) -> None:
        expected: dict[tuple, list] = defaultdict(lambda: [Decimal(0), 0])
        for row in self.rows.values():
            if row.state == 1:
                group = expected[row.client_id, row.operation_type]
                group[0] += row.amount
                group[1] += 1
        assert totals(self.connection) == {group: tuple(values) for group, values in expected.items()}
        assert_exact(self.connection)

    @staticmethod
    def _bounds(month: int) -> str:
        return f"for values from ('2026-{month:02}-01Z') to ('2026-{month + 1:02}-01Z')"

    def _table(self, month: int | None) -> str | None:
        """The table that a statement names; none when that partition is not attached."""
        if month is None:
            return "app.t1"
        return None if month in self.detached else TABLES[month]

    def _place_of(self, row: Row) -> int:
        return 7 if row.month in self.detached else row.month

    def _make(self, month: int | None, values: list[tuple]) -> dict[int, Row]:
        """Rows for a statement that names a month's partition have a date of that month."""
        made = {}
        for row_month, amount, state, client_id, operation_type in values:
            made[self.next_id] = Row(month or row_month, amount, state, uuid.uuid4(), client_id, operation_type)
            self.next_id += 1
        return made

    @staticmethod
    def _tuple(row_id: int, row: Row) -> tuple:
        body = message(client_id=row.client_id, operation_type=row.operation_type)
        return (row_id, f"2026-{row.month:02}-{row_id % 28 + 1:02} 12:00Z", row.amount, row.state, row.guid, body)

    def _concerned(self, place: int | None, subset: tuple[int, int]) -> list[Row]:
        divisor, remainder = subset
        return [
            row for row_id, row in self.rows.items()
            if row_id % divisor == remainder and place in (None, self._place_of(row))
        ]  # fmt: skip

    def _update(self, place: int | None, subset: tuple[int, int], assignment: str, *values) -> list[Row]:
        table = self._table(place)
        if table is None:
            return []
        self.connection.execute(f"update {table} set {assignment} where id %% %s = %s", [*values, *subset])
        return self._concerned(place, subset)

    def insert(self, place: int | None, values: list[tuple]) -> None:
        table = self._table(place)
        if table is not None:
            made = self._make(place, values)
            parameters = [value for item in made.items() for value in self._tuple(*item)]
            holders = ", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(made))
            self.connection.execute(
                f"insert into {table} (id, date, amount, state, transaction_guid, message) values {holders}", parameters
            )
            self.rows |= made

    def copy(self, place: int | None, values: list[tuple]) -> None:
        table = self._table(place)
        if table is not None:
            made = self._make(place, values)
            statement = f"copy {table} (id, date, amount, state, transaction_guid, message) from stdin"
            with self.connection.cursor() as cursor, cursor.copy(statement) as copy:
                for item in made.items():
                    copy.write_row(self._tuple(*item))
            self.rows |= made

    def set_state(self, place: int | None, subset: tuple[int, int], state: int) -> None:
        for row in self._update(place, subset, "state = %s", state):
            row.state = state

    def flip_state(self, place: int | None, subset: tuple[int, int]) -> None:
        for row in self._update(place, subset, "state = 1 - state"):
            row.state = 1 - row.state

    def set_amount(self, place: int | None, subset: tuple[int, int], amount: Decimal) -> None:
        for row in self._update(place, subset, "amount = %s", amount):
            row.amount = amount

    def set_client(self, place: int | None, subset: tuple[int, int], client_id: int, operation_type: str) -> None:
        body = message(client_id=client_id, operation_type=operation_type)
        for row in self._update(place, subset, "message = %s", body):
            row.client_id, row.operation_type = client_id, operation_type

    def set_guid(self, place: int | None, subset: tuple[int, int]) -> None:
        self._update(place, subset, "transaction_guid = gen_random_uuid()")
        # Read back rather than modelled: the model only needs to know them for `duplicate`.
        for row_id, guid in self.connection.execute("select id, transaction_guid from app.t1").fetchall():
            self.rows[row_id].guid = guid

    def move(self, subset: tuple[int, int], month: int) -> None:
        for row in self._update(None, subset, "date = make_timestamptz(2026, %s, 11, 1, 1, 1, 'UTC')", month):
            row.month = month

    def merge(self, deleted: tuple[int, int], updated: tuple[int, int], values: list[tuple]) -> None:
        made = self._make(None, values)
        self.connection.execute("create temp table source (like app.t1, choice text)")
        for item in made.items():
            self.connection.execute(
                "insert into source (id, date, amount, state, transaction_guid, message, choice)"
                " values (%s, %s, %s, %s, %s, %s, 'insert')",
                self._tuple(*item),
            )
        self.connection.execute(
            """
            insert into source
            select *, case when id %% %s = %s then 'delete' when id %% %s = %s then 'update' else 'leave' end from app.t1
            """,
            [*deleted, *updated],
        )
        self.connection.execute(
            """
            merge into app.t1 using source on t1.id = source.id and t1.date = source.date
            when matched and choice = 'delete' then delete
            when matched and choice = 'update' then update set state = 1 - t1.state
            when not matched then insert (id, date, amount, state, transaction_guid, message)
                values (source.id, source.date, source.amount, source.state, source.transaction_guid, source.message)
            """
        )
        self.connection.execute("drop table source")
        for row_id, row in list(self.rows.items()):
            if row_id % deleted[0] == deleted[1]:
                del self.rows[row_id]
            elif row_id % updated[0] == updated[1]:
                row.state = 1 - row.state
        self.rows |= made

    def delete(self, place: int | None, subset: tuple[int, int]) -> None:
        table = self._table(place)
        if table is not None:
            gone = self._concerned(place, subset)
            self.connection.execute(f"delete from {table} where id %% %s = %s", subset)
            self.rows = {row_id: row for row_id, row in self.rows.items() if not any(row is other for other in gone)}

    def duplicate(self, place: int | None, month: int) -> None:
        table = self._table(place)
        if table is not None and self.rows:
            guid = next(iter(self.rows.values())).guid
            [(row_id, row)] = self._make(place, [(month, Decimal(1), 1, 1, "online")]).items()
            row.guid = guid
            with pytest.raises(errors.UniqueViolation), self.connection.transaction():
                self.connection.execute(
                    f"insert into {table} (id, date, amount, state, transaction_guid, message)"
                    " values (%s, %s, %s, %s, %s, %s)",
                    self._tuple(row_id, row),
                )

    def truncate(self, place: int | None) -> None:
        table = self._table(place)
        if table is not None:
            self.connection.execute(f"truncate {table}")
            self.rows = {
                row_id: row for row_id, row in self.rows.items() if place is not None and self._place_of(row) != place
            }

    def detach(self, month: int) -> None:
        if month not in self.detached:
            self.connection.execute(f"alter table app.t1 detach partition {TABLES[month]}")
            self.detached[month] = {row_id: row for row_id, row in self.rows.items() if row.month == month}
            self.rows = {row_id: row for row_id, row in self.rows.items() if row.month != month}

    def attach(self, month: int) -> None:
        if month not in self.detached:
            return
        statement = f"alter table app.t1 attach partition {TABLES[month]} {self._bounds(month)}"
        if any(row.month == month for row in self.rows.values()):
            with (
                pytest.raises(errors.CheckViolation),
                self.connection.transaction(),
            ):  # they are in the default partition
                self.connection.execute(statement)
        else:
            self.connection.execute(statement)
            self.rows |= self.detached.pop(month)

    def drop(self, month: int) -> None:
        if month not in self.detached:
            self.connection.execute(f"drop table {TABLES[month]}")
            self.connection.execute(f"create table {TABLES[month]} partition of app.t1 {self._bounds(month)}")
            self.rows = {row_id: row for row_id, row in self.rows.items() if row.month != month}


@pytest.fixture(scope="module")
def machine(server: Server, primary_template: str) -> Iterator[Machine]:
    with server.database(primary_template) as connection:
        yield Machine(connection)


class Undo(Exception):
    pass


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(st.tuples(operations, st.booleans()), min_size=4, max_size=14))
def test_totals_and_registry_are_exact_after_any_sequence(machine: Machine, steps: list[tuple]):
    machine.reset()
    for operation, keep in steps:
        if keep or operation[0] == "duplicate":
            machine.do(operation)
        else:
            rows_before = {row_id: dataclasses.replace(row) for row_id, row in machine.rows.items()}
            detached_before = {month: dict(rows) for month, rows in machine.detached.items()}
            try:
                with machine.connection.transaction():
                    machine.do(operation)
                    machine.check()
                    raise Undo
            except Undo:
                machine.rows, machine.detached = rows_before, detached_before
        machine.check()
