"""The set-up: tables, rights, generated rows, and the way back to the beginning."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors
from servers import apply_set

from partition_lab.system import answer, lab, partition_by_hand, refusal

CHECKSUM = "select count(*), sum(hashtextextended((to_jsonb(t) - 'id')::text, 0)::numeric) from app.{} t"
TABLES = ("event_logs", "users_distributed", "orders_by_region", "sales_data")
RANGES = {
    "event_logs": "created_at >= '2024-01-01Z' and created_at < '2025-01-01Z' and user_id between 1 and 1000",
    "users_distributed": "registration_date between '2023-01-01' and '2024-12-31'",
    "orders_by_region": "ordered_at >= '2024-01-01Z' and ordered_at < '2025-01-01Z' and amount between 0 and 655.35",
    "sales_data": "sale_date between '2024-01-01' and '2024-06-30' and quantity between 1 and 10",
}
# As computed by PostgreSQL 16 and 18 alike: a figure in the documentation holds on every server.
EVENTS_OF_SEED_42 = [(59, "purchase", "2024-06-14 15:10:33.351+00"), (506, "login", "2024-05-19 11:20:15.369+00")]
SHAPE = """
    select c.relname, c.relkind::text, c.relacl::text, obj_description(c.oid),
        (select jsonb_agg(to_jsonb(a) - 'attrelid' order by a.attnum) from (
            select attname, atttypid::regtype, attnotnull, attnum, col_description(attrelid, attnum),
                (select pg_get_expr(adbin, adrelid) from pg_attrdef d where d.adrelid = attrelid and d.adnum = attnum)
            from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped) a),
        (select jsonb_agg(jsonb_build_object('name', x.conname, 'definition', pg_get_constraintdef(x.oid)) order by x.conname)
         from pg_constraint x where x.conrelid = c.oid and x.contype <> 'n'),
        (select jsonb_agg(pg_get_indexdef(i.indexrelid) order by i.indexrelid::regclass::text)
         from pg_index i where i.indrelid = c.oid)
    from pg_class c where c.relnamespace = 'app'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    order by c.relname
"""


def checksums(database: psycopg.Connection) -> dict[str, tuple]:
    return {table: database.execute(CHECKSUM.format(table)).fetchone() for table in TABLES}


def test_a_seed_gives_the_rows_of_its_scale(database: psycopg.Connection, operator: str) -> None:
    added = {each["table"]: each["rows"] for each in answer(operator, "seed")}
    assert added == {"event_logs": 300, "users_distributed": 150, "orders_by_region": 200, "sales_data": 250}
    for table, condition in RANGES.items():
        assert database.execute(f"select count(*) from app.{table} where {condition}").fetchone() == (added[table],)
    more = {each["table"]: each["rows"] for each in answer(operator, "seed", "--scale", "10")}
    assert more == {table: 10 * rows for table, rows in added.items()}
    assert checksums(database)["sales_data"][0] == 2750


def test_every_month_and_region_and_category_has_rows(database: psycopg.Connection, operator: str) -> None:
    """At scale 1 already: what the scenarios move is there."""
    answer(operator, "seed")
    months = database.execute("select count(*) from app.event_logs group by date_trunc('month', created_at, 'UTC')")
    assert min(count for (count,) in months.fetchall()) >= 10
    regions = database.execute(
        "select region from app.orders_by_region group by region having count(*) > 20"
    ).fetchall()
    assert len(regions) == 5
    categories = database.execute(
        "select category from app.sales_data group by category having count(*) > 30"
    ).fetchall()
    assert len(categories) == 4


def test_the_same_seed_gives_the_same_rows(database: psycopg.Connection, operator: str) -> None:
    answer(operator, "seed", "--seed", "7")
    first = checksums(database)
    lab(operator, "reset", "--discard")
    answer(operator, "seed", "--seed", "7")
    assert checksums(database) == first
    lab(operator, "reset", "--discard")
    answer(operator, "seed", "--seed", "8")
    assert all(checksums(database)[table] != first[table] for table in TABLES)


def test_rows_do_not_hang_on_the_server(database: psycopg.Connection, operator: str) -> None:
    answer(operator, "seed")
    found = database.execute("select user_id, event_type, created_at::text from app.event_logs order by id limit 2")
    assert found.fetchall() == EVENTS_OF_SEED_42


@pytest.mark.parametrize("shape", ["plain", "partitioned"])
def test_setting_up_twice_changes_nothing(database: psycopg.Connection, operator: str, shape: str) -> None:
    if shape == "partitioned":
        partition_by_hand(database)
    answer(operator, "seed")
    before, rows = database.execute(SHAPE).fetchall(), checksums(database)
    assert apply_set(database, "partition_lab", role="partition_lab_owner") == []
    # A repeatable script that has changed runs again.
    database.execute("update pgops.applied_script set body = '' where script_set = 'partition_lab' and name like 'R%'")
    assert apply_set(database, "partition_lab", role="partition_lab_owner")
    assert database.execute(SHAPE).fetchall() == before
    assert checksums(database) == rows


def test_a_reset_is_the_beginning(database: psycopg.Connection, operator: str) -> None:
    before = database.execute(SHAPE).fetchall()
    partition_by_hand(database)
    answer(operator, "seed")
    database.execute("create table app.event_logs_archive (like app.event_logs)")
    database.execute("alter table app.event_logs_archive owner to partition_lab_owner")
    assert "--discard loses them" in refusal(operator, "reset")
    assert checksums(database)["event_logs"][0] == 300
    assert lab(operator, "reset", "--discard").exit_code == 0
    assert database.execute(SHAPE).fetchall() == before
    assert database.execute("select nextval('app.event_logs_id_seq')").fetchone() == (1,)
    found = answer(operator, "reset")  # no rows, nothing to discard
    assert {table["name"]: (table["key"], table["rows"]) for table in found} == dict.fromkeys(TABLES, (None, 0))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("seed", "--scale", "0"), "--scale 0: accepted are 1"),
        (("seed", "--scale", "100001"), "--scale 100001"),
        (("seed", "--seed", "-1"), "--seed -1: accepted are 0"),
    ],
)
def test_values_out_of_range(operator: str, arguments: tuple[str, ...], message: str) -> None:
    assert message in refusal(operator, *arguments)


def test_a_database_without_a_lab(server, database: psycopg.Connection) -> None:
    empty = f"host={server.host} port={server.port} user=postgres dbname=postgres"
    assert "has no table app.event_logs: deploy the lab first" in refusal(empty, "queries")


def test_who_may_not_act_for_the_owner_is_told_so(database: psycopg.Connection, client: str) -> None:
    assert "partition_lab_app may not act as partition_lab_owner" in refusal(client, "seed")


def test_the_roles_can_do_their_work_and_no_more(database: psycopg.Connection) -> None:
    database.execute("set role partition_lab_app")
    database.execute("insert into app.event_logs (user_id, event_type) values (1, 'login')")
    for statement in ("delete from app.event_logs", "update app.event_logs set user_id = 2", "truncate app.sales_data"):
        with pytest.raises(errors.InsufficientPrivilege):
            database.execute(statement)
    database.execute("set role partition_lab_reader")
    assert database.execute("select count(*) from app.event_logs").fetchone() == (1,)
    with pytest.raises(errors.InsufficientPrivilege):
        database.execute("insert into app.event_logs (user_id, event_type) values (1, 'login')")
    with pytest.raises(errors.InsufficientPrivilege):
        database.execute("call app.reset_lab()")
    database.execute("reset role")


def test_misplaced_rows_are_found(database: psycopg.Connection, operator: str) -> None:
    partition_by_hand(database)
    answer(operator, "seed")
    assert database.execute("select * from app.misplaced_rows()").fetchall() == []
    # What PostgreSQL prevents, done to its catalog.
    database.execute("alter table app.orders_by_region detach partition app.orders_by_region_europe")
    database.execute("insert into app.orders_by_region_europe (region, customer_id, amount) values ('mars', 1, 1)")
    with pytest.raises(errors.CheckViolation):
        database.execute(
            "alter table app.orders_by_region attach partition app.orders_by_region_europe for values in ('europe')"
        )
