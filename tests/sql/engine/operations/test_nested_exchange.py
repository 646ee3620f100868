"""Partitions that are partitioned themselves are split and merged with all that they have, at every level."""

from __future__ import annotations

import pytest
from background import Background
from partition_operations import WEEKS
from psycopg import errors
from table_facts import table_facts

pytestmark = pytest.mark.parametrize("operations", ["tree"], indirect=True)

MERGE = {"partitions": ["Jan, 24", "Feb, 24"], "into": "Jan, 24"}
# Of the whole table, of one partition, and of one at each level below it.
THINGS = """
create table app.country (code text primary key); insert into app.country values ('de');
alter table app."Event Log" add country text default 'de' references app.country;
create function app.touch() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger of_all before insert on app."Event Log" for each row execute function app.touch();
alter table app."Feb, 24" add constraint of_one check (country is not null);
create index "Feb, 24_only_here" on app."Feb, 24" (country, id);
create trigger of_one before update on app."Feb, 24" for each row execute function app.touch();
grant select on app."Feb, 24" to engine_monitor; comment on table app."Feb, 24" is 'one month';
alter table app."Feb, 24" enable row level security; create policy mine on app."Feb, 24" using (country = 'de');
create statistics app."Feb, 24_of_one" (dependencies) on id, country from app."Feb, 24";
alter table app."Feb, 24 odd" add constraint odd foreign key (country) references app.country;
alter table app."Feb, 24 odd" disable trigger of_all; grant insert on app."Feb, 24 odd" to engine_monitor;
alter table app."Feb, 24 odd, few" set (fillfactor = 55, autovacuum_enabled = false), alter country set statistics 77;
create index "Feb, 24 odd, few_only" on app."Feb, 24 odd, few" (twice); cluster app."Feb, 24 odd, few" using "Feb, 24 odd, few_only";
alter table app."Feb, 24 odd, few" add constraint low check (id < 700), replica identity full;
create trigger low before delete on app."Feb, 24 odd, few" for each row execute function app.touch();
alter table app.even disable trigger of_one; comment on column app.even.id is 'of two'; revoke all on app.even from public;
"""
NESTED = ["", " odd", " odd, few", " odd, else", "_even"]


def of(partition: str, nested: str) -> str:
    return f'app."{partition}{nested}"'


def facts(operations, relation: str, partition: str) -> list[tuple[str, str]]:
    """Of one level, which is called after the partition, and speaks of the one above it."""
    return [
        (kind, fact.replace(f'app."{partition}', "app.{p}").replace(f'"{partition}', "{p}").replace(partition, "{p}"))
        for kind, fact in table_facts(operations.engine.superuser, relation)
    ]


@pytest.mark.parametrize("names", [[week["name"] for week in WEEKS], ["Feb, 24", "feb 2", "feb 3", "feb 4"]])
def test_each_level_of_the_new_ones_has_what_the_old_one_had(operations, names):
    engine = operations.engine
    engine.as_owner(THINGS)
    before, rows = {}, operations.rows()
    for nested in NESTED:
        before[nested] = facts(operations, "app.even" if nested == "_even" else of("Feb, 24", nested), "Feb, 24")
    weeks = [week | {"name": name} for week, name in zip(WEEKS, names, strict=True)]
    operations.apply("split", {"partition": "Feb, 24", "into": weeks})
    assert operations.rows() == rows
    assert operations.left_over() == []
    for name in names:
        for nested in NESTED:
            after = facts(operations, of(name, nested), name)
            expected = [(kind, fact.replace("app.even", 'app.{p}_even"')) for kind, fact in before[nested]]
            missing, more = set(strip(expected)) - set(strip(after)), set(strip(after)) - set(strip(expected))
            assert (missing, more) == (set(), set()), (name, nested)
    # Each row is where its bounds want it, and what finds its way in by the table or straight does, too.
    engine.run("insert into app.\"Event Log\" (at, \"No,te\") values ('2024-02-20', 'through the table')")
    with pytest.raises(errors.CheckViolation, match="violates partition constraint"):
        engine.run(f"insert into {of(names[0], '')} (at) values ('2024-02-20')")


def strip(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Quotes apart, which a name has or has not."""
    return [(kind, fact.replace('"', "")) for kind, fact in found]


def test_merged_ones_have_what_each_of_them_had(operations):
    engine = operations.engine
    before = {
        nested: facts(operations, of("Jan, 24", nested), "Jan, 24") for nested in ["", " odd", " odd, few", " even"]
    }
    rows = operations.rows()
    operations.apply("merge", MERGE)
    assert operations.rows() == rows
    assert {nested: facts(operations, of("Jan, 24", nested), "Jan, 24") for nested in before} == before
    assert engine.value("select count(*) from pg_partition_tree('app.\"Event Log\"') where isleaf") == 4


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            'drop table app."Feb, 24 odd, few"',
            "FOR VALUES FROM .MINVALUE. TO .'700'., which is one of app.*Jan, 24.* only",
        ),
        (
            'drop table app.even; create table app.even partition of app."Feb, 24" for values with (modulus 2, remainder 0)'
            " partition by range (id)",
            "which is partitioned by nothing in .* and by RANGE .id. in ",
        ),
        (
            'drop table app."Feb, 24"; create table app."Feb, 24" partition of app."Event Log"'
            " for values from ('2024-02-01+00') to ('2024-03-01+00')",
            "partitioned by HASH .id. in .*Jan, 24.* and by nothing in .*Feb, 24",
        ),
    ],
)
def test_what_is_partitioned_differently_is_not_merged(operations, change, words):
    operations.engine.as_owner(change)
    before = operations.state()
    with pytest.raises(errors.InvalidParameterValue, match=words):
        operations.apply("merge", MERGE)
    assert operations.state() == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ('grant select on app."Feb, 24 odd, few" to engine_monitor', "differ in their privilege"),
        ('create index on app."Feb, 24 odd" (twice)', "differ in their index"),
        ("alter table app.even set (fillfactor = 50)", "differ in their storage"),
        (
            'create trigger t before insert on app."Jan, 24 odd, else" for each row execute function app.touch()',
            "differ in their trigger",
        ),
    ],
)
def test_what_differs_at_any_level_is_named(operations, change, words):
    engine = operations.engine
    engine.as_owner(
        "create function app.touch() returns trigger language plpgsql as $$ begin return new; end $$;" + change
    )
    before = operations.state()
    with pytest.raises(errors.ObjectNotInPrerequisiteState, match=words):
        operations.apply("merge", MERGE)
    assert operations.state() == before


def test_a_foreign_key_of_the_table_and_one_to_it_go_along(operations):
    engine = operations.engine
    engine.as_owner(
        """
        create table app.kinds (note text primary key); insert into app.kinds select distinct "No,te" from app."Event Log";
        alter table app."Event Log" add constraint of_kind foreign key ("No,te") references app.kinds on delete cascade;
        create table app.comments (id bigint, at timestamptz, foreign key (id, at) references app."Event Log" on delete cascade);
        insert into app.comments select id, at from app."Event Log" where id % 10 = 0
        """
    )
    rows = operations.rows()
    operations.apply("split", {"partition": "Feb, 24", "into": WEEKS})
    assert operations.rows() == rows
    unproven = "select conname from pg_constraint where contype = 'f' and conparentid = 0 and not convalidated"
    assert engine.run(unproven) == []
    engine.run("delete from app.kinds")
    assert engine.run('select (select count(*) from app."Event Log"), (select count(*) from app.comments)') == [(0, 0)]


def test_a_partition_that_one_of_them_gets_meanwhile(operations):
    """It is exchanged with the others: what was copied is made anew."""
    engine = operations.engine
    engine.as_owner('alter table app."Feb, 24 odd" detach partition app."Feb, 24 odd, else"')
    engine.as_owner("insert into app.\"Feb, 24 odd, few\" (id, at) select -1, '2024-02-05' where false")
    session = engine.session()
    running = Background(
        lambda: operations.apply("split", {"partition": "Feb, 24", "into": WEEKS}, session=session, switch="wait")
    )
    engine.wait_for("select bool_or(state = 'waiting') from pgops.operation")
    engine.as_owner('alter table app."Feb, 24 odd" attach partition app."Feb, 24 odd, else" default')
    rows = operations.rows()
    engine.run("select pgops.operation_switch(operation_id) from pgops.operation")
    running.finish()
    assert operations.rows() == rows
    assert operations.left_over() == []
    assert engine.value("select count(*) from pg_class where relname = 'feb 3 odd, else'") == 1


def test_taken_back_before_the_switch(operations):
    engine = operations.engine
    before = operations.state()[:3]
    session = engine.session()
    running = Background(
        lambda: operations.apply("split", {"partition": "Feb, 24", "into": WEEKS}, session=session, switch="wait")
    )
    engine.wait_for("select bool_or(state = 'waiting') from pgops.operation")
    engine.run(f"call pgops.operation_cancel({operations.record()['operation_id']})")
    with pytest.raises(errors.RaiseException, match="is being run by process"):
        running.finish()
    assert operations.state()[:3] == before
