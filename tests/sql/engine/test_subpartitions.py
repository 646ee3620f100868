"""Partitions of partitions: made whole, filled from the default partition, mended on every level."""

from __future__ import annotations

import pytest
from background import Background
from psycopg import errors

NOW = "2024-02-10 12:00+00"
SALES = {
    "by": {"range": "date", "every": "quarter"},
    "name": "sales_{year}_q{quarter}",
    "ahead": 1,
    "subpartitions": {
        "by": {"list": "category"},
        "partitions": [{"name": "{parent}_electronics", "values": ["electronics"]}, {"name": "{parent}_clothing", "values": ["clothing"]}],
        "default": "{parent}_other",
    },
}  # fmt: skip
QUARTER = ["sales_2024_q1", "sales_2024_q1_clothing", "sales_2024_q1_electronics", "sales_2024_q1_other"]


@pytest.fixture
def table(engine):
    engine.as_owner(
        "create table app.t1 (id bigint generated always as identity, date date not null, category text, amount numeric,"
        " primary key (id, date, category)) partition by range (date);"
        "create index on app.t1 (amount);"
        "alter table app.t1 replica identity full; comment on table app.t1 is 'Sales';"
        "grant select on app.t1 to engine_monitor"
    )
    return engine


def test_a_partition_is_made_with_its_own_in_one_step(table):
    table.set_policy(SALES)
    plan = table.plan(as_of=NOW)
    assert [(step["operation"], step["partition_name"]) for step in plan] == [
        ("create_default", "app.t1_default"), ("create", "app.sales_2024_q1"), ("create", "app.sales_2024_q2"),
    ]  # fmt: skip
    assert plan[1]["subpartitions"] == [
        {"partition_name": "app.sales_2024_q1_other", "bound": "DEFAULT"},
        {"partition_name": "app.sales_2024_q1_electronics", "bound": "FOR VALUES IN ('electronics')"},
        {"partition_name": "app.sales_2024_q1_clothing", "bound": "FOR VALUES IN ('clothing')"},
    ]
    assert plan[1]["description"] == (
        "make app.sales_2024_q1 for date from 2024-01-01 up to 2024-04-01 with its partitions app.sales_2024_q1_other,"
        " app.sales_2024_q1_electronics, app.sales_2024_q1_clothing"
    )
    table.apply(NOW)
    assert set(table.tree()) == {"t1_default", *QUARTER, *[name.replace("q1", "q2") for name in QUARTER]}
    assert table.plan(as_of=NOW) == []
    assert len(table.events()) == 3
    table.run(
        "insert into app.t1 (date, category) values ('2024-01-05', 'clothing'), ('2024-04-05', 'food'), ('2023-01-01', 'x')"
    )
    assert table.rows_by_partition() == {"sales_2024_q1_clothing": 1, "sales_2024_q2_other": 1, "t1_default": 1}


def test_every_leaf_is_like_the_table(table):
    table.set_policy(SALES, storage_parameters={"fillfactor": 70}, indexes=[{"columns": ["category"]}])
    table.apply(NOW)
    leaves = table.run(
        "select c.relname, c.relowner::regrole::text, c.relreplident::text, c.reloptions,"
        " has_table_privilege('engine_monitor', c.oid, 'select'), obj_description(c.oid, 'pg_class'),"
        " (select count(*) from pg_index i where i.indrelid = c.oid),"
        " (select count(*) from pg_attribute a where a.attrelid = c.oid and a.attidentity <> '')"
        " from pg_partition_tree('app.t1') t join pg_class c on c.oid = t.relid where t.isleaf"
    )
    assert len(leaves) == 7
    identity = 1 if table.server.version >= 17 else 0
    assert {
        (owner, identity_of_replica, tuple(options), *rest) for _, owner, identity_of_replica, options, *rest in leaves
    } == {("engine_owner", "f", ("fillfactor=70",), True, "Sales", 3, identity)}


def test_rows_move_from_the_default_partition_into_the_leaves(table):
    table.set_policy(SALES)
    table.apply(NOW)
    table.run(
        "insert into app.t1 (date, category, amount) select date '2023-10-01' + i, (array['clothing', 'electronics', 'x'])"
        "[i % 3 + 1], i from generate_series(0, 59) i"
    )
    before = table.rows()
    (step,) = table.plan(as_of=NOW)
    assert (step["operation"], step["row_count"]) == ("create_from_default", 60)
    table.apply(NOW)
    assert table.rows() == before
    assert table.rows_by_partition() == {
        "sales_2023_q4_clothing": 20, "sales_2023_q4_electronics": 20, "sales_2023_q4_other": 20,
    }  # fmt: skip
    (warning,) = table.events("warning")
    assert warning == "20 rows lie in the default partition app.sales_2023_q4_other, from x to x"
    assert table.value("select default_has_rows from pgops.partition_status") is True


def test_what_is_missing_on_the_lower_level_is_made_and_filled(table):
    table.set_policy(SALES)
    table.apply(NOW)
    table.run("insert into app.t1 (date, category) values ('2024-02-01', 'food'), ('2024-02-02', 'x')")
    before = table.rows()
    nested = SALES["subpartitions"]
    food = {"name": "{parent}_food", "values": ["food"]}
    table.set_policy(SALES, subpartitions=nested | {"partitions": [*nested["partitions"], food]})
    table.as_owner("drop table app.sales_2024_q2_clothing")
    plan = table.plan(as_of=NOW)
    assert [(step["operation"], step["partition_name"], step["parent_name"], step["row_count"]) for step in plan] == [
        ("create_from_default", "app.sales_2024_q1_food", "app.sales_2024_q1", 1),
        ("create", "app.sales_2024_q2_clothing", "app.sales_2024_q2", None),
        ("create", "app.sales_2024_q2_food", "app.sales_2024_q2", None),
    ]
    assert plan[0]["lock_level"] == (
        "SHARE ROW EXCLUSIVE on app.sales_2024_q1, ACCESS EXCLUSIVE on app.sales_2024_q1_other"
    )
    table.apply(NOW, session=table.session())
    assert table.rows() == before
    assert table.rows_by_partition() == {"sales_2024_q1_food": 1, "sales_2024_q1_other": 1}
    assert table.plan(as_of=NOW) == []


def test_three_levels_and_all_strategies(engine):
    engine.as_owner("create table app.t1 (region text, date timestamptz, id int) partition by list (region)")
    engine.set_policy({
        "by": {"list": "region"}, "partitions": [{"name": "R", "values": ["eu", None]}],
        "subpartitions": {
            "by": {"range": "date", "every": "month"}, "name": "{parent}_{year}_{month}", "ahead": 1,
            "time_zone": "Asia/Kathmandu",
            "subpartitions": {"by": {"hash": "id", "modulus": 2}, "name": "{parent}_{remainder}"},
        },
    })  # fmt: skip
    engine.apply(NOW)
    engine.run("set timezone = 'UTC'")
    assert engine.tree() == {
        "R": "FOR VALUES IN ('eu', NULL)", "t1_default": "DEFAULT", "R_default": "DEFAULT",
        "R_2024_02": "FOR VALUES FROM ('2024-01-31 18:15:00+00') TO ('2024-02-29 18:15:00+00')",
        "R_2024_03": "FOR VALUES FROM ('2024-02-29 18:15:00+00') TO ('2024-03-31 18:15:00+00')",
        **{f"R_2024_0{month}_{remainder}": f"FOR VALUES WITH (modulus 2, remainder {remainder})"
            for month in (2, 3) for remainder in (0, 1)},
    }  # fmt: skip
    engine.run("insert into app.t1 select null, '2024-03-31 18:15+00', i from generate_series(1, 40) i")
    before = engine.rows()
    engine.apply("2024-03-31 18:15+00")
    assert set(engine.rows_by_partition()) == {"R_2024_04_0", "R_2024_04_1"}
    assert engine.rows() == before
    assert engine.plan(as_of="2024-03-31 18:15+00") == []


def test_numbers_within_hashes(engine):
    engine.as_owner("create table app.t1 (a int, b int) partition by hash (a)")
    engine.set_policy({
        "by": {"hash": "a", "modulus": 2}, "name": "h{remainder}",
        "subpartitions": {"by": {"range": "b", "every": 10}, "name": "{parent}_{from}", "ahead": 0},
    })  # fmt: skip
    engine.apply()
    engine.run("insert into app.t1 select i, 5 + i % 2 * 20 from generate_series(1, 50) i")
    engine.apply()
    assert set(engine.rows_by_partition()) == {"h0_0", "h0_20", "h1_0", "h1_20"}


def test_partitions_made_before_the_policy_nested_stay_as_they_are(table):
    table.set_policy({key: value for key, value in SALES.items() if key != "subpartitions"})
    table.apply(NOW)
    table.set_policy(SALES)
    assert table.plan(as_of=NOW) == []
    table.apply("2024-05-10")
    assert {"sales_2024_q3_other", "sales_2024_q2"} < set(table.tree())
    assert "sales_2024_q2_other" not in table.tree()


def test_retention_takes_a_partition_with_its_own(table):
    table.set_policy(SALES, retention={"keep": "3 months", "then": "drop"})
    table.apply(NOW)
    table.as_owner("drop table app.sales_2024_q1_other")
    assert table.operations(as_of="2024-07-01") == [
        ("create", "app.sales_2024_q3"), ("create", "app.sales_2024_q4"), ("drop", "app.sales_2024_q1"),
    ]  # fmt: skip
    table.apply("2024-07-01")
    assert not {name for name in table.tree() if "2024_q1" in name}


def test_a_taken_name_below_blocks_the_whole(table):
    table.as_owner("create table app.sales_2024_q1_clothing (n int)")
    table.set_policy(SALES)
    step = table.plan(as_of=NOW)[1]
    assert (step["operation"], step["partition_name"]) == ("blocked", "app.sales_2024_q1")
    assert "a relation of its partition's (app.sales_2024_q1_clothing) name exists" in step["description"]
    table.apply(NOW)
    assert "sales_2024_q1" not in table.tree()
    assert "sales_2024_q2_clothing" in table.tree()


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"retention": {"keep": "1 day", "then": "drop"}}, errors.InvalidParameterValue, 'unknown key "retention"'),
        ({"default": "rest"}, errors.InvalidParameterValue, "a name with the field {parent}"),
        (
            {"partitions": [{"name": "a", "values": ["a"]}]},
            errors.InvalidParameterValue,
            "a name with the field {parent}",
        ),
        (
            {"by": {"list": "no_such"}},
            errors.InvalidParameterValue,
            '"by.list" is "no_such"; accepted: a column of app.t1',
        ),
        (
            {"partitions": [{"name": "{parent}_a", "values": [{}]}]},
            errors.InvalidParameterValue,
            "a value of type text",
        ),
    ],
)
def test_what_cannot_be_is_refused(table, changes, error, message):
    with pytest.raises(error) as refused:
        table.set_policy(SALES, subpartitions=SALES["subpartitions"] | changes)
    assert message in refused.value.diag.message_primary


def test_a_column_outside_a_unique_index_is_refused(table):
    nested = {"by": {"hash": "amount", "modulus": 2}, "name": "{parent}_{remainder}"}
    with pytest.raises(
        errors.FeatureNotSupported, match=r'"amount" of app\.t1 is not in its unique index app\.t1_pkey'
    ):
        table.set_policy(SALES, subpartitions=nested)


def test_a_name_that_gets_too_long_is_an_error_in_the_plan(table):
    nested = SALES["subpartitions"] | {"default": "{parent}_" + "x" * 52}
    table.set_policy(SALES, subpartitions=nested)
    with pytest.raises(errors.NameTooLong, match="sales_2024_q1_xxx.* has 66 bytes; accepted: at most 63"):
        table.plan(as_of=NOW)


def test_two_appliers_at_once_and_one_killed_in_between(table):
    """Killed with the second quarter half made: nothing of it stays, and whoever comes next makes it."""
    table.configure(lock_tries=1000)
    table.as_owner(
        "create table app.pause (name text); insert into app.pause values ('app.sales_2024_q2');"
        "create function app.attached(partition regclass) returns void language plpgsql as $$ begin"
        " if exists (select from app.pause where name = partition::text) then perform pg_sleep(120); end if; end $$"
    )
    table.set_policy(SALES, hooks={"attached": "app.attached"}, ahead=3)
    first = table.session()
    with pytest.raises(errors.AdminShutdown):
        background = Background(lambda: table.apply(NOW, session=first))
        table.wait_for("select wait_event = 'PgSleep' from pg_stat_activity where pid = %s", first.info.backend_pid)
        table.run("select pg_terminate_backend(%s)", first.info.backend_pid)
        background.finish()
    assert set(table.tree()) == {"t1_default", *QUARTER}
    assert table.value("select to_regclass('app.sales_2024_q2_other') is null")
    table.run("truncate app.pause")
    appliers = [table.session() for _ in range(2)]
    backgrounds = [Background(lambda session=session: table.apply(NOW, session=session)) for session in appliers]
    for background in backgrounds:
        background.finish()
    assert len(table.tree()) == 1 + 4 * 4
    assert table.plan(as_of=NOW) == []
    assert table.events("error") == []
    assert len(table.events("info")) == len(set(table.events("info"))) == 5


def test_a_nested_table_of_somebody_else_is_not_touched(table):
    """The engine does to it what the caller might do, and the caller may not act for its owner."""
    table.set_policy(SALES)
    table.apply(NOW)
    table.run(
        "do $$ begin if to_regrole('engine_other') is null then create role engine_other; end if; end $$;"
        "drop table app.sales_2024_q2_clothing; alter table app.sales_2024_q2 owner to engine_other"
    )
    session = table.session()
    with pytest.raises(errors.InsufficientPrivilege, match='may not SET ROLE to its owner "engine_other"'):
        table.apply(NOW, session=session)
    assert "sales_2024_q2_clothing" not in table.tree()
    table.run("drop owned by engine_other")
