"""A partition that is replaced by others leaves nothing behind: all that the catalogue says of it, it says of them."""

from __future__ import annotations

import re

import pytest
from psycopg import errors
from table_facts import table_facts

JANUARY = "app.t1_2024_01"
FIRST, SECOND = "app.t1_a", "app.t1_b"
BOUNDS = {FIRST: ("2024-01-01", "2024-01-16"), SECOND: ("2024-01-16", "2024-02-01")}
ROLES = """
do $$ begin
    if to_regrole('carry_reader') is null then
        create role carry_reader; create role "Carry ""Clerk"; create role carry_second;
    end if;
end $$
"""
TREE = """
create table app.country (code text primary key);
insert into app.country values ('de'), ('fr');
create table app.t1 (
    day date not null, id bigint not null, country text, amount numeric not null default 1, note text,
    total numeric generated always as (amount * 2) stored, payload jsonb,
    constraint amount_positive check (amount > 0),
    primary key (id, day)
) partition by range (day);
create table app.t1_2024_01 partition of app.t1 for values from ('2024-01-01') to ('2024-02-01');
create table app.t1_default partition of app.t1 default;
create index t1_country on app.t1 (country);
"""
ROWS = """
insert into app.t1 (day, id, country, amount, note)
select date '2024-01-01' + i % 31, i, (array['de', 'fr', null])[i % 3 + 1], i, 'note ' || i from generate_series(1, 500) as i;
"""
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
        create policy every on app.t1_2024_01 using (true); comment on policy every on app.t1_2024_01 is 'all'""",
    "publication": "",
    "replica identity full": "alter table app.t1_2024_01 replica identity full",
    "replica identity nothing": "alter table app.t1_2024_01 replica identity nothing",
    "replica identity index": "create unique index t1_2024_01_amount on app.t1_2024_01 (amount);"
    "alter table app.t1_2024_01 replica identity using index t1_2024_01_amount",
    "cluster": "alter table app.t1_2024_01 cluster on t1_2024_01_pkey",
    "indexes": "create index on app.t1_2024_01 (lower(note) text_pattern_ops desc nulls last, country collate \"C\")"
    " include (id) with (fillfactor = 50) where amount > 10 and note <> ' WHERE ';"
    "create unique index t1_2024_01_once on app.t1_2024_01 (amount, note) nulls not distinct;"
    "create index t1_2024_01_brin on app.t1_2024_01 using brin (id) with (pages_per_range = 16);"
    "create index t1_2024_01_same on app.t1_2024_01 (note); create index t1_2024_01_same2 on app.t1_2024_01 (note);"
    "comment on index app.t1_2024_01_once is 'once';"
    "create index t1_2024_01_sums on app.t1_2024_01 (note, (amount * 3));"
    "alter index app.t1_2024_01_sums alter column 2 set statistics 44",
    "unique constraints": "alter table app.t1_2024_01 add constraint t1_2024_01_u unique (amount, note) include (id)"
    " with (fillfactor = 60) deferrable initially deferred;"
    "alter table app.t1_2024_01 add constraint t1_2024_01_u2 unique nulls not distinct (amount, country);"
    "alter table app.t1_2024_01 add constraint t1_2024_01_x exclude using btree (amount with =) where (amount > 3);"
    "comment on constraint t1_2024_01_u on app.t1_2024_01 is 'twice never';"
    "comment on index app.t1_2024_01_u is 'its index'",
    "rule": "create rule quiet as on delete to app.t1_2024_01 where old.id < 0 do instead nothing;"
    "create rule also as on update to app.t1_2024_01 do also insert into app.seen values (new.id, ' TO app.t1');"
    "comment on rule quiet on app.t1_2024_01 is 'shh'; alter table app.t1_2024_01 disable rule also",
    "row type default of serial": "create sequence app.numbers; alter table app.t1_2024_01 alter amount"
    " set default nextval('app.numbers')",
}  # fmt: skip
PUBLICATIONS = """
create publication carry_leaf for table app.t1_2024_01 (id, day, "note") where (id > 3);
create publication carry_root for table app.t1 with (publish_via_partition_root = true);
alter publication carry_leaf owner to engine_owner;
"""
AS_SUPERUSER = {"publication": PUBLICATIONS}


@pytest.fixture
def tree(engine):
    engine.run("drop publication if exists carry_leaf, carry_root")
    engine.run(ROLES)
    engine.run("grant create on database " + engine.database + " to engine_owner")
    engine.as_owner(
        "create function app.touch() returns trigger language plpgsql as $$ begin return coalesce(new, old); end $$;"
        "create table app.seen (id bigint, note text);" + TREE + ROWS
    )
    yield engine
    engine.run("drop publication if exists carry_leaf, carry_root")
    engine.run("alter default privileges for role engine_owner in schema app revoke all on tables from carry_reader")


def commands(engine, phase: str, source: str = JANUARY, targets=tuple(BOUNDS)) -> list[str]:
    return engine.value(
        "select pgops.carry_all_commands('app.t1', array[%s::regclass], %s, %s)", source, list(targets), phase
    )


def run_all(session, commands: list[str]) -> None:
    for command in commands:
        session.execute("select pgops.run_as_owner('app.t1', %s)", [command])


def columns(engine, table: str) -> str:
    return engine.value("select pgops.stored_columns(%s::regclass)", table)


def replace(engine, session, source: str = JANUARY, bounds=BOUNDS, like: str = "including all excluding indexes excluding identity"):
    """Replace a partition by others as an operation does, without anybody writing meanwhile."""
    for target, (lower, upper) in bounds.items():
        run_all(session, [f"create table {target} (like {source} {like})"])
        run_all(session, commands(engine, "create", source, [target]))
        names = columns(engine, source)
        run_all(session, [f"insert into {target} ({names}) select {names} from {source} where day >= '{lower}' and day < '{upper}'"])
        run_all(session, commands(engine, "after_copy", source, [target]))
    phases = {phase: commands(engine, phase, source, bounds) for phase in ("release", "switch", "after_switch")}
    with session.transaction():
        run_all(session, phases["release"])
        run_all(session, [f"alter table app.t1 detach partition {source}"])
        for target, (lower, upper) in bounds.items():
            run_all(session, [f"alter table app.t1 attach partition {target} for values from ('{lower}') to ('{upper}')"])
        run_all(session, phases["switch"])
    run_all(session, [*phases["after_switch"], f"drop table {source}"])


def obstacles(engine, sources=(JANUARY,), operation: str = "split", relation: str = "app.t1") -> list[str]:
    return [
        text
        for (text,) in engine.run(
            "select * from pgops.carry_obstacles(%s::regclass, %s::text[]::regclass[], %s)", relation, list(sources), operation
        )
    ]


def prepare(engine, properties) -> None:
    for name in properties:
        if PROPERTIES[name]:
            engine.as_owner(PROPERTIES[name])
        if name in AS_SUPERUSER:
            engine.run(AS_SUPERUSER[name])


def others(engine) -> dict:
    """Facts of the tables around the partition, which they name the same whatever has taken its place."""
    names = [name for (name,) in engine.run("select oid::regclass::text from pg_class where relnamespace = 'app'::regnamespace"
        " and relkind in ('r', 'p') and relname not like 't1\\_%' order by 1")]  # fmt: skip
    return {
        name: sorted({(kind, re.sub(r"t1_(a|b)\b", "t1_2024_01", fact)) for kind, fact in table_facts(engine.superuser, name)})
        for name in names
    }


@pytest.mark.parametrize("name", PROPERTIES)
def test_a_property_survives(tree, name):
    bare = table_facts(tree.superuser, JANUARY), others(tree)
    prepare(tree, [name])
    before, around = table_facts(tree.superuser, JANUARY), others(tree)
    assert (before, around) != bare or name == "row type default of serial"
    assert obstacles(tree) == []
    rows = tree.rows("app.t1")
    replace(tree, tree.session())
    for target in BOUNDS:
        assert table_facts(tree.superuser, target) == before
    assert others(tree) == around
    assert tree.rows("app.t1") == rows


TOGETHER = [name for name in PROPERTIES if name not in {
    "replica identity full", "replica identity nothing", "unlogged", "referencing key that is not valid",
}]  # fmt: skip


@pytest.mark.parametrize("like", ["including all excluding identity", "", "including all excluding indexes excluding identity"])
def test_all_properties_survive_together_whatever_the_new_table_has_already(tree, like):
    if not like:
        # Generated columns cannot be added by a command.
        like = "including generated including defaults"
    prepare(tree, TOGETHER)
    before, around = table_facts(tree.superuser, JANUARY), others(tree)
    assert obstacles(tree) == []
    replace(tree, tree.session(), like=like)
    for target in BOUNDS:
        names = [fact for kind, fact in table_facts(tree.superuser, target)]
        assert sorted(names) == sorted(fact for kind, fact in before)
    assert others(tree) == around
