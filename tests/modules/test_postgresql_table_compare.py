"""postgresql_table_compare between two databases, which it reaches as two servers."""

from __future__ import annotations

import threading
import time

import pytest

MODULE = "postgresql_table_compare"
TABLE = """
    create schema app;
    create table app.t1 (
        id bigint, date timestamptz not null, amount numeric(18, 2), ratio double precision, message jsonb, raw bytea,
        client_id text generated always as (message ->> 'client') stored, primary key (id, date)
    ) partition by range (date);
    create table app.t1_default partition of app.t1 default;
"""
ROWS = """
    insert into app.t1 (id, date, amount, ratio, message, raw)
    select i, '2026-01-31 23:30:00+00'::timestamptz + i * interval '1 hour', i / 7.0, 1 / (i::float8),
           jsonb_build_object('client', i % 10), int4send(i)
    from generate_series(1, 3000) i
"""


@pytest.fixture
def there(server):
    """The second server's side: the same rows, put in in another order, with other settings of the database."""
    with server.database() as connection:
        connection.execute(TABLE + ROWS + " order by random()")
        name = connection.info.dbname
        connection.execute(
            f"alter database {name} set timezone = 'Asia/Kathmandu'; alter database {name} set datestyle = 'German';"
            f"alter database {name} set extra_float_digits = -5; alter database {name} set bytea_output = 'escape'"
        )
        yield connection


@pytest.fixture
def here(database):
    database.execute(TABLE + ROWS)
    database.execute("create table app.t1_2026_03 (like app.t1_default including all)")
    return database


@pytest.fixture
def compare(modules, here, there, server):
    other = {"host": server.host, "port": server.port, "dbname": there.info.dbname, "user": "postgres"}

    def run(check=False, table=None, **options):
        options["other"] = {**other, **options.pop("other", {})}
        result = modules.run(MODULE, check=check, tables=[{"name": "app.t1", **(table or {})}], **options)
        assert not result["changed"]
        assert result["queries"] == []
        return result["tables"][0]

    run.fails = lambda table=None, **options: modules.fails(
        MODULE, other={**other, **options.pop("other", {})}, tables=[{"name": "app.t1", **(table or {})}], **options
    )
    return run


def test_equal_tables(compare):
    for check in (True, False):
        result = compare(check=check)
        assert result["equal"]
        assert (result["rows_here"], result["rows_there"], result["key"], result["by"]) == (3000, 3000, "date", "month")
        assert result["buckets"] == 5


@pytest.mark.parametrize(
    ("damage", "bucket"),
    [
        ("update app.t1 set amount = amount + 0.01 where id = 800", "2026-03-01 00:00:00"),
        ("update app.t1 set ratio = ratio * (1 + 1e-15) where id = 800", "2026-03-01 00:00:00"),
        ("update app.t1 set message = '{\"client\": null}' where id = 800", "2026-03-01 00:00:00"),
        ("delete from app.t1 where id = 3000", "2026-06-01 00:00:00"),
        ("insert into app.t1 values (1, 'infinity')", "infinity"),
        ("insert into app.t1 values (1, '0044-03-15 BC')", "0044-03-01 00:00:00 BC"),
    ],
)
def test_differing_bucket_is_named_with_both_sides(compare, there, damage, bucket):
    there.execute(damage)
    result = compare(retries=1, wait_seconds=0)
    assert not result["equal"]
    assert [item["bucket"] for item in result["differing"]] == [bucket]
    assert result["differing"][0]["here"] != result["differing"][0]["there"]


def test_two_damages_that_would_cancel_out_in_a_sum_are_found(compare, there):
    there.execute("update app.t1 set amount = case id when 1 then 2 else 1 end where id in (1, 2)")
    there.execute("update app.t1 set amount = amount where id = 5")
    assert not compare(table={"by": "year"})["equal"]


@pytest.mark.parametrize(("by", "buckets"), [("hour", 3000), ("day", 125), ("week", 19), ("year", 1), ("hash", 64)])
def test_sizes_of_buckets(compare, there, by, buckets):
    result = compare(table={"by": by})
    assert result["equal"]
    assert result["buckets"] == buckets
    there.execute("delete from app.t1 where id = 77")
    assert len(compare(table={"by": by}, retries=1, wait_seconds=0)["differing"]) == 1


def test_hash_of_another_key_and_condition(compare, there):
    there.execute("delete from app.t1 where id = 77")
    result = compare(table={"key": "id", "buckets": 16})
    assert (result["by"], result["buckets"], len(result["differing"])) == ("hash", 16, 1)
    assert compare(table={"where": "t.id <> 77 or false"})["equal"]


def test_columns(compare, there):
    there.execute("alter table app.t1 drop column raw, add column note text, alter column amount type numeric(20, 2)")
    result = compare()
    assert not result["equal"]
    assert result["columns_only_here"] == ["raw"]
    assert result["columns_only_there"] == ["note"]
    assert result["types_that_differ"] == [{"column": "amount", "here": "numeric(18,2)", "there": "numeric(20,2)"}]
    assert result["differing"] == []
    assert compare(table={"columns": "common"})["equal"]


def test_lag_is_waited_for(compare, there):
    there.execute("create table kept as select * from app.t1 where id = 77; delete from app.t1 where id = 77")

    def arrive():
        time.sleep(0.5)
        there.execute("insert into app.t1 (id, date, amount, ratio, message, raw) overriding user value"
                      " select id, date, amount, ratio, message, raw from kept")  # fmt: skip

    replication = threading.Thread(target=arrive)
    replication.start()
    result = compare(retries=20, wait_seconds=0.1)
    replication.join()
    assert result["equal"]
    assert result["comparisons"] > 2


def test_refusals(compare):
    assert "has no column nothing. Accepted as key: id, date" in compare.fails(table={"key": "nothing"})
    assert "by day needs a key of a time type, id is bigint" in compare.fails(table={"key": "id", "by": "day"})
    assert "table app.t2 does not exist on the other server" in compare.fails(table={"other_name": "app.t2"})
    message = compare.fails(other={"port": 1})
    assert "other: cannot connect to database" in message
    assert "port 1 as postgres" in message


def test_check_mode_before_anything_exists(compare):
    assert compare(check=True, other={"port": 1})["equal"] is None
    assert compare(check=True, login_db="not_there_yet")["equal"] is None
    assert compare(check=True, table={"other_name": "app.t2"})["equal"] is None


def test_password_is_not_returned(modules, here, there, server):
    other = {"host": server.host, "port": server.port, "dbname": there.info.dbname, "user": "postgres"}
    result = modules.run(MODULE, other={**other, "password": "very-secret-word"}, tables=[{"name": "app.t1"}])
    assert "very-secret-word" not in str(result)
