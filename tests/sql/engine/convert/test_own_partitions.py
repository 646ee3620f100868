"""A table that is partitioned already: what a single partition has, and the table has not, is named before anything is done."""

from __future__ import annotations

import json

import pytest
from conversions import MONTHS
from psycopg import errors

pytestmark = pytest.mark.long_when_repeated

TREE = """
create table app.place (code text primary key);
create table app.t (id bigint, at date not null, note text default 'x', code text, constraint positive check (id > 0),
    primary key (id, at)) partition by hash (id);
create table app.t0 partition of app.t for values with (modulus 2, remainder 0);
create table app.t1 partition of app.t for values with (modulus 2, remainder 1) partition by hash (at);
create table app.t10 partition of app.t1 for values with (modulus 2, remainder 0);
create table app.t11 partition of app.t1 for values with (modulus 2, remainder 1);
create index on app.t (note);
create function app.see() returns trigger language plpgsql as $$ begin return null; end $$;
create trigger every after insert on app.t for each row execute function app.see();
create sequence app.t_numbers;
grant select on app.t to engine_monitor;
insert into app.t select i, '2024-01-01'::date + i % 90, 'n' || i from generate_series(1, 300) as i;
"""
OWN = {
    "trigger": ("create trigger own after insert on app.t0 for each row execute function app.see()",
        "app.t0 differs from app.t in its trigger (CREATE OR REPLACE TRIGGER own AFTER INSERT ON app.t"),
    "state of a trigger": ("alter table app.t11 disable trigger every",
        "app.t11 differs from app.t in its trigger (alter table app.t disable trigger every)"),
    "policy": ("create policy own on app.t0 using (note <> 'hidden')",
        "app.t0 differs from app.t in its row-level security (create policy own on app.t as permissive for all to public using"),
    "policy of the same name": (
        "create policy p on app.t using (id > 1); create policy p on app.t0 using (id > 2)",
        "app.t0 differs from app.t in its row-level security (create policy p on app.t as permissive for all to public using ((id > 2)))"),
    "row-level security": ("alter table app.t0 enable row level security",
        "app.t0 differs from app.t in its row-level security (alter table app.t enable row level security)"),
    "grant": ("grant select on app.t11 to engine_stranger",
        "app.t11 differs from app.t in its privilege (grant SELECT on table app.t to engine_stranger)"),
    "grant on a column": ("grant update (note) on app.t0 to engine_monitor with grant option",
        "app.t0 differs from app.t in its privilege (grant UPDATE (note) on table app.t to engine_monitor with grant option)"),
    "rule": ("create rule own as on delete to app.t0 where old.id < 0 do instead nothing", "app.t0 differs from app.t in its rule"),
    "comment": ("comment on table app.t0 is 'even ones'",
        "app.t0 differs from app.t in its comment (comment on table app.t is 'even ones')"),
    "comment on a column": ("comment on column app.t10.note is 'free'", "app.t10 differs from app.t in its comment"),
    "statistics target": ("alter table app.t0 alter note set statistics 500",
        "app.t0 differs from app.t in its column (alter table app.t alter column note set statistics 500)"),
    "default": ("alter table app.t0 alter code set default 'de'",
        "app.t0 differs from app.t in its column (alter table app.t alter column code set default 'de'::text)"),
    "not null": ("alter table app.t0 alter note set not null",
        "app.t0 differs from app.t in its column (alter table app.t alter column note set not null)"),
    "storage of a column": ("alter table app.t0 alter note set storage external",
        "app.t0 differs from app.t in its column (alter table app.t alter column note set storage external)"),
    "sequence": ("alter sequence app.t_numbers owned by app.t0.id", "app.t0 differs from app.t in its sequence"),
    "extended statistics": ("create statistics app.own on note, code from app.t0",
        "app.t0 differs from app.t in its statistics (statistics on note, code)"),
    "check": ("alter table app.t0 add constraint own check (id < 1000)",
        "app.t0 differs from app.t in its check (constraint own CHECK ((id < 1000)))"),
    "foreign key": ("alter table app.t0 add constraint own foreign key (code) references app.place",
        "app.t0 differs from app.t in its foreign key (constraint FOREIGN KEY (code) REFERENCES app.place(code))"),
    "index": ("create index on app.t0 (code)", "app.t0 differs from app.t in its index (index USING btree (code))"),
    "unique constraint": ("alter table app.t0 add unique (code, at)",
        "app.t0 differs from app.t in its index (unique constraint index USING btree (code, at))"),
    "cluster": ("alter table app.t0 cluster on t0_pkey", "app.t0 differs from app.t in its index (cluster on index USING btree (id, at))"),
    "replica identity": ("alter table app.t0 replica identity full",
        "app.t0 differs from app.t in its replica identity (replica identity full)"),
    "storage parameter": ("alter table app.t0 set (fillfactor = 60)",
        "app.t0 differs from app.t10 in its storage (fillfactor = 60)"),
    "unlogged": ("alter table app.t11 set unlogged", "app.t11 differs from app.t0 in its storage (unlogged)"),
    "trigger in between": ("create trigger own after insert on app.t1 for each row execute function app.see()",
        "app.t1 differs from app.t in its trigger"),
    "grant in between": ("grant select on app.t1 to engine_stranger", "app.t1 differs from app.t in its privilege"),
    "view of one in between": ("create view app.v as select * from app.t1", "view app.v depends on app.t1"),
}  # fmt: skip
PUBLICATION = ("create publication own_p for table app.t0; alter publication own_p owner to engine_owner",
    "app.t0 differs from app.t in its publication (alter publication own_p add table app.t)")  # fmt: skip
POLICY = MONTHS | {"name": "t_{year}_{month}"}


@pytest.fixture(scope="module")
def tree(shared_engine):
    shared_engine.as_owner(TREE)
    return shared_engine


def refusal(engine, policy: dict = POLICY) -> str:
    """Why the table cannot be converted; empty when it can."""
    try:
        with engine.superuser.transaction():
            engine.run("select count(*) from pgops.operation_plan('app.t', 'convert', %s)", json.dumps(policy))
    except errors.ObjectNotInPrerequisiteState as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", [*OWN, "publication"])
def test_what_one_partition_has_is_named(tree, name):
    command, words = PUBLICATION if name == "publication" else OWN[name]
    with tree.superuser.transaction(force_rollback=True):
        assert refusal(tree) == ""
        if name != "publication":
            tree.run("set local role engine_owner")
        tree.run(command)
        tree.run("reset role")
        assert words in refusal(tree)


def test_a_publication_that_names_partitions_is_in_the_way_of_a_table_that_is_replaced(tree):
    with tree.superuser.transaction(force_rollback=True):
        tree.run("create publication own_p for table app.t; alter publication own_p owner to engine_owner")
        assert refusal(tree).count("publish_via_partition_root = true") == 1
        assert refusal(tree, POLICY | {"new_name": "by_month"}) == ""
        tree.run("alter publication own_p set (publish_via_partition_root = true)")
        assert refusal(tree) == ""


def test_what_the_policy_gives_to_the_new_partitions_may_stand_on_the_old_ones(tree):
    with tree.superuser.transaction(force_rollback=True):
        tree.run("set local role engine_owner")
        tree.run("create index on app.t0 (code) include (note); create index on app.t10 (code) include (note);"
            "alter table app.t0 set (fillfactor = 60)")  # fmt: skip
        tree.run("reset role")
        assert "index USING btree (code) INCLUDE (note)" in refusal(tree)
        policy = POLICY | {"indexes": [{"columns": ["code"], "include": ["note"]}]}
        assert "fillfactor" in refusal(tree, policy)
        assert "INCLUDE" not in refusal(tree, policy)
        assert refusal(tree, policy | {"storage_parameters": {"fillfactor": 80}}) == ""


MADE = """
create table app.country (code text primary key);
create table app.sales (id bigint generated always as identity, number serial, day date not null, category text not null, note text
    default 'n', country text references app.country, twice integer generated always as (length(note) * 2) stored, payload jsonb,
    constraint noted check (note <> 'never'), primary key (id, day, category)) partition by range (day);
create unique index sales_once on app.sales (day, id, category);
alter table app.sales replica identity using index sales_once;
alter table app.sales alter note set statistics 77, alter note set storage external, alter payload set compression pglz,
    alter note set (n_distinct = -0.5);
create index on app.sales (lower(note)) where note <> 'x';
create statistics on category, note from app.sales;
create trigger every after insert on app.sales for each row execute function app.see();
create trigger off after delete on app.sales for each row execute function app.see();
alter table app.sales disable trigger off;
alter table app.sales enable row level security;
create policy own on app.sales using (note <> 'hidden');
comment on table app.sales is 'Sales'; comment on column app.sales.note is 'free'; comment on index app.sales_once is 'once';
comment on constraint noted on app.sales is 'noted'; comment on trigger every on app.sales is 'sees';
grant select on app.sales to engine_monitor; grant update (note) on app.sales to engine_stranger with grant option;
"""
QUARTERS = {
    "by": {"range": "day", "every": "quarter"}, "name": "sales_{year}_{quarter}", "ahead": 1,
    "storage_parameters": {"fillfactor": 70}, "indexes": [{"columns": ["country"], "include": ["id"]}],
}  # fmt: skip
NESTED = {"by": {"hash": "id", "modulus": 2}, "name": "{parent}_{remainder}"}


@pytest.mark.parametrize("policy", [QUARTERS, QUARTERS | {"subpartitions": NESTED}])
def test_what_maintenance_has_made_is_no_difference(tree, policy):
    """Partitions that the engine has made follow their table in all that is compared."""
    with tree.superuser.transaction(force_rollback=True):
        tree.run("set local role engine_owner")
        tree.run(MADE)
        tree.run("reset role")
        tree.set_policy(policy, table="app.sales")
        problems = tree.run(
            "select t.problem from unnest(pgops.plan_steps('app.sales', now())) as s"
            " cross join pgops.try_partition_step('app.sales', pgops.partition_policy_of('app.sales'), s, '{}') as t"
        )
        assert set(problems) == {(None,)}
        assert len(tree.tree("app.sales")) >= 3
        monthly = QUARTERS | {"by": {"range": "day", "every": "month"}, "name": "sales_{year}_{month}"}
        tree.run("select count(*) from pgops.operation_plan('app.sales', 'convert', %s)", json.dumps(monthly))
        if "subpartitions" not in policy:
            names = [name for name in tree.tree("app.sales") if "default" not in name]
            tree.run(
                "select count(*) from pgops.operation_plan('app.sales', 'merge', %s)",
                json.dumps({"partitions": names, "into": "merged"}),
            )


def test_a_second_table_leaves_the_partitions_what_they_are(tree):
    with tree.superuser.transaction(force_rollback=True):
        tree.run("comment on table app.t0 is 'even ones'")
        assert refusal(tree, POLICY | {"new_name": "by_month"}) == ""


@pytest.mark.parametrize(
    ("identity", "letter", "column"), [("using index t_once", "i", "at"), ("full", "f", None), ("nothing", "n", None)]
)
def test_what_all_partitions_share_follows(plain_events, identity, letter, column):
    """Storage parameters stand on partitions only; a replica identity by index has an index on each."""
    engine = plain_events.engine
    engine.as_owner(TREE)
    engine.as_owner(
        f"create unique index t_once on app.t (at, id); alter table app.t replica identity {identity};"
        "alter table app.t0 set (fillfactor = 60); alter table app.t10 set (fillfactor = 60);"
        "alter table app.t11 set (fillfactor = 60)"
    )
    plain_events.apply("convert", POLICY, table="app.t")
    leaves = engine.run(
        "select distinct c.reloptions, c.relreplident::text, pg_get_indexdef(i.indexrelid, 1, false)"
        " from pg_partition_tree('app.t') as t join pg_class as c on c.oid = t.relid"
        " left join pg_index as i on i.indrelid = c.oid and i.indisreplident where t.isleaf"
    )
    assert leaves == [(["fillfactor=60"], letter, column)]


def test_the_tablespace_of_a_policy_does_not_cost_the_storage_parameters(plain_events):
    engine = plain_events.engine
    engine.as_owner(
        "create table app.t (id bigint, at date not null, primary key (id, at)) with (fillfactor = 60);"
        "insert into app.t values (1, '2024-01-01')"
    )
    plain_events.apply("convert", POLICY | {"tablespace": "pg_default"}, table="app.t")
    assert engine.run(
        "select distinct c.reloptions from pg_partition_tree('app.t') as t join pg_class as c on c.oid = t.relid"
        " where t.isleaf"
    ) == [(["fillfactor=60"],)]
