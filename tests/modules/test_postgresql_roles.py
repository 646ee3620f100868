"""postgresql_roles on a real server: attributes, passwords, memberships, settings, and drops that are refused."""

from __future__ import annotations

import contextlib

import psycopg
import pytest

from ansible_collections.pgops.fleet.plugins.module_utils.scram import make_verifier, matches

MODULE = "postgresql_roles"
OWNER, JOBS, GROUP, GRANTOR = (f"roles_test_{name}" for name in ("owner", "jobs", "group", "grantor"))
PASSWORD = "pass'word \\ with % signs and ümlauts"
DECLARED = [
    {
        "name": JOBS,
        "login": True,
        "connection_limit": 5,
        "password": PASSWORD,
        "valid_until": "2030-01-01 00:00:00+00",
        "member_of": [{"name": OWNER, "inherit": False, "set": True}, GROUP],
        "settings": {"search_path": ["app", "$user"], "statement_timeout": "30s", "app.custom": "it's"},
        "comment": "Runs the jobs; it's no superuser",
    },
    {"name": OWNER, "createdb": True, "inherit": False},
    {"name": GROUP},
]


def drop_all(connection):
    for name in (JOBS, OWNER, GROUP, GRANTOR):
        with contextlib.suppress(psycopg.errors.UndefinedObject):
            connection.execute(f"reassign owned by {name} to postgres; drop owned by {name}; drop role {name}")


@pytest.fixture(scope="module")
def database(server):
    """One database for all tests: roles belong to none."""
    with server.database() as connection:
        yield connection


@pytest.fixture(autouse=True)
def no_roles(database):
    drop_all(database)
    yield
    drop_all(database)
    database.execute("drop table if exists thing")


@pytest.fixture
def state(database):
    """Everything about the roles of this test."""

    def read():
        return database.execute(
            """
            select a.rolname, to_jsonb(a) - 'oid' || jsonb_build_object(
                'comment', shobj_description(a.oid, 'pg_authid'),
                'member_of', array(
                    select row(roleid::regrole, grantor::regrole, inherit_option, set_option, admin_option)::text
                    from pg_auth_members where member = a.oid order by 1
                ),
                'settings', array(
                    select setdatabase || array_to_string(setconfig, ';') from pg_db_role_setting
                    where setrole = a.oid order by 1
                ))
            from pg_authid a where rolname ~ '^roles_test_' order by 1
            """
        ).fetchall()

    return read


def by_name(rows):
    return dict(rows)


def test_pattern(modules, state, pattern):
    done = pattern(MODULE, state, roles=DECLARED, same_queries=True)
    jobs = by_name(state())[JOBS]
    assert jobs["rolcanlogin"] and not jobs["rolsuper"] and jobs["rolconnlimit"] == 5
    assert matches(PASSWORD, jobs["rolpassword"])
    assert sorted(jobs["member_of"]) == [f"({GROUP},postgres,t,t,f)", f"({OWNER},postgres,f,t,f)"]
    assert jobs["settings"] == ['0search_path=app, "$user";statement_timeout=30s;app.custom=it\'s']
    assert jobs["comment"] == DECLARED[0]["comment"]
    assert not by_name(state())[OWNER]["rolinherit"]
    assert {role["action"] for role in done["roles"]} == {"created"}


def test_no_secret_is_in_the_result(modules, state):
    done = modules.run(MODULE, roles=DECLARED)
    stored = by_name(state())[JOBS]["rolpassword"]
    shown = str({name: value for name, value in done.items() if name != "invocation"})
    assert PASSWORD not in shown and stored not in shown
    assert PASSWORD not in str(done["invocation"])
    assert any("password '(hidden)'" in query for query in done["queries"])


@pytest.mark.parametrize(
    "damage",
    [
        f"alter role {JOBS} nologin",
        f"alter role {JOBS} superuser createrole",
        f"alter role {JOBS} connection limit 6",
        f"alter role {JOBS} password 'another'",
        f"alter role {JOBS} password null",
        f"alter role {JOBS} valid until 'infinity'",
        f"grant {OWNER} to {JOBS} with inherit true",
        f"revoke {GROUP} from {JOBS}",
        f"alter role {JOBS} set search_path = app",
        f"alter role {JOBS} reset statement_timeout",
        f"comment on role {JOBS} is null",
        f"drop role {JOBS}",
        f"""
        create role {GRANTOR}; grant {OWNER} to {GRANTOR} with admin true;
        set role {GRANTOR}; grant {OWNER} to {JOBS} with inherit true; reset role
        """,
    ],
)
def test_damage_is_mended(modules, database, state, pattern, damage):
    declared = [{**DECLARED[0], "superuser": False, "createrole": False}, *DECLARED[1:]]
    modules.run(MODULE, roles=declared)
    database.execute(damage)
    pattern(MODULE, state, roles=declared)
    jobs = by_name(state())[JOBS]
    assert matches(PASSWORD, jobs["rolpassword"]) and f"({OWNER},postgres,f,t,f)" in jobs["member_of"]
    assert not jobs["rolsuper"] and not jobs["rolcreaterole"]


def test_what_is_not_named_stays(modules, database, state):
    modules.run(MODULE, roles=DECLARED)
    before = state()
    again = modules.run(MODULE, roles=[{"name": JOBS}, {"name": OWNER, "member_of": []}])
    assert not again["changed"] and state() == before


def test_verifiers_are_taken_as_they_are_and_kept(modules, state, pattern):
    verifier = make_verifier("known", iterations=5000)
    pattern(MODULE, state, roles=[{"name": JOBS, "password": verifier}])
    assert by_name(state())[JOBS]["rolpassword"] == verifier
    assert not modules.run(MODULE, roles=[{"name": JOBS, "password": "known"}])["changed"]


def test_the_password_lets_its_role_in(modules, server, database):
    modules.run(MODULE, roles=[{"name": JOBS, "login": True, "password": PASSWORD}])
    computed = database.execute("select rolpassword from pg_authid where rolname = %s", (JOBS,)).fetchone()[0]
    database.execute(psycopg.sql.SQL("alter role {} password {}").format(psycopg.sql.Identifier(JOBS), PASSWORD))
    by_server = database.execute("select rolpassword from pg_authid where rolname = %s", (JOBS,)).fetchone()[0]
    assert matches(PASSWORD, computed) and matches(PASSWORD, by_server)
    assert not modules.run(MODULE, roles=[{"name": JOBS, "password": PASSWORD}])["changed"]


def test_membership_and_settings_are_taken_back(modules, database, state, pattern):
    name = database.info.dbname
    modules.run(MODULE, roles=[*DECLARED, {"name": GRANTOR, "database_settings": {name: {"work_mem": "8MB"}}}])
    assert any("work_mem=8MB" in entry for entry in by_name(state())[GRANTOR]["settings"])
    taken = [
        {
            "name": JOBS,
            "member_of": [{"name": OWNER, "state": "absent"}],
            "settings": {"statement_timeout": None, "search_path": "default", "app.custom": "x"},
        },
        {"name": GRANTOR, "database_settings": {name: {"work_mem": "default"}}},
    ]
    done = pattern(MODULE, state, roles=taken)
    assert by_name(state())[JOBS]["settings"] == ["0app.custom=x"]
    assert by_name(state())[GRANTOR]["settings"] == []
    assert done["diff"][0]["before"]["setting search_path"] == "app, $user"


def test_an_unused_role_is_dropped(modules, state, pattern):
    modules.run(MODULE, roles=DECLARED)
    pattern(MODULE, state, roles=[{"name": JOBS, "state": "absent"}])
    assert JOBS not in by_name(state())


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (
            f"create table thing (a int); alter table thing owner to {GROUP}",
            "it owns table public.thing in database",
        ),
        (f"create table thing (a int); grant select on thing to {GROUP}", "it has privileges on table public.thing"),
        (f"alter database postgres owner to {GROUP}", "it owns database postgres"),
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_a_role_something_depends_on_is_not_dropped(modules, database, state, prepare, words, check):
    modules.run(MODULE, roles=DECLARED)
    database.execute(prepare)
    before = state()
    roles = [{"name": JOBS, "comment": "changed"}, {"name": GROUP, "state": "absent"}]
    assert words in modules.fails(MODULE, check=check, roles=roles)
    assert state() == before


def test_what_it_owns_in_another_database_is_named(modules, server, database):
    modules.run(MODULE, roles=DECLARED)
    with server.database() as other:
        other.execute(f"create table elsewhere (a int); alter table elsewhere owner to {GROUP}")
        message = modules.fails(MODULE, roles=[{"name": GROUP, "state": "absent"}])
        assert f"it owns table public.elsewhere in database {other.info.dbname}" in message


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ({"name": "postgres", "state": "absent"}, "cannot be dropped"),
        ({"name": "pg_monitor", "state": "absent"}, "cannot be dropped"),
        ({"name": "postgres", "superuser": False}, "cannot cease to be superuser"),
        ({"name": GROUP, "password": ""}, "the password is empty"),
        ({"name": GROUP, "member_of": ["nobody_there"]}, "a member of nobody_there, which does not exist"),
        ({"name": GROUP, "member_of": [{"name": OWNER, "inherits": True}]}, "accepted: a name, or a dictionary of"),
        ({"name": GROUP, "settings": {"work mem": "1MB"}}, "'work mem' is no name"),
        ({"name": JOBS}, f"role {JOBS} stands twice"),
    ],
)
def test_refused_before_anything_is_changed(modules, state, role, words):
    before = state()
    for check in (True, False):
        assert words in modules.fails(MODULE, check=check, roles=[{"name": JOBS}, {"name": OWNER}, role])
    assert state() == before


def test_a_setting_that_postgresql_refuses_leaves_nothing_behind(modules, state):
    roles = [{"name": OWNER}, {"name": JOBS, "settings": {"work_mem": "12 parsecs"}}]
    assert 'invalid value for parameter "work_mem"' in modules.fails(MODULE, roles=roles)
    assert state() == []


def test_check_mode_without_a_server(modules):
    modules.connection |= {"login_host": "", "login_unix_socket": "/nowhere", "login_port": 1}
    assert modules.run(MODULE, check=True, roles=DECLARED)["changed"]
