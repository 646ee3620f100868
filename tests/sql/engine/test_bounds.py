"""Bounds: midnights of the policy's time zone, whatever the session's, without gap or overlap."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.long_when_repeated

PERIODS = ["day", "week", "month", "quarter", "year"]
# Half hours and quarters, clocks that change at midnight in either direction, a day left out, no change at all.
ZONES = [
    "UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia", "America/Havana", "Asia/Beirut",
    "Australia/Lord_Howe", "Africa/Casablanca", "America/New_York", "Asia/Tehran",
]  # fmt: skip
NAMES = {
    "day": "p_{year}_{month}_{day}",
    "week": "p_{year}_w{week}",
    "month": "p_{year}_{month}",
    "quarter": "p_{year}_q{quarter}",
    "year": "p_{year}",
}
# The years in which this computer's and the servers' time zone tables say the same.
MOMENTS = st.datetimes(datetime(1995, 1, 1), datetime(2024, 12, 31)).map(lambda moment: moment.replace(tzinfo=UTC))
SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def name_of(moment: datetime, every: str, zone: str) -> str:
    """The name of a moment's partition, by Python's own calendar and time zone tables."""
    day = moment.astimezone(ZoneInfo(zone)).date()
    year, week, _ = day.isocalendar()
    return {
        "day": f"p_{day:%Y_%m_%d}",
        "week": f"p_{year:04}_w{week:02}",
        "month": f"p_{day:%Y_%m}",
        "quarter": f"p_{day:%Y}_q{(day.month + 2) // 3}",
        "year": f"p_{day:%Y}",
    }[every]


@SETTINGS
@given(moment=MOMENTS, zone=st.sampled_from(ZONES), every=st.sampled_from(PERIODS), session=st.sampled_from(ZONES))
def test_every_moment_lies_in_the_period_that_its_name_says(shared_engine, moment, zone, every, session):
    shared_engine.run("select set_config('timezone', %s, false)", session)
    name, lower, upper = shared_engine.run(
        """
        with period as (
            select pgops.period_of(pgops.key_value(%(moment)s, 'timestamptz', %(zone)s), 'timestamptz', %(every)s, %(zone)s)
                as day
        )
        select
            pgops.partition_name(%(name)s, day),
            pgops.period_bound(day, 'timestamptz', %(zone)s),
            pgops.period_bound((day + pgops.period_step(%(every)s))::date, 'timestamptz', %(zone)s)
        from period
        """.replace("%(moment)s", f"'{moment.isoformat()}'::timestamptz")
        .replace("%(zone)s", f"'{zone}'")
        .replace("%(every)s", f"'{every}'")
        .replace("%(name)s", f"'{NAMES[every]}'")
    )[0]
    assert name == name_of(moment, every, zone)
    assert lower.replace(tzinfo=UTC) <= moment < upper.replace(tzinfo=UTC)


@SETTINGS
@given(zone=st.sampled_from(ZONES), first=st.dates(date(1995, 1, 1), date(2037, 1, 1)))
def test_bounds_ascend_and_each_is_the_first_instant_of_its_day(shared_engine, zone, first):
    days = [first + timedelta(days=number) for number in range(400)]
    bounds = [
        bound.replace(tzinfo=UTC)
        for (bound,) in shared_engine.run(
            "select pgops.period_bound(d, 'timestamptz', %s) from unnest(%s::date[]) as d", zone, days
        )
    ]
    assert bounds == sorted(bounds)
    for day, bound, following in zip(days, bounds, bounds[1:], strict=False):
        if bound.year < 2025 and bound < following:
            assert bound.astimezone(ZoneInfo(zone)).date() == day
            assert (bound - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date() < day


@pytest.mark.parametrize(
    ("zone", "day", "bound"),
    [
        ("Europe/Berlin", "2026-03-29", "2026-03-28 23:00:00"),  # the clock goes forward at 02:00
        ("Europe/Berlin", "2026-03-30", "2026-03-29 22:00:00"),
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04 03:00:00"),  # no midnight: 00:00 became 01:00
        ("America/Sao_Paulo", "2018-02-18", "2018-02-18 03:00:00"),  # 00:00 became 23:00 of the day before
        ("America/Havana", "2026-11-01", "2026-11-01 04:00:00"),  # two midnights: 01:00 became 00:00
        ("America/Havana", "2026-03-08", "2026-03-08 05:00:00"),  # no midnight
        ("Asia/Kathmandu", "2026-11-01", "2026-10-31 18:15:00"),
        ("Pacific/Apia", "2011-12-30", "2011-12-30 10:00:00"),  # a day that Samoa left out
        ("Pacific/Apia", "2011-12-31", "2011-12-30 10:00:00"),
        ("America/St_Johns", "2006-10-29", "2006-10-29 03:30:00"),  # 00:01 became 23:01 of the day before
    ],
)
def test_days_that_begin_oddly(shared_engine, zone, day, bound):
    assert str(shared_engine.value("select pgops.period_bound(%s, 'timestamptz', %s)", day, zone)) == bound


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia", "America/Havana"]
)
@pytest.mark.parametrize(("every", "from_time", "upto"), [
    ("month", "2011-10-01", "2012-03-01"), ("day", "2011-12-25", "2012-01-05"), ("day", "2018-10-28", "2018-11-12"),
    ("week", "2018-12-20", "2019-01-20"), ("day", "2024-02-26", "2024-03-05"), ("quarter", "2018-01-01", "2019-03-01"),
    ("year", "2017-12-27", "2018-01-06"),
])  # fmt: skip
def test_rows_land_in_the_partition_that_their_name_says(engine, zone, every, from_time, upto):
    engine.table()
    engine.set_policy(by={"range": "date", "every": every}, name=NAMES[every], time_zone=zone)
    # The maker's session and the writer's lie on opposite sides of the world.
    engine.run("set timezone = 'Pacific/Kiritimati'")
    engine.run("set datestyle = 'German'")
    engine.ensure(f"{from_time} {zone}", f"{upto} {zone}")
    bounds = list(engine.bounds().values())
    assert all(upper == lower for (_, upper), (lower, _) in itertools.pairwise(bounds))
    engine.run("set timezone = 'America/Adak'")
    engine.run("set datestyle = 'ISO'")
    engine.run(
        "insert into app.t1 (date, id)"
        " select m, row_number() over () from ("
        "  select generate_series(%s::timestamptz, %s::timestamptz - interval '1 us', interval '17 min') as m"
        "  union select b.lower_bound at time zone 'UTC' from pgops.partitions('app.t1') b"
        "  union select b.upper_bound at time zone 'UTC' - interval '1 us' from pgops.partitions('app.t1') b"
        " ) as moments",
        f"{from_time} {zone}",
        f"{upto} {zone}",
    )
    rows = engine.run("select c.relname, t.date at time zone 'UTC' from app.t1 t join pg_class c on c.oid = t.tableoid")
    assert len(rows) > 500
    assert {name for name, _ in rows} == set(engine.bounds())
    for name, moment in rows:
        assert name == name_of(moment.replace(tzinfo=UTC), every, zone)


@pytest.mark.parametrize("key_type", ["date", "timestamp", "timestamptz"])
def test_leap_day_and_all_key_types(engine, key_type):
    engine.table(key_type)
    engine.set_policy(by={"range": "date", "every": "day"}, name=NAMES["day"], ahead=2, time_zone="Asia/Kathmandu")
    engine.run("set timezone = 'America/New_York'")
    # In Kathmandu it is the 28th already; 29 February is a day of 2024, not of 2023.
    engine.apply("2024-02-27 18:30+00")
    engine.apply("2023-02-27 18:30+00")
    assert engine.partitions() == [
        "p_2023_02_28", "p_2023_03_01", "p_2023_03_02", "p_2024_02_28", "p_2024_02_29", "p_2024_03_01", "t1_default",
    ]  # fmt: skip
    offset = timedelta(hours=5, minutes=45) if key_type == "timestamptz" else timedelta(0)
    assert engine.bounds()["p_2024_02_29"] == (datetime(2024, 2, 29) - offset, datetime(2024, 3, 1) - offset)


def test_week_and_year_of_iso_8601(engine):
    engine.table("date")
    engine.set_policy(by={"range": "date", "every": "week"}, name=NAMES["week"], ahead=2)
    engine.apply("2020-12-27")
    assert list(engine.bounds().items()) == [
        ("p_2020_w52", (datetime(2020, 12, 21), datetime(2020, 12, 28))),
        ("p_2020_w53", (datetime(2020, 12, 28), datetime(2021, 1, 4))),
        ("p_2021_w01", (datetime(2021, 1, 4), datetime(2021, 1, 11))),
    ]


def test_the_current_period_is_that_of_the_time_zone(engine):
    engine.table()
    engine.set_policy(ahead=0, default=False, time_zone="Pacific/Apia")
    engine.apply("2026-10-31 12:00+00")  # 1 November in Apia
    assert engine.partitions() == ["t1_2026_11"]


def test_bounds_of_the_first_and_the_last_years(engine):
    engine.table()
    engine.set_policy(by={"range": "date", "every": "year"}, name="t1_{year}")
    engine.ensure("0099-01-01", "0100-02-01")
    engine.ensure("9998-01-01", "9999-01-01")
    assert engine.partitions() == ["t1_0099", "t1_0100", "t1_9998"]


def test_existing_bounds_are_read_whatever_their_form(engine):
    engine.as_owner(
        "create table app.t1 (date timestamptz) partition by range (date);"
        "create table app.first partition of app.t1 for values from (minvalue) to ('0044-03-15 12:00:00.5 BC');"
        "create table app.infinite partition of app.t1 for values from ('infinity') to (maxvalue);"
        "create table app.minus partition of app.t1 for values from ('0044-03-15 12:00:00.5 BC') to ('2026-01-01 Asia/Tehran')"
    )
    engine.run("set timezone = 'America/St_Johns'")
    engine.run("set datestyle = 'SQL, DMY'")
    assert engine.run(
        "select partition::text, lower_bound::text, upper_bound::text from pgops.partitions('app.t1')"
    ) == [
        ("app.first", None, "15/03/0044 12:00:00.5 BC"),
        ("app.minus", "15/03/0044 12:00:00.5 BC", "31/12/2025 20:30:00"),
        ("app.infinite", "infinity", None),
    ]
