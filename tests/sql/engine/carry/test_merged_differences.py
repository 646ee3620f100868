"""Partitions that are merged become one table: whatever one has and the other has not is named."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.long_when_repeated

JANUARY, FEBRUARY = "app.t1_2024_01", "app.t1_2024_02"
DIFFERENCES = {
    "index": "create index on app.t1_2024_02 (note)",
    "unique constraint": "alter table app.t1_2024_02 add unique (note, day)",
    "check": "alter table app.t1_2024_02 add constraint small check (amount < 1000)",
    "check of another text": "alter table app.t1_2024_01 add constraint small check (amount < 1000);"
    "alter table app.t1_2024_02 add constraint small check (amount < 2000)",
    "foreign key": "alter table app.t1_2024_02 add constraint k foreign key (country) references app.country",
    "statistics": "create statistics app.s on country, note from app.t1_2024_02",
    "comment": "comment on table app.t1_2024_02 is 'February'",
    "comment on a column": "comment on column app.t1_2024_02.note is 'free'",
    "column: default": "alter table app.t1_2024_02 alter note set default 'x'",
    "column: not null": "alter table app.t1_2024_02 alter note set not null",
    "column: target": "alter table app.t1_2024_02 alter note set statistics 321",
    "replica identity": "alter table app.t1_2024_02 replica identity full",
    "storage: parameter": "alter table app.t1_2024_02 set (fillfactor = 70)",
    "storage: unlogged": "alter table app.t1_2024_02 set unlogged",
    "sequence": "create sequence app.numbers owned by app.t1_2024_02.amount",
    "row-level security": "create policy p on app.t1 using (id > 0); create policy p on app.t1_2024_01 using (id > 1);"
    "create policy p on app.t1_2024_02 using (id > 2)",
}


@pytest.fixture(scope="module")
def two_months(shared_tree):
    shared_tree.engine.as_owner(
        f"create table {FEBRUARY} partition of app.t1 for values from ('2024-02-01') to ('2024-03-01')"
    )
    return shared_tree


@pytest.mark.parametrize("turn", ["first", "second"])
@pytest.mark.parametrize("name", DIFFERENCES)
def test_a_difference_is_named(two_months, name, turn):
    engine = two_months.engine
    sources = [JANUARY, FEBRUARY] if turn == "first" else [FEBRUARY, JANUARY]
    with engine.superuser.transaction(force_rollback=True):
        assert two_months.obstacles(*sources, operation="merge") == []
        engine.run("set local role engine_owner")
        engine.run(DIFFERENCES[name])
        engine.run("reset role")
        (text,) = two_months.obstacles(*sources, operation="merge")
        kind = name.split(":")[0].split(" on ")[0].split(" of ")[0].replace("unique constraint", "index")
        assert f"which are to become one table, differ in their {kind} (" in text


def test_what_both_have_is_no_difference(two_months):
    engine = two_months.engine
    with engine.superuser.transaction(force_rollback=True):
        engine.run("set local role engine_owner")
        for month in (JANUARY, FEBRUARY):
            engine.run(
                f"create index on {month} (note); comment on table {month} is 'a month';"
                f"alter table {month} set (fillfactor = 70), alter note set default 'x';"
                f"create statistics on country, note from {month}; alter table {month} replica identity full;"
                f"alter table {month} add constraint small check (amount < 1000);"
                f"alter table {month} add foreign key (country) references app.country"
            )
        engine.run("reset role")
        assert two_months.obstacles(JANUARY, FEBRUARY, operation="merge") == []


def test_the_default_partition_keeps_what_it_has(two_months):
    engine = two_months.engine
    with engine.superuser.transaction(force_rollback=True):
        engine.run("comment on table app.t1_default is 'the rest'")
        assert two_months.obstacles(JANUARY, FEBRUARY, "app.t1_default", operation="merge") == []
