"""What a table is beyond its rows and columns goes to the partitioned table with it, and back."""

from __future__ import annotations

import pytest
from conversions import MONTHS

pytestmark = pytest.mark.long_when_repeated

TABLE = """
create table app.events (id bigint not null, at timestamptz not null, note text, primary key (id, at));
insert into app.events select i, '2024-01-01 00:00+00'::timestamptz + i * interval '97 minutes', 'note ' || i
from generate_series(1, 1000) as i;
"""


def identities(engine) -> set[tuple]:
    """Replica identity of the table and each of its partitions, with the columns of the index that it is by."""
    return set(
        engine.run(
            "select c.relreplident::text, (select string_agg(pg_get_indexdef(i.indexrelid, n, false), ', ' order by n)"
            " from pg_index as i cross join generate_series(1, i.indnatts) as n where i.indrelid = c.oid and i.indisreplident)"
            " from pg_class as c where c.oid = 'app.events'::regclass"
            " or c.oid in (select relid from pg_partition_tree('app.events'))"
        )
    )


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        ("full", ("f", None)),
        ("nothing", ("n", None)),
        ("using index events_once", ("i", "at, note")),
        ("default", ("d", None)),
    ],
)
def test_the_replica_identity_of_a_plain_table(plain_events, identity, expected):
    engine = plain_events.engine
    engine.as_owner(
        f"{TABLE} alter table app.events alter note set not null; create unique index events_once on app.events (at, note);"
        f"alter table app.events replica identity {identity}"
    )
    plain_events.apply("convert", MONTHS)
    assert engine.value("select count(*) from pg_partition_tree('app.events')") > 3
    assert identities(engine) == {expected}
    plain_events.apply("undo")
    assert engine.value("select relkind from pg_class where oid = 'app.events'::regclass") == "r"
    assert identities(engine) == {expected}


def test_a_policy_that_the_table_had_comes_back_with_it(plain_events):
    engine = plain_events.engine
    engine.as_owner(
        "create table app.events (id bigint not null, at timestamptz not null, note text, primary key (id, at))"
        " partition by range (at)"
    )
    engine.set_policy(
        {"by": {"range": "at", "every": "year"}, "name": "events_{year}", "ahead": 1, "time_zone": "Europe/Berlin",
            "retention": {"keep": "30 years", "then": "detach"}}, table="app.events",
    )  # fmt: skip
    engine.apply("2024-02-01", table="app.events")
    engine.run("insert into app.events values (1, '2024-01-05', 'x'), (2, '2025-02-05', 'y')")
    question = "select policy from pgops.partition_policy where parent = 'app.events'::regclass"
    before = engine.value(question)
    names = engine.partitions("app.events")
    plain_events.apply("convert", MONTHS | {"default": "events_rest"})
    assert engine.value(question)["by"]["every"] == "month"
    plain_events.apply("undo")
    assert engine.run(question) == [(before,)]
    assert engine.value("select count(*) from pgops.partition_policy") == 1
    assert engine.partitions("app.events") == names
    # It is in force again: the next run makes what it wants, and nothing else.
    assert engine.operations(table="app.events", as_of="2024-02-01") == []
    engine.apply("2026-02-01", table="app.events")
    assert {"events_2026", "events_2027"} <= set(engine.partitions("app.events"))


def test_after_finish_only_the_new_policy_is_there(plain_events):
    engine = plain_events.engine
    engine.as_owner(TABLE.replace("primary key (id, at));", "primary key (id, at)) partition by range (at);"
        " create table app.all_of_it partition of app.events default;"))  # fmt: skip
    engine.set_policy({"by": {"range": "at", "every": "year"}, "name": "events_{year}"}, table="app.events")
    plain_events.apply("convert", MONTHS)
    plain_events.apply("finish", {"drop_old": True})
    assert engine.run("select parent::text, policy -> 'by' ->> 'every' from pgops.partition_policy") == [
        ("app.events", "month")
    ]


def test_default_privileges_give_nobody_rows_of_a_converted_table(plain_events):
    engine = plain_events.engine
    engine.as_owner(TABLE)
    grant = "alter default privileges for role engine_owner in schema app {} all on tables {} engine_stranger"
    engine.as_owner(grant.format("grant", "to"))
    readable = (
        "select relname from pg_class where relnamespace = 'app'::regnamespace and relkind in ('r', 'p')"
        " and has_any_column_privilege('engine_stranger', oid, 'SELECT')"
    )
    try:
        for way_out in ("undo", "finish"):
            plain_events.apply("convert", MONTHS)
            assert engine.run(readable) == []
            plain_events.apply(way_out)
            assert engine.run(readable) == []
    finally:
        engine.as_owner(grant.format("revoke", "from"))


@pytest.mark.parametrize(
    ("every", "name", "partition", "bound"),
    [
        ("month", "e_{year}_{month}", "e_2024_03", ("2024-02-29 23:00", "2024-03-31 22:00")),
        pytest.param(
            "month", "e_{year}_{month}", "e_2024_10", ("2024-09-30 22:00", "2024-10-31 23:00"), marks=pytest.mark.long
        ),
        ("quarter", "e_{year}_q{quarter}", "e_2024_q1", ("2023-12-31 23:00", "2024-03-31 22:00")),
        ("year", "e_{year}", "e_2024", ("2023-12-31 23:00", "2024-12-31 23:00")),
        pytest.param(
            "day",
            "e_{year}_{month}_{day}",
            "e_2024_03_31",
            ("2024-03-30 23:00", "2024-03-31 22:00"),
            marks=pytest.mark.long,
        ),
    ],
)
def test_a_conversion_has_the_midnights_of_its_time_zone(plain_events, every, name, partition, bound):
    """Rows of the hour before and after both changes of the clock lie where the calendar of the zone says."""
    engine = plain_events.engine
    engine.as_owner(
        "create table app.events (id bigint not null, at timestamptz not null, note text, primary key (id, at));"
        "insert into app.events select row_number() over (), t, (t at time zone 'Europe/Berlin')::date::text from ("
        " select generate_series('2024-03-30 20:00+00'::timestamptz, '2024-04-01 02:00+00', '20 minutes') as t union all"
        " select generate_series('2024-10-26 20:00+00'::timestamptz, '2024-11-01 02:00+00', '20 minutes')) as s"
    )
    before = engine.rows("app.events")
    plain_events.apply(
        "convert",
        {"by": {"range": "at", "every": every}, "name": name, "ahead": 0, "time_zone": "Europe/Berlin"},
        session=engine.session(options="-c timezone=Asia/Kathmandu"),
    )
    assert engine.rows("app.events") == before
    assert "events_default" not in engine.rows_by_partition("app.events")
    bounds = engine.bounds("app.events")
    assert tuple(str(end)[:16] for end in bounds[partition]) == bound
    # No row of one day of the zone lies in two partitions.
    assert engine.value(
        "select max(n) from (select count(distinct tableoid) as n from app.events group by note) as d"
    ) == 1  # fmt: skip
    plain_events.apply("undo")
    assert engine.rows("app.events") == before
