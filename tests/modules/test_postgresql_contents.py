"""postgresql_contents: all parts in one process, in their order, each with its own words."""

from __future__ import annotations

import json

import pytest

from tests.modules.harness import ModuleFailed, Modules
from tests.sql.servers import CRON_DATABASE

MODULE = "postgresql_contents"
OWNER, RUNNER, READER = "contents_test_owner", "contents_test_runner", "contents_test_reader"
PASSWORD = "a-password-for-nobody"
ROLES = [
    {"name": OWNER, "login": False},
    {"name": RUNNER, "login": True},
    {"name": READER, "login": True, "password": PASSWORD},
]
SCRIPTS = [
    {
        "name": "shop",
        "role": OWNER,
        "scripts": [
            {
                "name": "V001__create_item.sql",
                "content": "create schema app; create table app.item (item_id bigint primary key);",
            }
        ],
    }
]
CONTENT = {
    "database": CRON_DATABASE,
    "scripts": SCRIPTS,
    "privileges": [
        {"role": READER, "object": "schema app", "privileges": ["usage"]},
        {"role": READER, "object": "table app.item", "privileges": ["select"]},
    ],
    "publications": [{"name": "item_publication", "tables": ["app.item"]}],
}
JOBS = [{"name": "tidy", "cron": "0 0 29 feb *", "run": "select 1", "as": RUNNER}]
DECLARED = {
    "roles": ROLES,
    "databases": [{"name": CRON_DATABASE, "owner": OWNER, "extensions": ["pg_ivm"]}],
    "contents": [CONTENT],
    "cron": {"database": CRON_DATABASE, "jobs": JOBS, "remove_undeclared": True},
}


@pytest.fixture
def database(server):
    def drop_roles():
        with server.connect() as connection:
            for role in (RUNNER, READER, OWNER):
                connection.execute(f"drop role if exists {role}")

    drop_roles()
    with server.cron_database() as connection:
        yield connection
    drop_roles()


@pytest.fixture
def modules(server, database):
    found = Modules(server.host, server.port, CRON_DATABASE)
    del found.connection["login_db"]
    return found


@pytest.fixture
def state(database):
    def read():
        return database.execute(
            """
            select array(select rolname::text from pg_roles where rolname like 'contents_test%' order by 1),
                   (select pg_get_userbyid(datdba)::text from pg_database where datname = current_database()),
                   array(select extname::text from pg_extension order by 1),
                   (select relacl::text from pg_class where oid = to_regclass('app.item')),
                   array(select pubname::text from pg_publication),
                   array(select jobname::text || ' ' || username from cron.job order by 1)
            """
        ).fetchone()

    return read


def test_check_mode_promises_what_a_run_does_and_a_second_finds_nothing(modules, state):
    before = state()
    promised = modules.run(MODULE, check=True, **DECLARED)
    assert promised["changed"]
    assert state() == before, "check mode changed something"
    done = modules.run(MODULE, **DECLARED)
    # Only a run knows the salt of a verifier, and the grants that a table of the same run brings along.
    assert [part["part"] for part in promised["parts"]] == [part["part"] for part in done["parts"]]
    assert all(part["changed"] for part in promised["parts"])
    headers = [[difference["after_header"] for difference in result["diff"]] for result in (promised, done)]
    assert headers[0] == headers[1]
    roles, owner, extensions, acl, publications, jobs = state()
    assert roles == sorted([OWNER, RUNNER, READER])
    assert (owner, publications, jobs) == (OWNER, ["item_publication"], [f"tidy {RUNNER}"])
    assert "pg_ivm" in extensions
    assert f"{READER}=r/{OWNER}" in acl
    for check in (True, False):
        again = modules.run(MODULE, check=check, **DECLARED)
        assert not again["changed"], again
        assert again["diff"] == []


def test_parts_bear_the_name_of_their_database(modules):
    done = modules.run(MODULE, **DECLARED)
    assert [part["part"] for part in done["parts"]] == [
        "Roles",
        "Databases and extensions",
        *(f"{name} of database {CRON_DATABASE}" for name in ("SQL files", "Privileges", "Publications", "Jobs")),
    ]
    assert done["diff"][0]["after_header"] == f"Roles: role {OWNER}"


def test_check_mode_does_not_miss_the_role_that_the_run_makes_for_a_job(modules):
    assert modules.run(MODULE, check=True, **DECLARED)["warnings"] == []


def test_a_job_of_a_role_that_nobody_makes_is_refused_by_a_run(modules):
    declared = {**DECLARED, "cron": {**DECLARED["cron"], "jobs": [{**JOBS[0], "as": "contents_test_missing"}]}}
    (warning,) = modules.run(MODULE, check=True, **declared)["warnings"]
    assert "role contents_test_missing does not exist" in warning  # one of the files to be applied may make it
    assert modules.fails(MODULE, **declared).startswith(f"Jobs of database {CRON_DATABASE}: ")


def test_a_job_of_a_role_that_nobody_makes_is_refused_by_check_mode_too(modules):
    modules.run(MODULE, **DECLARED)
    declared = {**DECLARED, "cron": {**DECLARED["cron"], "jobs": [{**JOBS[0], "as": "contents_test_missing"}]}}
    message = modules.fails(MODULE, check=True, **declared)
    assert message.startswith(f"Jobs of database {CRON_DATABASE}: No job was changed.")


def test_a_role_goes_after_what_it_may_do(modules, state):
    modules.run(MODULE, **DECLARED)
    gone = {
        **DECLARED,
        "roles": [*ROLES[:2], {"name": READER, "state": "absent"}],
        "contents": [{**CONTENT, "privileges": [{**item, "state": "absent"} for item in CONTENT["privileges"]]}],
    }
    before = state()
    promised = modules.run(MODULE, check=True, **gone)
    assert state() == before
    done = modules.run(MODULE, **gone)
    for result in (promised, done):
        changed = [part["part"] for part in result["parts"] if part["changed"]]
        assert changed == [f"Privileges of database {CRON_DATABASE}", "Roles that go"]
    assert READER not in state()[0]


def test_an_error_names_its_part_and_what_came_before_it(modules, state):
    broken = [{**SCRIPTS[0], "scripts": [{"name": "V001__broken.sql", "content": "create table app.item ();"}]}]
    with pytest.raises(ModuleFailed) as failure:
        modules.run(MODULE, **{**DECLARED, "contents": [{**CONTENT, "scripts": broken}]})
    result = failure.value.result
    assert result["msg"].startswith(f"SQL files of database {CRON_DATABASE}: ")
    assert 'schema "app" does not exist' in result["msg"]
    assert [part["part"] for part in result["parts"]] == ["Roles", "Databases and extensions"]
    assert result["changed"]
    assert state()[-1] == [], "a later part was carried out"
    assert modules.run(MODULE, **DECLARED)["changed"], "the next run goes on"


def test_nothing_is_touched_when_any_part_has_a_wrong_option(modules, state):
    before = state()
    wrong = {**CONTENT, "publications": [{"name": "item_publication", "table": ["app.item"]}]}
    message = modules.fails(MODULE, **{**DECLARED, "contents": [wrong]})
    assert message.startswith(f"Publications of database {CRON_DATABASE}: ")
    assert "table" in message
    assert state() == before


@pytest.mark.parametrize(
    "declared", [DECLARED, {**DECLARED, "cron": {"database": CRON_DATABASE, "jobs": [{"nam": 1}]}}]
)
def test_passwords_are_shown_nowhere(modules, declared):
    try:
        result = modules.run(MODULE, **declared)
    except ModuleFailed as failure:
        result = failure.result
    assert PASSWORD not in json.dumps(result)
    assert "scram-sha-256$" not in json.dumps(result).lower()


def test_each_part_finds_its_session_as_if_new(modules, database):
    """Privileges empty the search path of their session; a file after them may count on the usual one."""
    other = {"database": CRON_DATABASE, "scripts": [{"name": "late", "scripts": [
        {"name": "V001__unqualified.sql", "content": "create table in_public ();"}]}]}  # fmt: skip
    modules.run(MODULE, **{**DECLARED, "contents": [CONTENT, other]})
    assert database.execute("select to_regclass('public.in_public') is not null").fetchone()[0]
    locks = "select count(*) from pg_locks l join pg_database d on d.oid = l.database where l.locktype = 'advisory'"
    assert database.execute(f"{locks} and d.datname = current_database()").fetchone()[0] == 0


def test_without_cron_no_job_is_looked_at(modules, state):
    modules.run(MODULE, **DECLARED)
    result = modules.run(MODULE, **{key: value for key, value in DECLARED.items() if key != "cron"})
    assert not result["changed"]
    assert state()[-1] == [f"tidy {RUNNER}"]
