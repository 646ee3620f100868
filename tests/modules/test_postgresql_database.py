"""postgresql_database: databases and their extensions are as declared, and nobody's tables are dropped."""

from __future__ import annotations

import contextlib

import pytest

from ansible_collections.pgops.fleet.plugins.module_utils import declare_databases
from tests.modules.test_on_host import play

MODULE = "postgresql_database"
NAME = "database_test.Shop"
TEMPLATE = "database_test_template"
DECLARED = {
    "name": NAME,
    "encoding": "UTF8",
    "locale": "C.UTF-8",
    "connection_limit": 20,
    "comment": "The shop's; 100% of it",
    "extensions": ["citext", {"name": "earthdistance", "schema": "Extensions"}, {"name": "pgcrypto", "version": "1.3"}],
}
DATABASE_STATE = """
select d.datname, pg_get_userbyid(d.datdba), pg_encoding_to_char(d.encoding), d.datcollate, d.datctype, d.datconnlimit,
    shobj_description(d.oid, 'pg_database'), t.spcname
from pg_database d join pg_tablespace t on t.oid = d.dattablespace where d.datname ~ '^database_test' order by 1
"""
EXTENSION_STATE = """
select e.extname, e.extversion, n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace order by 1
"""


@pytest.fixture(scope="module")
def database(server):
    """A connection of the superuser that is in nobody's way."""
    with server.connect() as connection:
        yield connection


@pytest.fixture(autouse=True)
def no_databases(server):
    yield
    with server.connect() as connection:
        connection.execute("update pg_database set datistemplate = false where datname ~ '^database_test'")
        for (name,) in connection.execute(
            "select datname from pg_database where datname ~ '^database_test'"
        ).fetchall():
            server.drop_database(name)


@pytest.fixture
def inside(server):
    """Execute something in the database of the test."""

    def execute(statement, name=NAME):
        with server.connect(name) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    return execute


@pytest.fixture
def state(database, inside):
    def read():
        databases = database.execute(DATABASE_STATE).fetchall()
        return databases, {row[0]: inside(EXTENSION_STATE, row[0]) for row in databases}

    return read


@pytest.fixture
def declare(modules, owner):
    def run(**options):
        return modules.run(MODULE, databases=[{**DECLARED, "owner": owner, **options}])

    return run


@contextlib.contextmanager
def tablespace(database):
    database.execute("set allow_in_place_tablespaces = on")
    database.execute("create tablespace database_test_space location ''")
    yield "database_test_space"
    database.execute("drop tablespace database_test_space")


def test_created(pattern, state, owner):
    done = pattern(MODULE, state, databases=[{**DECLARED, "owner": owner}, {"name": "database_test_plain"}])
    assert done["databases"] == [
        {"name": NAME, "change": "created"},
        {"name": "database_test_plain", "change": "created"},
    ]
    databases, extensions = state()
    assert databases[0] == (NAME, owner, "UTF8", "C.UTF-8", "C.UTF-8", 20, DECLARED["comment"], "pg_default")
    assert [row[0] for row in extensions[NAME]] == ["citext", "cube", "earthdistance", "pgcrypto", "plpgsql"]
    assert {row[0]: row[2] for row in extensions[NAME]}["cube"] == "Extensions"
    assert done["diff"][0]["before"] == {}
    assert done["diff"][0]["after"]["extensions"]["pgcrypto"] == "1.3"
    assert set(done["diff"][0]["after"]["extensions"]) == {"citext", "cube", "earthdistance", "pgcrypto"}


@pytest.mark.parametrize(
    "damage",
    [
        'alter database "database_test.Shop" owner to postgres',
        'alter database "database_test.Shop" connection limit -1',
        'comment on database "database_test.Shop" is null',
        "drop extension citext",
        "drop extension cube cascade",
        "drop extension citext; create extension citext version '1.5'",
        "create schema elsewhere; alter extension cube set schema public; alter extension earthdistance set schema elsewhere",
    ],
)
def test_damage_is_mended(pattern, state, declare, owner, inside, damage):
    extensions = [{"name": "cube", "schema": "Extensions"}, *DECLARED["extensions"]]
    declare(extensions=extensions)
    right = state()
    inside(damage)
    done = pattern(MODULE, state, databases=[{**DECLARED, "owner": owner, "extensions": extensions}])
    assert done["databases"] == [{"name": NAME, "change": "altered"}]
    assert state() == right


def test_only_what_is_declared_changes(pattern, state, declare, inside, owner):
    declare()
    inside("create extension hstore")
    done = pattern(MODULE, state, databases=[{"name": NAME, "comment": "", "extensions": ["hstore", "fuzzystrmatch"]}])
    assert done["queries"] == [
        "comment on database \"database_test.Shop\" is ''",
        'create extension "fuzzystrmatch" cascade',
    ]
    assert done["diff"][0]["before"]["extensions"] == {"hstore": "1.8"}
    assert state()[0][0][1] == owner
    assert "citext" in {row[0] for row in state()[1][NAME]}


def test_tablespace(pattern, state, declare, database):
    declare()
    with tablespace(database) as name:
        pattern(MODULE, state, databases=[{"name": NAME, "tablespace": name, "extensions": ["citext"]}])
        pattern(MODULE, state, databases=[{"name": NAME, "tablespace": "pg_default"}])


def test_version_kept_and_raised(pattern, state, inside):
    def with_version(version):
        return [{"name": NAME, "extensions": [{"name": "citext", "version": version}]}]

    pattern(MODULE, state, databases=with_version("1.4"))
    pattern(MODULE, state, databases=with_version("1.5"))
    done = pattern(MODULE, state, databases=[{"name": NAME, "extensions": ["citext"]}])
    assert done["diff"][0]["before"]["extensions"] == {"citext": "1.5"}
    assert inside("select extversion = default_version from pg_extension, pg_available_extensions where extname = name"
                  " and name = 'citext'") == [(True,)]  # fmt: skip


def test_extensions_of_the_template(pattern, state, modules):
    """What the template brings is not made again, and check mode knows."""
    modules.run(MODULE, databases=[{"name": TEMPLATE, "extensions": ["citext", "hstore"]}])
    extensions = ["citext", "fuzzystrmatch", {"name": "hstore", "state": "absent"}]
    done = pattern(MODULE, state, databases=[{"name": NAME, "template": TEMPLATE, "extensions": extensions}])
    assert done["queries"] == [
        f'create database "{NAME}" template "{TEMPLATE}"',
        'create extension "fuzzystrmatch" cascade',
        'drop extension "hstore"',
    ]


def test_required_extension_declared_after(pattern, state):
    """It came by the cascade, so it is not made again; a schema of its own is given to it."""
    extensions = ["earthdistance", {"name": "cube", "schema": "geometry"}]
    pattern(MODULE, state, databases=[{"name": NAME, "extensions": extensions}])


def test_extension_dropped(pattern, modules, state, declare):
    declare()
    absent = [{"name": name, "state": "absent"} for name in ("earthdistance", "cube", "never_there")]
    pattern(MODULE, state, databases=[{"name": NAME, "extensions": absent}])
    declare()
    message = modules.fails(MODULE, databases=[{"name": NAME, "extensions": [absent[1]]}])
    assert f'database {NAME}: drop extension "cube": ERROR: cannot drop extension cube' in message
    assert "DETAIL: extension earthdistance depends on" in message


def test_database_dropped(pattern, modules, state, declare, inside):
    declare()
    absent = [{"name": NAME, "state": "absent"}]
    inside("create schema app; create table app.orders (id int); create materialized view app.v as select 1 as one")
    before = state()
    for check in (True, False):
        message = modules.fails(MODULE, check=check, databases=absent)
        assert f"database {NAME} is not dropped: it holds app.orders, app.v." in message
    assert state() == before
    inside("drop schema app cascade; select lo_create(77)")
    assert "it holds large object 77." in modules.fails(MODULE, databases=absent)
    inside("select lo_unlink(77)")
    done = pattern(MODULE, state, databases=absent)
    assert done["databases"] == [{"name": NAME, "change": "removed"}]
    assert done["queries"] == ['drop database "database_test.Shop"']


def test_many_tables_are_counted(modules, declare, inside):
    declare()
    inside("; ".join(f"create table t{number} (id int)" for number in range(8)))
    message = modules.fails(MODULE, databases=[{"name": NAME, "state": "absent"}])
    assert "it holds public.t0, public.t1, public.t2, public.t3, public.t4 and 3 more." in message


def test_database_in_use_is_not_dropped(modules, declare, server):
    declare()
    with server.connect(NAME):
        message = modules.fails(MODULE, databases=[{"name": NAME, "state": "absent"}])
    assert "is being accessed by other users" in message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"encoding": "LATIN1"}, f"database {NAME} has the encoding UTF8, asked for is LATIN1."),
        ({"encoding": "UTF99"}, "encoding 'UTF99' is none that PostgreSQL knows"),
        ({"locale": "C"}, f"database {NAME} has the locale C.UTF-8, asked for is C."),
        ({"extensions": [{"name": "citext", "version": 1.6}]}, "needs quotes in YAML"),
        ({"extensions": [{"name": "citext", "versoin": "1.6"}]}, "accepted is a name, or a dictionary"),
        (
            {"extensions": ["citext", {"name": "citext"}]},
            f"database {NAME}: extension citext is declared more than once",
        ),
        ({"extensions": [{"name": "pg_ivm", "schema": "public"}]}, "extension pg_ivm goes into schema"),
        ({"extensions": [{"name": "plpgsql", "schema": "public"}]}, "is in schema pg_catalog and cannot be moved"),
    ],
)
def test_refused_in_both_modes(modules, declare, state, change, message):
    declare()
    before = state()
    for check in (True, False):
        assert message in modules.fails(MODULE, check=check, databases=[{"name": NAME, **change}])
    assert state() == before


@pytest.mark.parametrize("name", ["template1", "postgres"])
def test_never_dropped(modules, name):
    declared = [{"name": name, "state": "absent"}]
    assert "is not dropped" in modules.fails(MODULE, login_db="postgres", databases=declared)


def test_declared_twice(modules):
    message = modules.fails(MODULE, databases=[{"name": NAME}, {"name": NAME}])
    assert f"database {NAME} is declared more than once" in message


@pytest.mark.parametrize(
    ("extension", "message"),
    [
        ("no_such_extension", "extension no_such_extension is not installed on the host"),
        ({"name": "hstore", "version": "99"}, "is to have version 99; installed on the host are 1.4, 1.5"),
        ("pg_stat_statements", "the server says shared_preload_libraries = 'pg_cron,pg_ivm'"),
    ],
)
def test_lacking_extension(modules, state, declare, extension, message):
    """A run refuses; check mode warns, because an earlier task may be about to install it."""
    declare()
    before, wanted = state(), [{"name": NAME, "extensions": [extension]}]
    assert message in modules.fails(MODULE, databases=wanted)
    assert state() == before
    missing = [{**wanted[0], "name": "database_test_new"}]
    assert message in modules.fails(MODULE, databases=missing)
    for databases in (wanted, [{**missing[0], "name": "database_test_newer"}]):
        promised = modules.run(MODULE, check=True, databases=databases)
        assert promised["changed"]
        assert any(message in warning for warning in promised["warnings"])


def test_no_way_back_to_an_older_version(modules, declare):
    declare()
    older = [{"name": NAME, "extensions": [{"name": "pgcrypto", "version": "1.4"}]}]
    assert "no update" not in str(modules.run(MODULE, databases=older))
    back = [{"name": NAME, "extensions": [{"name": "pgcrypto", "version": "1.3"}]}]
    assert "has version 1.4, and no update on the host leads from it to 1.3" in modules.fails(MODULE, databases=back)


def test_server_refuses_an_extension(modules):
    """pg_cron lives in one database; whatever the server says is passed on."""
    message = modules.fails(MODULE, databases=[{"name": NAME, "extensions": ["pg_cron"]}])
    assert (
        f'database {NAME}: create extension "pg_cron" cascade: ERROR: can only create extension in database' in message
    )


def test_template_is_taken_as_it_is(modules, state):
    message = modules.fails(MODULE, databases=[{"name": NAME, "template": "template_that_is_not"}])
    assert 'template database "template_that_is_not" does not exist' in message


def test_few_connections(modules, declare, monkeypatch):
    """One for all, one for each database with extensions or to be dropped."""
    opened = []
    connect = declare_databases.connect
    monkeypatch.setattr(declare_databases, "connect", lambda given: opened.append(given["dbname"]) or connect(given))
    databases = [
        DECLARED,
        {"name": "database_test_plain", "owner": "postgres", "comment": "No extensions"},
        {"name": "database_test_gone", "state": "absent"},
    ]
    modules.run(MODULE, databases=databases)
    assert opened == [NAME]
    modules.run(MODULE, check=True, login_db=NAME, databases=databases)
    assert opened == [NAME]


def test_check_mode_without_a_server(modules, tmp_path):
    databases = [DECLARED, {"name": "database_test_gone", "state": "absent"}]
    done = modules.run(MODULE, check=True, login_host=str(tmp_path), databases=databases)
    assert done["databases"] == [
        {"name": NAME, "change": "created"},
        {"name": "database_test_gone", "change": "none"},
    ]
    assert done["diff"][0]["after"]["extensions"] == {
        "citext": "newest",
        "earthdistance": "newest in schema Extensions",
        "pgcrypto": "1.3",
    }


def test_default_database(modules):
    """Without login_db it is postgres."""
    del modules.connection["login_db"]
    assert not modules.run(MODULE, databases=[{"name": "postgres"}])["changed"]


def test_on_the_host(server, tmp_path, owner):
    """With psycopg2, whose parameters and arrays are others."""
    with server.connect(server.create_database()) as elsewhere:
        name = elsewhere.info.dbname
    arguments = {
        MODULE: {"databases": [{**DECLARED, "owner": owner}, {"name": "database_test_gone", "state": "absent"}]}
    }
    try:
        first = play(server, arguments, name, tmp_path)[MODULE]
        again = play(server, arguments, name, tmp_path, "--check")[MODULE]
    finally:
        server.drop_database(name)
    assert first["databases"][0]["change"] == "created"
    assert not again["changed"]
    assert first["queries"][0].startswith(f'create database "{NAME}" owner "{owner}"')
