"""The whole story on a real server: set up, seed, partition, load, re-partition, load again; and every way to refuse."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from background import Background
from psycopg import errors
from servers import Server

from partition_lab.system import answer, lab, refusal
from pgops.errors import PgopsError
from pgops.lab import scenarios, shapes, state
from pgops.lab.connection import Lab, act_as_owner
from pgops.lab.load import Load
from pgops.lab.run import Run, _prove_sum

pytestmark = pytest.mark.long_when_repeated

EVENTS = "select count(*) from app.event_logs"
LEAVES = "select relid::regclass::text from pg_partition_tree(%s) where isleaf order by 1"
WAIT_SECONDS = 60
SCENARIOS = ("add", "split", "detach", "migrate")


def leaves(database: psycopg.Connection, table: str) -> list[str]:
    return [name.removeprefix("app.") for (name,) in database.execute(LEAVES, [f"app.{table}"]).fetchall()]


def value(database: psycopg.Connection, statement: str) -> object:
    (found,) = database.execute(statement).fetchone()
    return found


ORIGINAL = ["event_logs_2024_01", "event_logs_2024_02", "event_logs_2024_03", "event_logs_default"]
SHAPES = {
    "event_logs": ORIGINAL,
    "users_distributed": [f"users_distributed_p{number}" for number in range(4)],
    "orders_by_region": [f"orders_by_region_{name}" for name in ("asia_pacific", "europe", "north_america", "other")],
    "sales_data": [
        f"sales_data_2024_{quarter}_{name}" for quarter in ("q1", "q2") for name in ("clothing", "electronics", "other")
    ],
}


def test_migrate_makes_the_shapes_and_keeps_the_plain_tables(database: psycopg.Connection, operator: str) -> None:
    answer(operator, "seed")
    answer(operator, "migrate")
    for table, expected in SHAPES.items():
        assert leaves(database, table) == expected
        plain = database.execute("select relkind::text from pg_class where oid = %s::regclass", [f"app.{table}_old"])
        assert plain.fetchone() == ("r",)
        assert value(database, f"select count(*) from (table app.{table} except all table app.{table}_old) d") == 0
        assert value(database, f"select count(*) from (table app.{table}_old except all table app.{table}) d") == 0
    assert value(database, "select count(*) from app.misplaced_rows()") == 0


def test_every_partition_has_its_indexes(database: psycopg.Connection, partitioned: str) -> None:
    wanted = {"event_logs": 3, "users_distributed": 3, "orders_by_region": 3, "sales_data": 3}
    answer(partitioned, "repartition", "add")
    answer(partitioned, "repartition", "split")
    for table, count in wanted.items():
        for leaf in leaves(database, table):
            found = value(
                database, f"select count(*) from pg_index where indrelid = 'app.{leaf}'::regclass and indisvalid"
            )
            assert found == count, leaf


def test_clients_go_on_with_the_rights_that_they_had(database: psycopg.Connection, operator: str, client: str) -> None:
    answer(operator, "seed")
    answer(operator, "migrate")
    with psycopg.connect(client, autocommit=True) as connection:
        connection.execute("insert into app.event_logs (user_id, event_type) values (1, 'login')")
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("delete from app.event_logs")
    database.execute("set role partition_lab_reader")
    assert database.execute(EVENTS).fetchone() == (301,)


def test_migrating_twice_is_refused(operator: str) -> None:
    answer(operator, "seed")
    answer(operator, "migrate")
    assert "are partitioned already" in refusal(operator, "migrate")


def test_migrate_while_rows_arrive(database: psycopg.Connection, operator: str) -> None:
    answer(operator, "seed")
    found = answer(operator, "migrate", "--load", "5")
    assert found["load"]["all"]["failed"] == found["load"]["all"]["in_doubt"] == 0
    for table, seeded in (
        ("event_logs", 300),
        ("users_distributed", 150),
        ("orders_by_region", 200),
        ("sales_data", 250),
    ):
        assert value(database, f"select count(*) from app.{table}") == seeded + found["load"]["tables"][table]["rows"]
    assert found["load"]["all"]["rows"] > 100
    assert [operation["operation"] for operation in found["operations"]] == ["convert"] * 4
    assert all(operation["state"] == "done" for operation in found["operations"])


def test_add_takes_the_rows_out_of_the_default_partition(database: psycopg.Connection, partitioned: str) -> None:
    april = "created_at >= '2024-04-01Z' and created_at < '2024-05-01Z'"
    rows = value(database, f"select count(*) from app.event_logs_default where {april}")
    assert rows > 0
    found = answer(partitioned, "repartition", "add")
    assert value(database, "select count(*) from app.event_logs_2024_04") == rows
    assert value(database, f"select count(*) from app.event_logs_default where {april}") == 0
    assert value(database, EVENTS) == 300
    assert any("a row of 2024-04-15 goes into app.event_logs_2024_04" in proof for proof in found["proofs"])
    assert "event_logs_2024_04" in refusal(partitioned, "repartition", "add")


def test_split_loses_no_row(database: psycopg.Connection, partitioned: str) -> None:
    february = value(database, "select count(*) from app.event_logs_2024_02")
    found = answer(partitioned, "repartition", "split")
    weeks = [name for name in leaves(database, "event_logs") if "_w" in name]
    assert weeks == [f"event_logs_2024_02_w{number}" for number in range(1, 5)]
    assert sum(value(database, f"select count(*) from app.{week}") for week in weeks) == february
    assert value(database, EVENTS) == 300
    assert value(database, "select tableoid::regclass::text from app.event_logs where created_at >= '2024-02-29Z'"
                 " order by created_at limit 1") == "app.event_logs_2024_02_w4"  # fmt: skip
    (before,), (after,) = found["before"], found["after"]
    assert (len(before["parts"]), len(after["parts"])) == (4, 7)
    assert "has no partition event_logs_2024_02" in refusal(partitioned, "repartition", "split")


def test_detach_archives_with_reason_and_time(database: psycopg.Connection, partitioned: str) -> None:
    january = database.execute("select id, created_at, payload from app.event_logs_2024_01 order by id").fetchall()
    answer(partitioned, "repartition", "detach")
    archived = "select id, created_at, payload from app.event_logs_archive order by id"
    assert database.execute(archived).fetchall() == january
    assert (
        value(
            database, "select count(*) from app.event_logs_archive where archived_at is null or archive_reason is null"
        )
        == 0
    )
    assert value(database, "select to_regclass('app.event_logs_2024_01') is null")
    assert value(database, EVENTS) == 300 - len(january)
    assert "has no partition event_logs_2024_01" in refusal(partitioned, "repartition", "detach")


def test_migrate_by_date_keeps_both(database: psycopg.Connection, partitioned: str) -> None:
    answer(partitioned, "repartition", "migrate")
    columns = "id, username, email, country, registration_date, active"
    difference = "select count(*) from (select {0} from app.{1} except all select {0} from app.{2}) d"
    assert value(database, difference.format(columns, "users_distributed", "users_by_date")) == 0
    assert value(database, difference.format(columns, "users_by_date", "users_distributed")) == 0
    assert value(database, "select pg_get_partkeydef('app.users_by_date'::regclass)") == "RANGE (registration_date)"
    assert leaves(database, "users_distributed") == SHAPES["users_distributed"]
    quarters = [f"users_by_date_{year}_q{quarter}" for year in (2023, 2024) for quarter in range(1, 5)]
    assert leaves(database, "users_by_date") == [*quarters, "users_by_date_default"]
    assert value(database, "select count(*) from app.users_by_date_default") == 0
    assert "there is a table app.users_by_date already" in refusal(partitioned, "repartition", "migrate")


def test_the_whole_sequence_and_again(database: psycopg.Connection, operator: str) -> None:
    answer(operator, "seed")
    answer(operator, "migrate")
    answer(operator, "simulate", "1", "0.5")
    rows = value(database, EVENTS)
    for _turn in range(2):
        for scenario in SCENARIOS:
            answer(operator, "repartition", scenario)
        written = answer(operator, "simulate", "1", "0.5")
        rows += written["tables"]["event_logs"]["rows"]
        assert written["all"]["failed"] == 0
        archived = value(database, "select count(*) from app.event_logs_archive")
        assert archived > 0
        assert value(database, EVENTS) + archived == rows
        answer(operator, "repartition", "cleanup")
        for table, expected in SHAPES.items():
            assert leaves(database, table) == expected
        assert value(
            database,
            "select to_regclass('app.event_logs_archive') is null and to_regclass('app.users_by_date') is null",
        )
        assert value(database, EVENTS) == rows
        assert value(database, "select count(*) from app.misplaced_rows()") == 0
    assert "have their original shape already" in refusal(operator, "repartition", "cleanup")


def test_all_under_load(database: psycopg.Connection, operator: str, recorded: Path) -> None:
    page = recorded / "page.html"
    story = answer(operator, "all", "--scale", "2", "--load", "3", "--clients", "2", "--output", str(page))
    assert list(story) == [
        "seed", "migrate", "queries", "repartition add", "repartition split", "repartition detach",
        "repartition migrate", "repartition cleanup", "report",
    ]  # fmt: skip
    written = 0
    for name in [*list(story)[3:-1], "migrate"]:
        load = story[name]["load"]["all"]
        assert load["failed"] == load["in_doubt"] == 0, story[name]["load"]["errors"]
        written += story[name]["load"]["tables"]["event_logs"]["rows"]
    assert value(database, EVENTS) == 600 + written
    assert leaves(database, "event_logs") == ORIGINAL
    text = page.read_text()
    assert text.count("<img") == 13  # six tasks, each with map and latency, and the tables now
    assert "--discard loses them" in refusal(operator, "all")
    assert json.loads((recorded / "lab" / f"{database.info.dbname}.json").read_text())


def test_a_budget_for_locks_reaches_the_engine(database: psycopg.Connection, partitioned: str) -> None:
    found = answer(partitioned, "repartition", "split", "--lock-budget-ms", "37")
    assert [operation["lock_budget_ms"] for operation in found["operations"]] == [37]
    assert value(database, "select options ->> 'lock_budget_ms' from pgops.operation") == "37"


def test_a_report_lies_beside_the_record(database: psycopg.Connection, partitioned: str, recorded: Path) -> None:
    answer(partitioned, "queries", "range")
    expected = recorded / "lab" / f"{database.info.dbname}.html"
    result = lab(partitioned, "report")
    assert result.stdout == f"written: {expected}\n"
    expected.unlink()
    assert answer(partitioned, "report") == {"report": str(expected)}
    assert expected.is_file()


def test_a_budget_that_is_none_is_refused(database: psycopg.Connection, partitioned: str) -> None:
    assert 'option "lock_budget_ms" is 0' in refusal(partitioned, "repartition", "split", "--lock-budget-ms", "0")
    assert leaves(database, "event_logs") == ORIGINAL


def test_a_report_of_nothing_is_refused(operator: str, recorded: Path) -> None:
    assert "nothing was recorded since the last reset" in refusal(operator, "report")
    assert not list(recorded.rglob("*.html"))


def test_empty_tables(database: psycopg.Connection, operator: str) -> None:
    answer(operator, "migrate")
    for scenario in (*SCENARIOS, "cleanup"):
        found = answer(operator, "repartition", scenario)
        assert all(operation["rows"] == 0 for operation in found["operations"])
    for table, expected in SHAPES.items():
        assert leaves(database, table) == expected
        assert value(database, f"select count(*) from app.{table}") == 0
    assert answer(operator, "simulate", "1", "0.3")["all"]["failed"] == 0


def test_others_may_write_meanwhile(database: psycopg.Connection, partitioned: str, client: str) -> None:
    """The load runs in a command of its own, as in a second terminal."""
    with Load(client, interval_ms=5, clients=2) as load:
        for scenario in ("split", "detach", "add", "cleanup"):
            answer(partitioned, "repartition", scenario)
    assert load.counters["event_logs"].rows > 0
    assert load.summary()["all"]["failed"] == 0
    assert value(database, EVENTS) == 300 + load.counters["event_logs"].rows
    assert value(database, "select count(*) - count(distinct id) from app.event_logs") == 0


def test_a_row_that_is_lost_or_doubled_is_no_success(database: psycopg.Connection, partitioned: str) -> None:
    connection = psycopg.connect(partitioned, autocommit=True)
    with connection:
        act_as_owner(connection)
        run = Run(Lab("x", partitioned, partitioned), connection, print)
        before = state.read(connection, "event_logs")
        connection.execute("delete from app.event_logs_2024_03 where id = (select max(id) from app.event_logs_2024_03)")
        with pytest.raises(PgopsError, match="not so: event_logs: 300 rows before, 0 written meanwhile, 299 now"):
            _prove_sum(run, ("event_logs",), before, state.read(connection, "event_logs"))
        connection.execute(
            "insert into app.event_logs (id, created_at, user_id, event_type)"
            " select id, '2030-01-01Z', 1, 'view' from app.event_logs_2024_03 limit 1"
        )
        with pytest.raises(PgopsError, match="not so: event_logs: no id is there twice"):
            _prove_sum(run, ("event_logs",), before, state.read(connection, "event_logs"))


def test_a_plan_changes_nothing(database: psycopg.Connection, partitioned: str) -> None:
    for scenario in SCENARIOS:
        steps = answer(partitioned, "repartition", scenario, "--plan")
        assert steps
        assert all(step["action"] and step["lock_level"] for step in steps), steps
        if scenario != "migrate":
            assert any("ACCESS EXCLUSIVE" in step["lock_level"] for step in steps)
    assert leaves(database, "event_logs") == ORIGINAL
    assert "original shape already" in refusal(partitioned, "repartition", "cleanup", "--plan")


def planned(dsn: str, *arguments: str) -> dict[str, list[str]]:
    """Operations of a plan by their table, in order."""
    found: dict[str, list[str]] = {}
    for step in answer(dsn, *arguments, "--plan"):
        if step["step"] == 1:
            found.setdefault(step["relation"], []).append(step["operation"])
    return found


def convert(dsn: str, relation: str, policy: dict[str, Any]) -> None:
    """As the command that was interrupted before it has finished the conversion."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("call pgops.operation_apply(%s::regclass, 'convert', %s)", [relation, json.dumps(policy)])


def test_the_plan_of_tables_that_are_kept_in_step_is_to_finish(database: psycopg.Connection, operator: str) -> None:
    answer(operator, "seed")
    plain = ["convert", "finish"]
    assert planned(operator, "migrate") == dict.fromkeys([shape.name for shape in shapes.SHAPES], plain)
    convert(operator, shapes.EVENTS.name, shapes.EVENTS.policy)
    assert planned(operator, "migrate") == {
        "app.event_logs": ["finish"], "app.users_distributed": plain, "app.orders_by_region": plain,
        "app.sales_data": plain,
    }  # fmt: skip
    answer(operator, "migrate")
    assert planned(operator, "repartition", "migrate") == {
        "app.users_distributed": ["convert"], "app.users_by_date": ["finish"],
    }  # fmt: skip
    by_date = {"new_name": "users_by_date", **scenarios.by_date_policy(database)}
    convert(operator, shapes.USERS.name, by_date)
    assert planned(operator, "repartition", "migrate") == {"app.users_by_date": ["finish"]}
    assert planned(operator, "repartition", "cleanup") == {"app.users_by_date": ["finish"]}
    assert answer(operator, "repartition", "migrate")["operations"][0]["state"] == "done"


def test_the_plan_after_an_interruption_is_to_go_on(
    server: Server, database: psycopg.Connection, partitioned: str
) -> None:
    operation_id = interrupted(server, database)
    steps = answer(partitioned, "repartition", "split", "--plan")
    assert [(step["operation"], step["object_name"], step["description"]) for step in steps] == [
        ("split", f"operation {operation_id}", "it was interrupted; left are wait, compare, catch_up, switch, uncheck, follow_up, clean"),
        ("repartition split", "", "what is still to be done then"),
    ]  # fmt: skip
    assert value(database, f"select state from pgops.operation where operation_id = {operation_id}") == "waiting"


def interrupted(server: Server, database: psycopg.Connection) -> int:
    """Number of a split whose server process has ended while it waited for its switch."""
    with server.connect(database.info.dbname) as runner:
        arguments = json.dumps({"partition": scenarios.FEBRUARY["name"], "into": list(scenarios.WEEKS)})
        work = Background(
            lambda: runner.execute(
                "call pgops.operation_apply('app.event_logs', 'split', %s, '{\"switch\": \"wait\"}')", [arguments]
            )
        )
        deadline = time.monotonic() + WAIT_SECONDS
        while database.execute("select from pgops.operation where state = 'waiting'").fetchone() is None:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        database.execute("select pg_terminate_backend(%s, 10000)", [runner.info.backend_pid])
        with pytest.raises(psycopg.OperationalError):
            work.finish()
    return int(value(database, "select max(operation_id) from pgops.operation"))


def test_what_was_interrupted_is_finished_first(server: Server, database: psycopg.Connection, partitioned: str) -> None:
    operation_id = interrupted(server, database)
    database.execute("select pgops.operation_switch(%s)", [operation_id])
    found = answer(partitioned, "repartition", "split")
    assert [operation["operation_id"] for operation in found["operations"]] == [operation_id]
    assert "what was interrupted is done: split" in found["proofs"]
    assert len(found["after"][0]["parts"]) == 7
    assert value(database, EVENTS) == 300


def test_a_reset_takes_back_what_was_interrupted(
    server: Server, database: psycopg.Connection, partitioned: str
) -> None:
    operation_id = interrupted(server, database)
    assert lab(partitioned, "reset", "--discard").exit_code == 0
    assert value(database, f"select state from pgops.operation where operation_id = {operation_id}") == "cancelled"
    tables = database.execute("select relname from pg_class where relnamespace = 'app'::regnamespace and relkind = 'r'")
    assert {name for (name,) in tables} == set(SHAPES)


def test_scenarios_refuse_plain_tables(operator: str) -> None:
    for scenario in ("add", "split", "detach", "cleanup"):
        assert f"{scenario}: app.event_logs is not partitioned" in refusal(operator, "repartition", scenario)
    assert "migrate: app.users_distributed is not partitioned" in refusal(operator, "repartition", "migrate")


def test_rows_outside_all_ranges(database: psycopg.Connection, partitioned: str) -> None:
    for moment in ("1999-12-31Z", "2024-03-31 23:59:59.999999Z", "2024-04-01Z", "infinity", "-infinity"):
        (place,) = database.execute(
            "insert into app.event_logs (created_at, user_id, event_type) values (%s, 1, 'view')"
            " returning tableoid::regclass::text",
            [moment],
        ).fetchone()
        expected = "app.event_logs_2024_03" if moment.startswith("2024-03") else "app.event_logs_default"
        assert place == expected
    for day in ("2023-12-31", "2024-07-01"):
        with pytest.raises(errors.CheckViolation, match='no partition of relation "sales_data" found for row'):
            database.execute(
                "insert into app.sales_data (sale_date, category, product, amount) values (%s, 'books', 'x', 1)", [day]
            )
    answer(partitioned, "repartition", "add")
    assert value(database, "select count(*) from app.event_logs_2024_04 where created_at = '2024-04-01Z'") == 1


@pytest.mark.parametrize(
    ("table", "columns", "values", "error"),
    [
        ("event_logs", "created_at, user_id, event_type", "null, 1, 'view'", errors.NotNullViolation),
        ("users_distributed", "id, username, email, country", "null, 'a', 'b', 'DE'", errors.NotNullViolation),
        ("orders_by_region", "region, customer_id, amount", "null, 1, 1", errors.NotNullViolation),
        ("sales_data", "sale_date, category, product, amount", "'2024-01-01', null, 'x', 1", errors.NotNullViolation),
        # There is no default partition that it could reach, to be refused there.
        ("sales_data", "sale_date, category, product, amount", "null, 'books', 'x', 1", errors.CheckViolation),
    ],
)
def test_null_is_no_key_of_the_lab(
    database: psycopg.Connection, partitioned: str, table: str, columns: str, values: str, error: type[psycopg.Error]
) -> None:
    """The keys are part of the primary key, in which PostgreSQL allows no NULL, whatever the strategy."""
    with pytest.raises(error):
        database.execute(f"insert into app.{table} ({columns}) values ({values})")
