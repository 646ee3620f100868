"""What cannot be carried over is named, with what to do about it, and nothing else is.

Everything is undone after each test, so that one table serves all of them.
"""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.long_when_repeated

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
    # No provider is loaded here, so the label is put where SECURITY LABEL would put it.
    "security label": (
        "insert into pg_seclabel select 'app.t1_2024_01'::regclass, 'pg_class'::regclass, 0, 'dummy', 'it''s secret'",
        f"table {JANUARY} has a security label of provider \"dummy\" ('it''s secret'), which new tables would not have:"
        f" SECURITY LABEL FOR dummy ON table {JANUARY} IS NULL, and label the new tables afterwards",
    ),
    "security label of a column": (
        "insert into pg_seclabel select attrelid, 'pg_class'::regclass, attnum, 'dummy', 'hidden' from pg_attribute"
        " where attrelid = 'app.t1_2024_01'::regclass and attname = 'note'",
        f"column {JANUARY}.note has a security label of provider \"dummy\" ('hidden'), which new tables would not have:"
        f" SECURITY LABEL FOR dummy ON column {JANUARY}.note IS NULL, and label the new tables afterwards",
    ),
    "index that is not valid": (
        "create index t1_broken on app.t1_2024_01 (note);"
        "update pg_index set indisvalid = false where indexrelid = 'app.t1_broken'::regclass",
        f"index app.t1_broken of {JANUARY} is not valid: DROP INDEX or REINDEX it",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", AS_OWNER)
def test_what_cannot_be_carried_is_named(shared_tree, name):
    command, obstacle = AS_OWNER[name]
    engine = shared_tree.engine
    with engine.superuser.transaction(force_rollback=True):
        assert shared_tree.obstacles() == []
        engine.run("set local role engine_owner")
        engine.run(command)
        engine.run("reset role")
        assert shared_tree.obstacles() == [obstacle]


@pytest.mark.parametrize("name", AS_SUPERUSER)
def test_what_its_owner_cannot_carry_is_named(shared_tree, name):
    command, obstacle = AS_SUPERUSER[name]
    with shared_tree.engine.superuser.transaction(force_rollback=True):
        shared_tree.engine.run(command)
        assert shared_tree.obstacles() == [obstacle]


def test_a_label_of_the_table_is_in_the_way_of_new_partitions_that_follow_it(shared_tree):
    with shared_tree.engine.superuser.transaction(force_rollback=True):
        shared_tree.engine.run(
            "insert into pg_seclabel select 'app.t1'::regclass, 'pg_class'::regclass, 0, 'dummy', 'secret'"
        )
        for operation in ("add", "drain"):
            (text,) = shared_tree.obstacles("app.t1_default", operation=operation)
            assert 'table app.t1 has a security label of provider "dummy"' in text
        for operation in ("split", "detach", "archive", "drop"):
            assert shared_tree.obstacles(operation=operation) == []
