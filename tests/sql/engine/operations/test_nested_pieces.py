"""Partitions of partitions: added whole, as maintenance makes them; taken away whole; not filled from the default."""

from __future__ import annotations

import json

import pytest
from psycopg import errors

NOW = "2024-02-10 12:00+00"
SALES = {
    "by": {"range": "date", "every": "quarter"},
    "name": "sales_{year}_q{quarter}",
    "ahead": 0,
    "storage_parameters": {"fillfactor": 70},
    "indexes": [{"columns": ["note"]}],
    "subpartitions": {
        "by": {"list": "category"},
        "partitions": [{"name": "{parent}_food", "values": ["food"]}],
        "default": "{parent}_other",
        "subpartitions": {"by": {"hash": "id", "modulus": 2}, "name": "{parent}_{remainder}"},
    },
}
TABLE = """
create table app.t1 (id bigint generated always as identity, date date not null, category text not null, note text,
    country text, primary key (id, date, category)) partition by range (date);
create unique index t1_once on app.t1 (date, id, category);
alter table app.t1 replica identity using index t1_once;
create table app.country (code text primary key);
insert into app.country values ('de');
alter table app.t1 add constraint home foreign key (country) references app.country;
create function app.touch() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger touch before insert on app.t1 for each row execute function app.touch();
comment on table app.t1 is 'Sales'; grant select on app.t1 to engine_monitor
"""
PIECE = {"name": "old", "from": "2020-01-01", "to": "2021-01-01"}
ALIKE = r"""
select regexp_replace(c.relname, '^(old|sales_2024_q1)', ''), c.relkind::text, c.relispartition, c.reloptions, c.relreplident::text,
    c.relacl::text, obj_description(c.oid, 'pg_class'),
    array(select pgops.index_definition(i.indexrelid) from pg_index i where i.indrelid = c.oid order by 1),
    array(select pg_get_constraintdef(k.oid) from pg_constraint k where k.conrelid = c.oid order by 1),
    array(select tgname from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal order by 1),
    array(select a.attname from pg_attribute a where a.attrelid = c.oid and a.attidentity <> '' order by 1),
    case when c.relname not in ('old', 'sales_2024_q1') then pg_get_expr(c.relpartbound, c.oid) end
from pg_partition_tree(%s::regclass) as t join pg_class as c on c.oid = t.relid order by 1
"""


@pytest.fixture
def table(engine):
    engine.as_owner(TABLE)
    engine.set_policy(SALES)
    engine.apply(NOW)
    engine.configure(operation_lock_budget=900)
    return engine


def apply(engine, operation: str, arguments: dict, table: str = "app.t1", session=None) -> None:
    (session or engine.session()).execute(
        "call pgops.operation_apply(%s::regclass, %s, %s)",
        [engine.value("select %s::regclass::oid", table), operation, json.dumps(arguments)],
    )  # fmt: skip


def test_a_piece_gets_the_partitions_that_maintenance_would_make(table):
    plan = table.run("select action, description from pgops.operation_plan('app.t1', 'add', %s)", json.dumps(PIECE))
    assert plan[0] == (
        "create", "make a table for values from ('2020-01-01') to ('2021-01-01') with its partitions app.old_other, app.old_food,"
        " app.old_food_0, app.old_food_1",
    )  # fmt: skip
    apply(table, "add", PIECE)
    assert table.run("select state, method from pgops.operation") == [("done", "attach")]
    assert table.run(ALIKE, "app.old") == table.run(ALIKE, "app.sales_2024_q1")
    table.run(
        "insert into app.t1 (date, category, country) values ('2020-05-05', 'food', 'de'), ('2020-06-06', 'x', null)"
    )
    assert sum(table.rows_by_partition().values()) == 2
    assert all(name.startswith(("old_food_", "old_other")) for name in table.rows_by_partition())
    with pytest.raises(errors.ForeignKeyViolation):
        table.run("insert into app.t1 (date, category, country) values ('2020-05-05', 'food', 'xx')")
    assert table.plan(as_of=NOW) == []


@pytest.mark.parametrize("operation", ["detach", "drop"])
def test_a_partition_leaves_with_its_own(table, operation):
    apply(table, "add", PIECE)
    table.run("insert into app.t1 (date, category) values ('2020-05-05', 'food')")
    with pytest.raises(errors.DatabaseError, match="has rows, and dropping it would lose them"):
        apply(table, "drop", {"partition": "old"})
    rows = {"rows": "discard"} if operation == "drop" else {}
    apply(table, operation, {"partition": "old"} | rows)
    assert not [name for name in table.tree() if name.startswith("old")]
    assert table.value("select to_regclass('app.old') is null") == (operation == "drop")
    if operation == "detach":
        assert table.value("select count(*) from app.old") == 1


def test_what_depends_on_a_partition_below_keeps_the_whole_from_being_dropped(table):
    apply(table, "add", PIECE)
    table.as_owner("create view app.v as select * from app.old_food_0")
    with pytest.raises(errors.ObjectNotInPrerequisiteState, match=r"view app\.v depends on app\.old_food_0"):
        apply(table, "drop", {"partition": "old"})
    apply(table, "detach", {"partition": "old"})


def test_a_taken_name_below_is_named(table):
    table.as_owner("create table app.old_food_1 (n int)")
    with pytest.raises(errors.InvalidParameterValue, match=r"a relation app\.old_food_1 exists already"):
        apply(table, "add", PIECE)
    assert "old" not in table.tree()


def test_taken_back_it_leaves_no_table(table):
    before = table.run("select relname from pg_class where relnamespace = 'app'::regnamespace order by 1")
    session = table.session()
    number = session.execute("select pgops.start_operation('app.t1', 'add', %s, '{}')", [json.dumps(PIECE)]).fetchone()[
        0
    ]
    session.execute("select pgops.try_operation_step(%s, 'create')", [number])
    assert table.value("select to_regclass('app.old_food_1') is not null")
    session.execute("call pgops.operation_cancel(%s)", [number])
    assert table.run("select relname from pg_class where relnamespace = 'app'::regnamespace order by 1") == before


@pytest.mark.parametrize(
    ("operation", "arguments"), [("add", PIECE), ("drain", {"partitions": [PIECE]}), ("drain", {})]
)
def test_rows_of_the_default_partition_are_left_to_maintenance(table, operation, arguments):
    table.run("insert into app.t1 (date, category) values ('2020-05-05', 'food')")
    before = table.rows_by_partition()
    with pytest.raises(errors.InvalidParameterValue, match="does not move rows of the default partition") as refused:
        apply(table, operation, arguments)
    assert refused.value.diag.message_hint.startswith("CALL pgops.partition_apply('app.t1')")
    assert table.rows_by_partition() == before
    assert table.run("select * from pgops.operation") == []


def test_rows_that_come_to_the_default_partition_meanwhile_stop_it(table):
    session = table.session()
    number = session.execute("select pgops.start_operation('app.t1', 'add', %s, '{}')", [json.dumps(PIECE)]).fetchone()[
        0
    ]
    table.run("insert into app.t1 (date, category) values ('2020-05-05', 'food')")
    before = table.rows()
    with pytest.raises(errors.RaiseException, match="does not move rows of the default partition"):
        session.execute("call pgops.operation_resume(%s)", [number])
    session.execute("call pgops.operation_cancel(%s)", [number])
    assert table.rows() == before
    assert "old" not in table.tree()
