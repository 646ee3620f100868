"""The engine works for a caller who may become the owner, refuses everybody else, and gives nobody more than he had."""

from __future__ import annotations

import contextlib
import json

import pytest
from psycopg import errors, sql

POLICY = json.dumps({"by": {"range": "date", "every": "month"}, "name": "t1_{year}_{month}", "ahead": 0})
CALLS = {
    "set_partition_policy": f"select pgops.set_partition_policy('app.t1', '{POLICY}')",
    "remove_partition_policy": "select pgops.remove_partition_policy('app.t1')",
    "partition_plan": "select * from pgops.partition_plan('app.t1')",
    "partition_apply": "call pgops.partition_apply('app.t1')",
    "partition_ensure": "call pgops.partition_ensure('app.t1', '2024-01-01', '2024-02-01')",
}


@pytest.fixture
def table(engine):
    engine.table()
    engine.run(f"select pgops.set_partition_policy('app.t1', '{POLICY}')")
    return engine


def state(engine) -> tuple:
    return engine.partitions(), engine.run("select parent, policy from pgops.partition_policy")


@pytest.mark.parametrize("call", CALLS)
def test_jobs_role_may_do_everything_though_it_inherits_nothing(table, call):
    jobs = table.session("engine_jobs")
    with pytest.raises(errors.InsufficientPrivilege):
        jobs.execute("select * from app.t1")
    jobs.execute(CALLS[call])
    assert jobs.execute("select current_user, session_user, current_setting('role')").fetchone() == (
        "engine_jobs", "engine_jobs", "none",
    )  # fmt: skip
    with pytest.raises(errors.InsufficientPrivilege):
        jobs.execute("select * from app.t1")


def test_jobs_role_moves_rows_and_drops_partitions(table):
    table.run("select pgops.set_partition_policy('app.t1', %s)",
        json.dumps(json.loads(POLICY) | {"retention": {"keep": "2 months", "then": "drop"}}))  # fmt: skip
    jobs = table.session("engine_jobs")
    table.apply("2026-11-21", session=jobs)
    table.run("insert into app.t1 values ('2026-10-05', 1)")
    table.apply("2026-11-21", session=jobs)
    assert table.rows_by_partition() == {"t1_2026_10": 1}
    table.apply("2027-01-05", session=jobs)
    assert table.partitions() == ["t1_2026_11", "t1_2027_01", "t1_default"]


@pytest.mark.parametrize("call", CALLS)
def test_an_operator_who_may_not_become_the_owner_is_refused(table, call):
    before = state(table)
    operator = table.session("engine_operator")
    with pytest.raises(
        errors.InsufficientPrivilege, match=r'role "engine_operator" may not SET ROLE to its owner "engine_owner"'
    ):
        operator.execute(CALLS[call])
    assert state(table) == before


@pytest.mark.parametrize("call", [*CALLS.values(), "call pgops.maintain()", "select pgops.purge_cron_history()",
    "select pgops.log_event('info', 'x', 'y', 'z')", "select * from pgops.event", "select * from pgops.partition_status",
    "select * from pgops.configuration", "select pgops.run_as_owner('app.t1', 'select 1')"])  # fmt: skip
def test_strangers_are_refused(table, call):
    before = state(table)
    with pytest.raises(errors.InsufficientPrivilege, match="schema pgops"):
        table.session("engine_stranger").execute(call)
    assert state(table) == before


@pytest.mark.parametrize("call", [*CALLS.values(), "call pgops.maintain()", "select pgops.purge_events()",
    "select pgops.log_event('info', 'x', 'y', 'z')", "delete from pgops.event"])  # fmt: skip
def test_monitors_read_and_do_nothing(table, call):
    monitor = table.session("engine_monitor")
    for view in ("event", "partition_policy", "partition_status", "configuration"):
        monitor.execute(f"select * from pgops.{view}").fetchall()
    with pytest.raises(errors.InsufficientPrivilege):
        monitor.execute(call)


def test_a_membership_without_set_is_not_enough(table):
    table.run("create role engine_heir login in role pgops_operator")
    table.run("grant engine_owner to engine_heir with inherit true, set false")
    try:
        with pytest.raises(errors.InsufficientPrivilege, match="may not SET ROLE"):
            table.session("engine_heir").execute(CALLS["partition_apply"])
    finally:
        for session in table.sessions:
            session.close()
        table.run("drop role engine_heir")


def test_what_counts_is_the_current_role_not_the_session_user(table):
    """A superuser who stepped down to an operator may not do more than that operator."""
    with table.superuser.transaction():
        table.run("set local role engine_operator")
        with (
            pytest.raises(errors.InsufficientPrivilege, match='role "engine_operator" may not SET ROLE'),
            table.superuser.transaction(),
        ):
            table.run("select pgops.run_as_owner('app.t1', 'drop table app.t1')")
    assert table.value("select to_regclass('app.t1') is not null")


def test_the_role_before_is_given_back(table):
    table.run("set role engine_jobs")
    table.run("select * from pgops.partition_plan('app.t1')")
    assert table.value("select current_user") == "engine_jobs"
    table.apply()
    assert table.value("select current_user") == "engine_jobs"


@pytest.mark.parametrize("command", [
    "insert into pgops.partition_policy (parent, policy) select 'app.t2', policy from pgops.partition_policy",
    "update pgops.partition_policy set policy = policy || '{\"ahead\": 9}'",
    "update pgops.partition_policy set parent = 'app.t2'",
    "delete from pgops.partition_policy",
])  # fmt: skip
def test_an_operator_cannot_write_other_owners_policies(table, command):
    table.table(name="app.t2")
    before = state(table)
    operator = table.session("engine_operator")
    with contextlib.suppress(errors.InsufficientPrivilege):
        operator.execute(command)
    assert state(table) == before
    # The same commands do something when the caller may become the owner.
    table.session("engine_jobs").execute(command)
    assert state(table) != before


@pytest.mark.parametrize("command", [
    "update pgops.configuration set value = 900", "insert into pgops.event (severity, source, message) values ('info', 'x', 'y')",
    "update pgops.event set message = ''", "delete from pgops.event", "truncate pgops.event",
    "create table pgops.mine (n int)", "create function pgops.mine() returns int language sql return 1",
])  # fmt: skip
def test_operators_write_nothing_else_in_the_schema(table, command):
    with pytest.raises(errors.InsufficientPrivilege):
        table.session("engine_jobs").execute(command)


def test_hook_and_trigger_code_runs_as_the_owner(table):
    table.as_owner(
        "create table app.callers (who text);"
        "create function app.attached(partition regclass) returns void language sql as"
        " $$ insert into app.callers values (current_user) $$"
    )
    table.run("select pgops.set_partition_policy('app.t1', %s)",
        json.dumps(json.loads(POLICY) | {"hooks": {"attached": "app.attached"}}))  # fmt: skip
    table.apply(session=table.session("engine_jobs"))
    assert table.run("select distinct who from app.callers") == [("engine_owner",)]


def test_a_search_path_of_traps_is_not_followed(table):
    """Functions and operators of the caller's search_path that stand before those of the server."""
    table.run(
        "create schema trap; grant usage on schema trap to public;"
        "create function trap.spring() returns boolean language plpgsql as $$ begin raise 'trapped'; end $$;"
        "create function trap.spring(text, text) returns boolean language sql as 'select trap.spring()';"
        "create function trap.spring(text[], text) returns text[] language sql as $$ select array[trap.spring()::text] $$;"
        "create operator trap.= (leftarg = text, rightarg = text, function = trap.spring);"
        "create operator trap.<> (leftarg = text, rightarg = text, function = trap.spring);"
        "create operator trap.|| (leftarg = text[], rightarg = text, function = trap.spring);"
        "create function trap.now() returns timestamptz language sql as $$ select trap.spring()::text::timestamptz $$;"
        "create function trap.format(text, text, text) returns text language sql as 'select trap.spring()::text';"
        "create function trap.pg_sleep(double precision) returns void language sql as 'select trap.spring()';"
        "create function trap.array_append(text[], text) returns text[] language sql as $$ select array[trap.spring()::text] $$"
    )
    table.as_owner("create table app.t1_default (n int)")
    jobs = table.session("engine_jobs")
    jobs.execute("set search_path = trap, pg_catalog")
    with pytest.raises(errors.RaiseException, match="trapped"):
        jobs.execute("select 'a'::text = 'b'")
    jobs.execute("call pgops.maintain()")
    jobs.execute("call pgops.partition_apply('app.t1')")
    assert len(table.partitions()) == 1
    # The ways of failure, too.
    table.as_owner("drop table app.t1_default; create table app.rest partition of app.t1 default")
    table.run("insert into app.t1 values ('2020-01-01', 1)")
    reader = table.session("postgres", autocommit=False)
    reader.execute("select * from app.t1").fetchall()
    with pytest.raises(errors.RaiseException, match="maintenance failed for 1 of 1 tables.*lock timeout"):
        jobs.execute("call pgops.maintain()")


def test_nothing_is_granted_to_public(table):
    granted = table.run(
        """
        select 'schema' , n.nspname::text from pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
        where n.nspname = 'pgops' and a.grantee = 0
        union all
        select 'relation', c.relname from pg_class c, aclexplode(c.relacl) a
        where c.relnamespace = 'pgops'::regnamespace and a.grantee = 0
        union all
        select 'function', p.oid::regprocedure::text
        from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
        where p.pronamespace = 'pgops'::regnamespace and a.grantee = 0
        """
    )
    assert granted == []


def test_only_few_functions_have_the_rights_of_the_superuser(table):
    assert table.run(
        "select proname::text from pg_proc where pronamespace = 'pgops'::regnamespace and prosecdef order by 1"
    ) == [
        (name,)
        for name in (
            "begin_event",
            "complete_event",
            "default_partition_has_rows",
            "log_event",
            "purge_cron_history",
            "purge_events",
        )
    ]


SPRUNG = "create function app.spring() returns boolean language plpgsql as $$ begin raise 'sprung as %', current_user; end $$"


def test_a_single_row_in_the_default_partition_is_seen(table):
    """It is read by sampling, which the server refuses for a view that has come to its name: all of it is sampled."""
    table.apply()
    table.run("insert into app.t1 select '2020-01-01', i from generate_series(1, 5000) as i")
    table.run("delete from app.t1 where id < 5000")
    has_rows = "select pgops.default_partition_has_rows('app.t1')"
    assert table.session("engine_monitor").execute(has_rows).fetchone() == (True,)
    table.run("delete from app.t1")
    assert table.session("engine_monitor").execute(has_rows).fetchone() == (False,)


def test_what_calls_itself_pg_cron_is_not_purged(table):
    table.run("create schema cron authorization engine_owner")
    table.as_owner(
        f"{SPRUNG}; create table app.runs (status text, start_time timestamptz, end_time timestamptz);"
        "insert into app.runs values ('failed', '2000-01-01', '2000-01-01');"
        "create view cron.job_run_details as select * from app.runs where app.spring()"
    )
    with pytest.raises(errors.UndefinedTable, match="pg_cron is not installed"):
        table.session("engine_jobs").execute("select pgops.purge_cron_history()")


def test_every_function_fixes_its_search_path(table):
    assert table.run(
        "select proname from pg_proc where pronamespace = 'pgops'::regnamespace and prokind = 'f'"
        " and not coalesce(proconfig, '{}') @> array['search_path=pg_catalog, pg_temp']"
    ) == []  # fmt: skip


def test_everything_is_described(table):
    objects = """
        select 'function ' || oid::regprocedure, obj_description(oid, 'pg_proc') from pg_proc
        where pronamespace = 'pgops'::regnamespace
        union all
        select 'relation ' || relname, obj_description(oid, 'pg_class') from pg_class
        where relnamespace = 'pgops'::regnamespace and relkind in ('r', 'v') and relname <> 'applied_script'
        union all
        select 'column ' || c.relname || '.' || a.attname, col_description(c.oid, a.attnum)
        from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = 'pgops'::regnamespace and c.relkind in ('r', 'v') and a.attnum > 0
            and c.relname <> 'applied_script' and not a.attisdropped
    """
    assert table.run(f"select * from ({objects}) as o (name, text) where coalesce(text, '') = ''") == []


def test_a_quoted_owner_in_a_closed_schema(engine):
    owner = 'Own"er'
    role = sql.Identifier(owner)
    try:
        engine.superuser.execute(sql.SQL("create role {}").format(role))
        engine.superuser.execute(sql.SQL("create schema s authorization {}").format(role))
        engine.run("create table s.t1 (date date) partition by range (date)")
        engine.superuser.execute(sql.SQL("alter table s.t1 owner to {}").format(role))
        engine.superuser.execute(sql.SQL("grant {} to engine_jobs with inherit false").format(role))
        engine.set_policy(table="s.t1", ahead=0)
        # The caller cannot even see into the schema.
        engine.session("engine_jobs").execute("call pgops.maintain()")
        assert len(engine.partitions("s.t1")) == 2
    finally:
        engine.run("drop schema s cascade")
        engine.superuser.execute(sql.SQL("drop role {}").format(role))
