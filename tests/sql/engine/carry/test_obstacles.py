"""What cannot be carried over is named, with what to do about it, and nothing else is."""

from __future__ import annotations

import pytest

JANUARY = "app.t1_2024_01"
DROP = "and would not follow its rows: drop it, or make it depend on app.t1"
AS_OWNER = {
    "view": ("create view app.v as select id from app.t1_2024_01", f"view app.v depends on {JANUARY} {DROP}"),
    "materialized view": (
        "create materialized view app.m as select id from app.t1_2024_01",
        f"materialized view app.m depends on {JANUARY} {DROP}",
    ),
    "function with its row type": (
        "create function app.f(app.t1_2024_01) returns int language sql as 'select 1'",
        f"function app.f(app.t1_2024_01) depends on the row type of {JANUARY} {DROP}",
    ),
    "function with an array of it": (
        "create function app.f() returns app.t1_2024_01[] language sql as 'select null::app.t1_2024_01[]'",
        f"function app.f() depends on the row type of {JANUARY} {DROP}",
    ),
    "function with a body of SQL": (
        "create function app.f() returns bigint language sql begin atomic select count(*) from app.t1_2024_01; end",
        f"function app.f() depends on {JANUARY} {DROP}",
    ),
    "column of its row type": (
        "create table app.log (n int, old app.t1_2024_01)", f"table app.log depends on the row type of {JANUARY} {DROP}",
    ),
    "policy of another table": (
        "create policy p on app.seen using (id in (select id from app.t1_2024_01))",
        f"policy p on table app.seen depends on {JANUARY} {DROP}",
    ),
    "rule that speaks of it": (
        "create rule r as on delete to app.t1_2024_01 do also insert into app.seen select id, note from app.t1_2024_01",
        f'rule "r" of {JANUARY} speaks of the table itself, beyond NEW and OLD: drop it',
    ),
    "policy that speaks of it": (
        "create policy p on app.t1_2024_01 using (id < (select max(o.id) from app.t1_2024_01 as o))",
        f'policy "p" of {JANUARY} speaks of the table itself: drop it, or make it speak of app.t1',
    ),
    "key to the partition itself": (
        "create table app.line (n int, id bigint, day date, constraint k foreign key (id, day) references app.t1_2024_01)",
        f'foreign key "k" of app.line refers to {JANUARY} itself, whose rows move to tables of other names: make it refer to app.t1',
    ),
    "forced row-level security": (
        "alter table app.t1_2024_01 enable row level security, force row level security",
        f"row-level security is forced on engine_owner, the owner of {JANUARY}, and hides rows:"
        f" ALTER TABLE {JANUARY} NO FORCE ROW LEVEL SECURITY, or give the owner BYPASSRLS",
    ),
    "partition that is partitioned": (
        "drop table app.t1_2024_01; create table app.t1_2024_01 partition of app.t1"
        " for values from ('2024-01-01') to ('2024-02-01') partition by list (id)",
        f"{JANUARY} is partitioned itself: change its partitions first, or name it as the table",
    ),
}  # fmt: skip
AS_SUPERUSER = {
    "publication of all tables": (
        "create publication carry_all for all tables",
        'publication "carry_all" is FOR ALL TABLES and would send the new tables while they are filled: publish the tables'
        " by their names",
    ),
    "publication of the schema": (
        "create publication carry_all for tables in schema app",
        'publication "carry_all" is FOR TABLES IN SCHEMA app and would send the new tables while they are filled: publish the'
        " tables by their names",
    ),
    "publication of somebody else": (
        "create publication carry_leaf for table app.t1_2024_01",
        f'publication "carry_leaf" names {JANUARY} and belongs to postgres, so that engine_owner, the owner of the table,'
        " cannot name another in its place: publish app.t1 instead (publish_via_partition_root),"
        " or ALTER PUBLICATION carry_leaf OWNER TO engine_owner",
    ),
    "another owner": (
        "alter table app.t1_2024_01 owner to carry_reader",
        f"{JANUARY} belongs to carry_reader, and app.t1 to engine_owner: ALTER TABLE {JANUARY} OWNER TO engine_owner",
    ),
    "key of somebody else's table": (
        "create table app.line (n int, id bigint, day date, constraint k foreign key (id, day) references app.t1);"
        "alter table app.line owner to carry_reader",
        'foreign key "k" of app.line refers to app.t1, which belongs to carry_reader, so that engine_owner, the owner of'
        " app.t1, can neither drop nor add the key: drop it, or GRANT carry_reader TO engine_owner",
    ),
    "key without the privilege": (
        "alter table app.t1_2024_01 add constraint c foreign key (country) references app.country;"
        "alter table app.country owner to postgres",
        f'foreign key "c" of {JANUARY} refers to app.country, on which its owner engine_owner has no REFERENCES privilege any'
        " more: GRANT REFERENCES ON app.country TO engine_owner",
    ),
    "disabled trigger of a key": (
        "alter table app.t1_2024_01 add constraint c foreign key (country) references app.country;"
        "alter table app.country disable trigger all",
        'trigger of the server for foreign key "c" of app.t1_2024_01 is not enabled as usual:'
        " ALTER TABLE app.country ENABLE TRIGGER ALL",
    ),
    "function of a trigger": (
        "create trigger t after insert on app.t1_2024_01 for each row execute function app.touch();"
        "revoke execute on function app.touch() from public, engine_owner;",
        f'function app.touch() of trigger "t" of {JANUARY} may not be executed by engine_owner, the owner of the table:'
        " GRANT EXECUTE ON FUNCTION app.touch() TO engine_owner",
    ),
    "extension": (
        "alter extension plpgsql add table app.t1_2024_01",
        f'{JANUARY} belongs to extension "plpgsql": ALTER EXTENSION plpgsql DROP TABLE {JANUARY}',
    ),
    "index that is not valid": (
        "create index t1_broken on app.t1_2024_01 (note);"
        "update pg_index set indisvalid = false where indexrelid = 'app.t1_broken'::regclass",
        f"index app.t1_broken of {JANUARY} is not valid: DROP INDEX or REINDEX it",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", AS_OWNER)
def test_what_cannot_be_carried_is_named(tree, name):
    command, obstacle = AS_OWNER[name]
    assert tree.obstacles() == []
    tree.engine.as_owner(command)
    assert tree.obstacles() == [obstacle]


@pytest.mark.parametrize("name", AS_SUPERUSER)
def test_what_its_owner_cannot_carry_is_named(tree, name):
    command, obstacle = AS_SUPERUSER[name]
    tree.engine.run(command)
    try:
        assert tree.obstacles() == [obstacle]
    finally:
        if name == "extension":
            tree.engine.run("alter extension plpgsql drop table app.t1_2024_01")


def test_a_key_of_a_partitioned_table_is_an_obstacle_where_it_cannot_be_added_unchecked(tree):
    tree.engine.as_owner(
        "create table app.line (n int, id bigint, day date, constraint k foreign key (id, day) references app.t1)"
        " partition by list (n); create table app.line_1 partition of app.line default"
    )
    expected = [] if tree.engine.server.version >= 18 else [
        'foreign key "k" of app.line refers to app.t1, and PostgreSQL 16 cannot add a key of a partitioned table as NOT VALID:'
        " drop the key and add it again afterwards, or do this on PostgreSQL 18"
    ]  # fmt: skip
    assert tree.obstacles() == expected
    if not expected:
        tree.fill()
        tree.switch()
        assert tree.engine.value("select convalidated from pg_constraint where conname = 'k'")


def test_tables_that_are_merged_must_not_differ_in_who_may_what(tree):
    engine = tree.engine
    february = "app.t1_2024_02"
    engine.as_owner(f"create table {february} partition of app.t1 for values from ('2024-02-01') to ('2024-03-01')")
    assert tree.obstacles(JANUARY, february, operation="merge") == []
    engine.as_owner(f"grant select on {february} to carry_reader; create trigger t after insert on {JANUARY}"
        " for each row execute function app.touch()")  # fmt: skip
    texts = tree.obstacles(JANUARY, february, operation="merge")
    assert [text.split(" (")[0] for text in texts] == [
        f"{february} and {JANUARY}, which are to become one table, differ in their privilege",
        f"{JANUARY} and {february}, which are to become one table, differ in their trigger",
    ]
    assert "grant SELECT on table" in texts[0]
    assert tree.obstacles(JANUARY, february, operation="split") == []


@pytest.mark.parametrize(("operation", "count"), [("detach", 0), ("drop", 1), ("split", 2)])
def test_operations_that_make_no_tables_have_fewer_obstacles(tree, operation, count):
    tree.engine.run("create publication carry_all for all tables")
    tree.engine.as_owner("create view app.v as select id from app.t1_2024_01")
    assert len(tree.obstacles(operation=operation)) == count


def test_an_incremental_view_is_named(extended_server, tree):
    if tree.engine.server is not extended_server:
        assert tree.obstacles() == []
        return
    engine = tree.engine
    engine.run("create extension if not exists pg_ivm")
    engine.run("create table app.plain (id int primary key, amount int)")
    engine.run("alter table app.plain owner to engine_owner")
    engine.run("set search_path = app, public, pg_catalog")
    engine.run("select pgivm.create_immv('sums', 'select id, sum(amount) as total from app.plain group by id')")
    engine.run("reset search_path")
    texts = tree.obstacles("app.plain", relation="app.plain", operation="convert")
    assert any("app.sums is maintained from app.plain" in text and '"pg_ivm"' in text for text in texts), texts
