"""postgresql_privileges on a real server: objects of all kinds, public, future objects, foreign grantors, refusals."""

from __future__ import annotations

import contextlib

import psycopg
import pytest

MODULE = "postgresql_privileges"
READER, OWNER, OTHER = "privileges_test_reader", "privileges_test_owner", "privileges_test_other"
DECLARED = [
    {"role": "public", "object": "schema public", "privileges": []},
    {"role": READER, "object": "schema app", "privileges": ["usage"]},
    {"role": READER, "object": "all tables in schema app", "privileges": ["select"]},
    {"role": READER, "object": "table app.log", "privileges": ["select", "insert"], "grant_option": True},
    {"role": READER, "object": "sequence app.counter", "privileges": ["usage"]},
    {"role": "public", "object": "all functions in schema app", "privileges": []},
    {"role": READER, "object": "function app.f(integer)", "privileges": ["execute"]},
    {"role": READER, "object": "procedure app.p()", "privileges": ["execute"]},
    {"role": READER, "object": "type app.kind", "privileges": ["usage"]},
]
DEFAULTS = [
    {"role": READER, "object": "tables", "for_role": OWNER, "in_schema": "app", "privileges": ["select"]},
    {"role": "public", "object": "functions", "for_role": OWNER, "privileges": []},
]


@pytest.fixture(autouse=True)
def objects(database):
    for role in (READER, OWNER, OTHER):
        with contextlib.suppress(psycopg.errors.DuplicateObject):
            database.execute(f"create role {role}")
    database.execute(
        f"""
        create schema app authorization {OWNER};
        set role {OWNER};
        create table app.t1 (a int) partition by range (a);
        create table app.t1_default partition of app.t1 default;
        create table app."Odd name" (a int);
        create table app.log (a int);
        create sequence app.counter;
        create type app.kind as enum ('a');
        create function app.f(a int) returns int language sql as 'select 1';
        create procedure app.p() language sql as '';
        reset role;
        grant usage on schema app to {OTHER};
        """
    )
    yield
    database.execute(f"drop owned by {READER}, {OWNER}, {OTHER} cascade")
    database.execute(f"drop role {READER}, {OWNER}, {OTHER}")


@pytest.fixture
def state(database):
    """Everything that is granted, by object."""

    def read():
        return database.execute(
            """
            select relname::text, relacl::text from pg_class where relnamespace = 'app'::regnamespace
            union all select nspname, nspacl::text from pg_namespace where nspname in ('app', 'public')
            union all select proname, proacl::text from pg_proc where pronamespace = 'app'::regnamespace
            union all select typname, typacl::text from pg_type where typname = 'kind'
            union all select datname, datacl::text from pg_database where datname = current_database()
            union all select 'future ' || defaclobjtype::text, defaclacl::text from pg_default_acl
            union all select parname, paracl::text from pg_parameter_acl
            order by 1, 2
            """
        ).fetchall()

    return read


def can(database, query):
    return database.execute("select " + query).fetchone()[0]


def test_pattern(modules, database, state, pattern):
    done = pattern(MODULE, state, privileges=DECLARED, default_privileges=DEFAULTS)
    assert can(database, f"has_table_privilege('{READER}', 'app.\"Odd name\"', 'select')")
    assert can(database, f"has_table_privilege('{READER}', 'app.t1_default', 'select')")
    assert not can(database, f"has_table_privilege('{READER}', 'app.t1', 'insert')")
    assert can(database, f"has_table_privilege('{READER}', 'app.log', 'insert with grant option')")
    assert not can(database, f"has_function_privilege('{OTHER}', 'app.f(int)', 'execute')")
    assert can(database, f"has_function_privilege('{READER}', 'app.p()', 'execute')")
    log = next(change for change in done["privileges"] if change["object"] == "table app.log")
    assert log["before"] == {"table app.log": ""} and log["after"] == {"table app.log": "select*, insert*"}


def test_future_objects_get_what_was_declared(modules, database):
    modules.run(MODULE, default_privileges=DEFAULTS)
    database.execute(
        f"""
        set role {OWNER};
        create table app.t2 (a int);
        create function app.g() returns int language sql as 'select 1';
        reset role;
        """
    )
    assert can(database, f"has_table_privilege('{READER}', 'app.t2', 'select')")
    assert not can(database, f"has_function_privilege('{OTHER}', 'app.g()', 'execute')")


@pytest.mark.parametrize(
    "damage",
    [
        f"grant insert on app.t1 to {READER}",
        f"revoke select on app.t1 from {READER}",
        f"revoke grant option for insert on app.log from {READER}",
        f"grant usage on schema app to {READER} with grant option",
        "grant create on schema public to public",
        "grant execute on all functions in schema app to public",
        f"alter default privileges for role {OWNER} in schema app revoke select on tables from {READER}",
        f"alter default privileges for role {OWNER} grant execute on functions to public",
        f"""
        grant insert on app.t1 to {OTHER} with grant option;
        set role {OTHER}; grant insert on app.t1 to {READER}; reset role
        """,
    ],
)
def test_damage_is_mended(modules, database, state, pattern, damage):
    modules.run(MODULE, privileges=DECLARED, default_privileges=DEFAULTS)
    database.execute(damage)
    pattern(MODULE, state, privileges=DECLARED, default_privileges=DEFAULTS)
    assert not can(database, f"has_table_privilege('{READER}', 'app.t1', 'insert')")
    assert can(database, f"has_table_privilege('{READER}', 'app.t1', 'select')")


def test_what_is_not_named_is_left_alone(modules, database):
    database.execute(f"grant select on app.log to {OTHER}")
    modules.run(MODULE, privileges=DECLARED)
    assert can(database, f"has_table_privilege('{OTHER}', 'app.log', 'select')")


def test_database_and_parameter(modules, database, state, pattern):
    name = database.info.dbname
    declared = [
        {"role": "public", "object": f"database {name}", "privileges": []},
        {"role": READER, "object": f"database {name}", "privileges": ["connect", "temp"]},
        {"role": READER, "object": "parameter log_statement", "privileges": ["set"]},
    ]
    done = pattern(MODULE, state, privileges=declared)
    assert done["privileges"][0]["before"] == {f"database {name}": "connect, temporary"}
    assert not can(database, f"has_database_privilege('{OTHER}', '{name}', 'connect')")
    assert can(database, f"has_parameter_privilege('{READER}', 'log_statement', 'set')")
    pattern(MODULE, state, privileges=[{**item, "state": "absent"} for item in declared])


def test_all_is_spelled_out_and_a_grantor_grants(modules, database, state, pattern):
    database.execute(f"grant all on app.log to {OTHER} with grant option")
    pattern(
        MODULE, state, privileges=[{"role": READER, "object": "table app.log", "privileges": ["all"], "grantor": OTHER}]
    )
    granted = can(database, "relacl::text from pg_class where relname = 'log'")
    # From 17 on maintain (m) is among them.
    assert f"{READER}=arwdDxtm/{OTHER}" in granted or f"{READER}=arwdDxt/{OTHER}" in granted


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"privileges": [{"role": READER, "object": "tabel app.t1", "privileges": []}]},
            "'tabel app.t1' is nothing that privileges",
        ),
        (
            {"privileges": [{"role": READER, "object": "table app.t9", "privileges": []}]},
            "table app.t9 does not exist in database",
        ),
        (
            {"privileges": [{"role": READER, "object": "table t1", "privileges": []}]},
            "table t1 has no schema; accepted",
        ),
        (
            {"privileges": [{"role": READER, "object": "all tables in schema ap", "privileges": []}]},
            "schema ap does not exist",
        ),
        ({"privileges": [{"role": READER, "object": "function app.f", "privileges": []}]}, "has no argument types"),
        ({"privileges": [{"role": "nobody", "object": "schema app", "privileges": []}]}, "role nobody does not exist"),
        (
            {"privileges": [{"role": READER, "object": "schema app", "privileges": ["select"]}]},
            "privilege select does not exist on schema app; accepted: usage, create",
        ),
        (
            {"privileges": [{"role": READER, "object": "schema app"}]},
            "no privileges given; accepted: a list, [] for none",
        ),
        ({"privileges": [DECLARED[1], DECLARED[1]]}, "on schema app: stands twice in privileges"),
        (
            {"default_privileges": [{**DEFAULTS[1], "in_schema": "app"}]},
            "give public execute in any schema, which cannot be taken away in schema app alone; leave in_schema out",
        ),
        ({"default_privileges": [{**DEFAULTS[0], "in_schema": "ap"}]}, "schema ap does not exist"),
    ],
)
def test_refused_before_anything_is_changed(modules, state, options, words):
    before = state()
    good = [DECLARED[0], DECLARED[4]]
    assert words in modules.fails(MODULE, **{**options, "privileges": [*good, *options.get("privileges", [])]})
    assert state() == before


def test_check_mode_takes_what_is_missing_for_still_to_be_made(modules, database):
    declared = [
        {"role": "privileges_test_new", "object": "table new.t1", "privileges": ["select"]},
        {"role": "privileges_test_new", "object": "all tables in schema new", "privileges": ["select"]},
        {"role": "privileges_test_gone", "object": "schema app", "state": "absent"},
    ]
    future = [{**DEFAULTS[0], "in_schema": "new"}]
    done = modules.run(MODULE, check=True, privileges=declared, default_privileges=future)
    assert [change["object"] for change in done["privileges"]] == [
        "all tables in schema new",
        "table new.t1",
        f"future tables of {OWNER} in schema new",
    ]
    assert any("role privileges_test_new does not exist yet" in warning for warning in done["warnings"])
    modules.connection["login_db"] = "privileges_test_no_database"
    assert modules.run(MODULE, check=True, privileges=DECLARED, default_privileges=DEFAULTS)["changed"]
