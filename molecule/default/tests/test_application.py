"""System 4 at work: the application's and the readers' logins, from this machine as any client is."""

from __future__ import annotations

import psycopg
import pytest
import yaml
from psycopg import errors

from pgops.local.fleet import TEST

PORT = 5435


@pytest.fixture
def connect():
    """A connection of a login with the password of the inventory's secrets; further libpq parameters win."""
    secrets = TEST.inventory / ".secrets"
    detected = yaml.safe_load((TEST.inventory / "group_vars" / "all" / "detected.yml").read_text())

    def run(user: str, **parameters) -> psycopg.Connection:
        found = {
            "host": "app1",
            "hostaddr": f"{detected['local_network']}.13",
            "port": PORT,
            "dbname": "application",
            "user": user,
            "sslmode": "verify-full",
            "sslrootcert": str(secrets / "certificates" / "ca.crt"),
            "connect_timeout": 10,
        }
        if "password" not in parameters:
            found["password"] = (secrets / "passwords" / user).read_text().strip()
        return psycopg.connect(**found | parameters, autocommit=True)

    return run


def test_the_application_writes_and_readers_read(connect):
    with connect("app_user_a") as application, connect("readonly_user_a") as reader:
        (user,) = application.execute(
            "insert into app.users (name, email) values ('Ada', gen_random_uuid() || '@example.org') returning id"
        ).fetchone()
        application.execute(
            "insert into app.data_entries (user_id, key) values (%s, 'colour'), (%s, 'size')", [user, user]
        )
        application.execute("insert into app.events (event_type, user_id, data) values ('login', %s, '{}')", [user])
        statistics = "select total_entries, total_events from app.get_user_statistics(%s)"
        assert reader.execute(statistics, [user]).fetchone() == (2, 1)
        with pytest.raises(errors.ReadOnlySqlTransaction):
            reader.execute("delete from app.users")
        reader.execute("set default_transaction_read_only = off")
        with pytest.raises(errors.InsufficientPrivilege):
            reader.execute("delete from app.users")
        application.execute("delete from app.users where id = %s", [user])


@pytest.mark.parametrize("user", ["app_user_a", "readonly_user_a"])
def test_nobody_waits_or_idles_for_ever(connect, user):
    with connect(user) as session:
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        assert all(session.execute(f"select current_setting('{name}') <> '0'").fetchone()[0] for name in names)
        assert session.execute("select rolconnlimit > 0 from pg_roles where rolname = session_user").fetchone()[0]


@pytest.mark.parametrize(
    ("user", "parameters"),
    [
        ("app_user_a", {"sslmode": "disable"}),
        ("app_user_a", {"dbname": "postgres"}),
        ("app_user_a", {"password": "wrong"}),
        ("app_user", {"password": "none"}),
        ("application_owner", {"password": "none"}),
        ("postgres", {"password": "none"}),
    ],
    ids=str,
)
def test_nobody_else_is_let_in(connect, user, parameters):
    with pytest.raises(psycopg.OperationalError):
        connect(user, **parameters)


def test_jobs_can_run(operations):
    psql = f"psql -XAtq -v ON_ERROR_STOP=1 -p {PORT} -d application"
    jobs = operations.check_output(
        "su postgres -c %s", f"{psql} -c 'select command from cron.job where active order by jobname'"
    )
    assert jobs.splitlines() == ["SELECT pgops.purge_cron_history()", "CALL pgops.maintain()"]
    for job in jobs.splitlines():
        operations.check_output(
            "su postgres -c %s", f"{psql} -c 'set session authorization application_jobs' -c '{job}'"
        )
