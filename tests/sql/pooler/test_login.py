"""What a pooler may ask for, and that nobody else may."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors
from servers import Server, apply_set

LOGINS = {
    "with_password": "login password 'x'",
    "no_password": "login",
    "no_login": "nologin password 'x'",
    "ended": "login password 'x' valid until '2000-01-01'",
    "not_ended": "login password 'x' valid until 'infinity'",
    "is_super": "superuser login password 'x'",
    "replicates": "replication login password 'x'",
    'Mixed "case"': "login password 'x'",
}


@pytest.fixture
def database(server: Server) -> Iterator[psycopg.Connection]:
    with server.database() as connection:
        connection.execute("set password_encryption = 'scram-sha-256'")
        apply_set(connection, "pooler")
        names = [*LOGINS, "pooler_role"]
        for name, words in {**LOGINS, "pooler_role": "login"}.items():
            connection.execute(f"create role {quoted(name)} {words}")
        connection.execute(
            "grant usage on schema pooler to pooler_role; grant execute on function pooler.login(text) to pooler_role"
        )
        try:
            yield connection
        finally:
            connection.execute(f"drop owned by {', '.join(map(quoted, names))}")
            connection.execute(f"drop role {', '.join(map(quoted, names))}")


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@pytest.mark.parametrize("name", [*LOGINS, "postgres", "nobody there", ""])
def test_only_who_may_log_in_with_a_password_is_told(database, server: Server, name):
    expected = name in ("with_password", "not_ended", 'Mixed "case"')
    with server.connect(database.info.dbname, user="pooler_role") as pooler:
        found = pooler.execute("select username, password from pooler.login(%s)", [name]).fetchall()
    assert [row[0] for row in found] == ([name] if expected else [])
    assert all(row[1].startswith("SCRAM-SHA-256$") for row in found)


def test_nobody_else_may_ask(database, server: Server):
    with (
        server.connect(database.info.dbname, user="with_password") as other,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        other.execute("select * from pooler.login('with_password')")
    database.execute("grant usage on schema pooler to with_password")
    with (
        server.connect(database.info.dbname, user="with_password") as other,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        other.execute("select * from pooler.login('with_password')")


def test_it_cannot_be_led_astray_by_names_of_others(database, server: Server):
    with server.connect(database.info.dbname, user="pooler_role") as pooler:
        pooler.execute("create temporary table pg_authid (rolname text, rolpassword text)")
        pooler.execute("set search_path = pg_temp")
        assert pooler.execute("select count(*) from pooler.login('is_super')").fetchone() == (0,)
