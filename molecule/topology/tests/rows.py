"""Rows of app.t1: written, awaited, and held against those of another cluster."""

from __future__ import annotations

import time
import uuid

from members import Client, Member

NUMBER = "(message ->> 'number')::bigint"
CONTENT = "select count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) from app.t1 t"
ROW = "'account_number', '4000000001', 'client_id', '1', 'operation_type', 'online'"


class Transactions(Client):
    """A client of system 1: each of its rows has a number in its message."""

    def __init__(self, *members: Member) -> None:
        super().__init__(
            *members,
            table="app.t1 where message ? 'number'",
            number=NUMBER,
            highest=f"select coalesce(max({NUMBER}), 0) from app.t1",
            insert=f"insert into app.t1 (date, amount, state, message) select clock_timestamp(), 0.01, 0,"
            f" jsonb_build_object({ROW}, 'number', %s::bigint)",
        )


def numbers(member: Member) -> set[int]:
    """Numbers of the client's rows that a member has."""
    return {int(row) for row in member.query(f"select {NUMBER} from app.t1 where message ? 'number'")}


def write_marker(primary: Member) -> tuple[str, str]:
    """Write one row more; returns SQL that is true where it is, and when it was written."""
    marker = uuid.uuid4()
    (written,) = primary.query(
        "insert into app.t1 (date, amount, state, message) select clock_timestamp(), 0.01, 1,"
        f" jsonb_build_object({ROW}, 'marker', '{marker}') returning date"
    )
    return f"exists (select from app.t1 where message ->> 'marker' = '{marker}')", written


def wait_for(member: Member, sql: str, wanted: list[str], seconds: float = 180) -> None:
    """Wait until a query has these rows."""
    deadline = time.monotonic() + seconds
    while (found := member.query(sql)) != wanted:
        assert time.monotonic() < deadline, f"{member.name}: {sql}: {found}, wanted {wanted}"
        time.sleep(0.3)


def assert_arrives(primary: Member, prompt: list[Member], delayed: Member, delay: str = "30s") -> None:
    """A row written now arrives at the prompt ones while the delayed one does not have it, and there after its delay."""
    is_there, written = write_marker(primary)
    for member in prompt:
        wait_for(member, f"select {is_there}", ["t"])
    # The clock is read after the look, and the delay counts from the commit, which is later than the row's date.
    look = f"select {is_there}, clock_timestamp() < '{written}'::timestamptz + interval '{delay}'"
    looks = []
    deadline = time.monotonic() + 180
    while not looks or looks[-1].startswith("f"):
        assert time.monotonic() < deadline, f"{delayed.name} has not the row of {written} yet"
        looks += delayed.query(look)
        time.sleep(0.3)
    print(f"\n{delayed.name}: a row absent in {len(looks) - 1} looks, {looks.count('f|t')} of them within {delay}")
    assert "f|t" in looks
    assert "t|t" not in looks


def wait_until_equal(primary: Member, other: Member, seconds: float = 180) -> None:
    """Wait until both have the same rows, by count and checksum; they differ by what the jobs write meanwhile."""
    deadline = time.monotonic() + seconds
    looks = 1
    while (content := primary.query(CONTENT)) != (found := other.query(CONTENT)):
        assert time.monotonic() < deadline, f"{primary.name} {content}, {other.name} {found}"
        looks += 1
        time.sleep(0.3)
    print(f"\n{primary.name} and {other.name} are equal at look {looks}: rows|checksum {content[0]}")
