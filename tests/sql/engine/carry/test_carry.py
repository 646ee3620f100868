"""A partition that is replaced by others leaves nothing behind: all that the catalogue says of it, it says of them."""

from __future__ import annotations

import json
import re

import pytest
from table_facts import table_facts

JANUARY = "app.t1_2024_01"
TARGETS = ("app.t1_a", "app.t1_b")
# Each by itself; all of them together in one test more.
PROPERTIES = {
    "foreign key": "alter table app.t1_2024_01 add constraint to_country foreign key (country) references app.country"
    " on update cascade deferrable; comment on constraint to_country on app.t1_2024_01 is 'where to'",
    "foreign key of the root": "alter table app.t1 add constraint root_country foreign key (country) references app.country",
    "foreign key that is not valid": "alter table app.t1_2024_01 add constraint later foreign key (country)"
    " references app.country not valid",
    "referencing key": "create table app.line (n int, id bigint, day date);"
    "insert into app.line values (1, 5, '2024-01-06');"
    "alter table app.line add constraint of_t1 foreign key (id, day) references app.t1 on delete cascade;"
    "comment on constraint of_t1 on app.line is 'head'",
    "referencing key that is not valid": "create table app.line2 (n int, id bigint, day date);"
    "insert into app.line2 values (1, 5, '2020-01-06');"
    "alter table app.line2 add constraint of_t1 foreign key (id, day) references app.t1 not valid",
    "trigger": "create trigger audit after insert or update of note, amount on app.t1_2024_01 for each row"
    " when (new.note <> 'a b') execute function app.touch('x', ' ON t1 ');"
    "comment on trigger audit on app.t1_2024_01 is 'audits'; alter table app.t1_2024_01 enable always trigger audit",
    "disabled trigger": "create trigger off before delete on app.t1_2024_01 for each row execute function app.touch();"
    "alter table app.t1_2024_01 disable trigger off;"
    "create trigger replica before delete on app.t1_2024_01 for each row execute function app.touch();"
    "alter table app.t1_2024_01 enable replica trigger replica",
    "constraint trigger": "create constraint trigger late after insert on app.t1_2024_01 from app.country deferrable"
    " initially deferred for each row execute function app.touch()",
    "statement trigger": "create trigger counts after insert on app.t1_2024_01 referencing new table as fresh"
    " for each statement execute function app.touch()",
    "trigger of the root": "create trigger everywhere after insert on app.t1 for each row execute function app.touch();"
    "alter table app.t1_2024_01 disable trigger everywhere;"
    "create trigger anywhere after insert on app.t1 for each row execute function app.touch()",
    "default": "alter table app.t1_2024_01 alter note set default 'of january'",
    "check": "alter table app.t1_2024_01 add constraint small check (amount < 1000);"
    "comment on constraint small on app.t1_2024_01 is 'not too much'",
    "check that is not valid": "alter table app.t1_2024_01 add constraint smaller check (amount < 100) not valid;"
    "comment on constraint smaller on app.t1_2024_01 is 'later'",
    "not null": "alter table app.t1_2024_01 alter note set not null",
    "privileges": """grant select, insert on app.t1_2024_01 to carry_reader with grant option;
        grant update (note), select (id) on app.t1_2024_01 to "Carry ""Clerk"; grant delete on app.t1_2024_01 to public""",
    "privileges of the owner": "revoke truncate, references on app.t1_2024_01 from engine_owner",
    "default privileges": "alter default privileges in schema app grant all on tables to carry_reader;"
    "grant select on app.t1_2024_01 to carry_second",
    "comments": "comment on table app.t1_2024_01 is 'it''s January'; comment on column app.t1_2024_01.note is 'free'",
    "columns": "alter table app.t1_2024_01 alter note set statistics 321, alter note set (n_distinct = -0.5),"
    " alter note set storage external, alter payload set storage main, alter payload set compression pglz",
    "extended statistics": "create statistics app.t1_2024_01_s (ndistinct, mcv) on country, note from app.t1_2024_01;"
    "alter statistics app.t1_2024_01_s set statistics 77; comment on statistics app.t1_2024_01_s is 'both';"
    "create statistics app.t1_2024_01_x on (amount * 2), (note || country) from app.t1_2024_01",
    "storage": "alter table app.t1_2024_01 set (fillfactor = 70, autovacuum_enabled = false,"
    " toast.autovacuum_vacuum_threshold = 99)",
    "unlogged": "alter table app.t1_2024_01 set unlogged",
    "row-level security": """alter table app.t1_2024_01 enable row level security;
        create policy mine on app.t1_2024_01 as restrictive for update to carry_reader, "Carry ""Clerk"
            using (note = current_user) with check (amount > (select count(*) from app.country));
        create policy every on app.t1_2024_01 using (exists (select from app.country as c where c.code = country
            and note <> 'x')); comment on policy every on app.t1_2024_01 is 'all'""",
    "publication": "",
    "replica identity full": "alter table app.t1_2024_01 replica identity full",
    "replica identity nothing": "alter table app.t1_2024_01 replica identity nothing",
    "replica identity index": "create unique index t1_2024_01_amount on app.t1_2024_01 (amount, day);"
    "alter table app.t1_2024_01 replica identity using index t1_2024_01_amount",
    "cluster": "alter table app.t1_2024_01 cluster on t1_2024_01_pkey",
    "indexes": "create index on app.t1_2024_01 (lower(note) text_pattern_ops desc nulls last, country collate \"C\")"
    " include (id) with (fillfactor = 50) where amount > 10 and note <> ' WHERE ';"
    "create unique index t1_2024_01_once on app.t1_2024_01 (amount, note, day) nulls not distinct;"
    "create index t1_2024_01_brin on app.t1_2024_01 using brin (id) with (pages_per_range = 16);"
    "create index t1_2024_01_same on app.t1_2024_01 (note); create index t1_2024_01_same2 on app.t1_2024_01 (note);"
    "comment on index app.t1_2024_01_once is 'once';"
    "create index t1_2024_01_sums on app.t1_2024_01 (note, (amount * 3));"
    "alter index app.t1_2024_01_sums alter column 2 set statistics 44",
    "unique constraints": "alter table app.t1_2024_01 add constraint t1_2024_01_u unique (amount, note, day) include (id)"
    " with (fillfactor = 60) deferrable initially deferred;"
    "alter table app.t1_2024_01 add constraint t1_2024_01_u2 unique nulls not distinct (amount, country, day);"
    "alter table app.t1_2024_01 add constraint t1_2024_01_x exclude using btree (amount with =, day with =) where (amount > 3);"
    "comment on constraint t1_2024_01_u on app.t1_2024_01 is 'twice never';"
    "comment on index app.t1_2024_01_u is 'its index'",
    "rule": "create rule quiet as on delete to app.t1_2024_01 where old.id < 0 do instead nothing;"
    "create rule also as on update to app.t1_2024_01 do also insert into app.seen values (new.id, ' TO app.t1');"
    "comment on rule quiet on app.t1_2024_01 is 'shh'; alter table app.t1_2024_01 disable rule also",
    "sequence": "create sequence app.numbers; alter table app.t1_2024_01 alter amount set default nextval('app.numbers')",
}  # fmt: skip
PUBLICATIONS = """
create publication carry_leaf for table app.t1_2024_01 (id, day, "note") where (id > 3);
create publication carry_root for table app.t1 with (publish_via_partition_root = true);
alter publication carry_leaf owner to engine_owner;
"""
AS_SUPERUSER = {"publication": PUBLICATIONS}


def prepare(engine, *properties: str, partition: str = "t1_2024_01") -> None:
    for name in properties:
        if PROPERTIES[name]:
            engine.as_owner(PROPERTIES[name].replace("t1_2024_01", partition))
        if name in AS_SUPERUSER:
            engine.run(AS_SUPERUSER[name].replace("t1_2024_01", partition))


def others(engine) -> dict:
    """Facts of the tables around the partition, which they name the same whatever has taken its place."""
    names = [name for (name,) in engine.run("select oid::regclass::text from pg_class where relnamespace = 'app'::regnamespace"
        " and relkind in ('r', 'p') and relname not like 't1\\_%' order by 1")]  # fmt: skip
    return {
        name: sorted(
            {(kind, re.sub(r"t1_(a|b)\b", "t1_2024_01", fact)) for kind, fact in table_facts(engine.superuser, name)}
        )
        for name in names
    }


TOGETHER = [
    name for name in PROPERTIES if name not in {"replica identity full", "replica identity nothing", "unlogged"}
]
# One by one they say which of them is lost; all together, that none is.
ONE_BY_ONE = [pytest.param(name, marks=pytest.mark.long) if name in TOGETHER else name for name in PROPERTIES]


@pytest.mark.parametrize("name", ONE_BY_ONE)
def test_a_property_survives(tree, name):
    engine = tree.engine
    bare = table_facts(engine.superuser, JANUARY), others(engine)
    prepare(engine, name)
    before, around, rows = table_facts(engine.superuser, JANUARY), others(engine), engine.rows()
    assert (before, around) != bare
    assert tree.obstacles() == []
    tree.fill()
    tree.switch()
    for target in TARGETS:
        assert table_facts(engine.superuser, target) == before
    assert others(engine) == around
    assert engine.rows() == rows


@pytest.mark.parametrize("like", [
    "including all excluding indexes excluding identity", "including all excluding identity",
    "including generated including defaults",  # the least that commands can build upon
])  # fmt: skip
def test_all_properties_survive_together_whatever_the_new_table_has_already(tree, like):
    engine = tree.engine
    prepare(engine, *TOGETHER)
    before, around, rows = table_facts(engine.superuser, JANUARY), others(engine), engine.rows()
    assert tree.obstacles() == []
    tree.fill(like=like)
    tree.switch()
    for target in TARGETS:
        assert table_facts(engine.superuser, target) == before
    assert others(engine) == around
    assert engine.rows() == rows


def test_all_properties_survive_an_operation(tree):
    engine = tree.engine
    prepare(engine, *TOGETHER)
    before, around, rows = table_facts(engine.superuser, JANUARY), others(engine), engine.rows()
    pieces = [
        {"name": "t1_a", "from": "2024-01-01", "to": "2024-01-16"},
        {"name": "t1_b", "from": "2024-01-16", "to": "2024-02-01"},
    ]
    engine.configure(operation_lock_budget=800)
    engine.run(
        "call pgops.operation_apply('app.t1', 'split', %s)", json.dumps({"partition": "t1_2024_01", "into": pieces})
    )
    for target in TARGETS:
        assert table_facts(engine.superuser, target) == before
    assert others(engine) == around
    assert engine.rows() == rows


def test_all_properties_of_the_default_partition_survive_its_exchange(tree):
    engine = tree.engine
    prepare(engine, *TOGETHER, partition="t1_default")
    engine.run(
        "insert into app.t1 (day, id, amount, note) values ('2024-02-02', 1000, 90, 'n'), ('2024-03-03', 1001, 91, 'n')"
    )
    before, around, rows = table_facts(engine.superuser, "app.t1_default"), others(engine), engine.rows()
    engine.configure(operation_lock_budget=800)
    pieces = [{"name": "t1_february", "from": "2024-02-01", "to": "2024-03-01"}]
    engine.run("call pgops.operation_apply('app.t1', 'drain', %s)", json.dumps({"partitions": pieces}))
    assert table_facts(engine.superuser, "app.t1_default") == before
    assert others(engine) == around
    assert engine.rows() == rows


def test_commands_that_are_asked_for_again_after_a_kill_repeat_nothing(tree):
    prepare(tree.engine, *TOGETHER)
    tree.fill()
    facts = table_facts(tree.engine.superuser, TARGETS[0])
    for phase in ("create", "after_copy", "keys"):
        tree.run_all(tree.commands(phase))
    assert table_facts(tree.engine.superuser, TARGETS[0]) == facts


def test_texts_that_look_like_the_name_of_the_table_stay(tree):
    engine = tree.engine
    engine.as_owner(
        "create trigger audit after insert on app.t1_2024_01 for each row when (new.note <> ' ON app.t1_2024_01 ')"
        " execute function app.touch(' ON app.t1_2024_01 ');"
        "create policy p on app.t1_2024_01 using (exists (select from app.country as c where c.code = country"
        " and note <> 't1_2024_01.note' and note <> 'it''s t1_2024_01.note'))"
    )
    tree.fill()
    tree.switch()
    definition = engine.value("select pg_get_triggerdef(oid) from pg_trigger where tgrelid = 'app.t1_a'::regclass")
    assert definition == (
        "CREATE TRIGGER audit AFTER INSERT ON app.t1_a FOR EACH ROW WHEN ((new.note <> ' ON app.t1_2024_01 '::text))"
        " EXECUTE FUNCTION app.touch(' ON app.t1_2024_01 ')"
    )
    condition = engine.value(
        "select pg_get_expr(polqual, polrelid) from pg_policy where polrelid = 'app.t1_a'::regclass"
    )
    assert "c.code = t1_a.country" in condition
    assert "t1_a.note <> 't1_2024_01.note'::text" in condition
    assert "t1_a.note <> 'it''s t1_2024_01.note'::text" in condition


def test_names_of_63_bytes_and_odd_ones(tree):
    engine = tree.engine
    long = "ü" * 31  # 62 bytes
    engine.as_owner(
        f'create index "{long}" on app.t1_2024_01 (note); create index "{long}1" on app.t1_2024_01 (amount);'
        'create index "a ""b"" ON app.t1_2024_01" on app.t1_2024_01 (country, note);'
        f'alter table app.t1_2024_01 add constraint "{long}2" unique (amount, id, day);'
        f'create statistics app."{long}" on note, amount from app.t1_2024_01'
    )
    tree.fill()
    tree.switch()
    for target in TARGETS:
        names = [name for (name,) in engine.run(
            "select relname from pg_index join pg_class c on c.oid = indexrelid where indrelid = %s::regclass", target
        )]  # fmt: skip
        assert len(names) == 6
        assert all(len(name.encode()) <= 63 for name in names)
        assert f'{target.removeprefix("app.")}_a "b" ON app.t1_2024_01' in names


QUOTED = '''
create table app."T ""1""" ("Day" date, "the id" int primary key, note text check (note <> '"'));
create index "T ""1""_x" on app."T ""1""" ("Day" desc) where "the id" > 3;
create trigger "on" before update of "the id" on app."T ""1""" for each row
execute function suppress_redundant_updates_trigger();
create rule "do" as on delete to app."T ""1""" where old."the id" = 0 do instead nothing;
alter table app."T ""1""" enable row level security;
create policy "to" on app."T ""1""" using ("the id" > 1);
create statistics on "Day", "the id" from app."T ""1""";
create table app."select" (like app."T ""1""" including all excluding indexes);
'''


def test_quoted_names(engine):
    table, copy = 'app."T ""1"""', 'app."select"'
    engine.as_owner(QUOTED)
    for phase in ("create", "after_copy", "keys", "switch", "after_switch"):
        for (command,) in engine.run(
            "select * from pgops.carry_commands(%s::regclass, %s, null, %s)", table, copy, phase
        ):
            engine.as_owner(command)
    assert table_facts(engine.superuser, copy) == table_facts(engine.superuser, table)
