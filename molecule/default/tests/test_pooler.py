"""The pooler before system 4, and passwords that are replaced while clients work."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import psycopg
import pytest
from psycopg import errors
from psycopg.conninfo import make_conninfo

from pgops.load import mix
from pgops.load.running import Load
from pgops.load.service import of_inventory
from pgops.local.fleet import TEST
from pgops.paths import ROOT

APPLICATION = of_inventory(TEST.inventory, "app_user")
READER = of_inventory(TEST.inventory, "readonly_user")
CONSOLE = "psql -XAtq -h /run/pgops-pooler-app1pool -p 6435 -U postgres pgbouncer"
PSQL = "psql -XAtq -v ON_ERROR_STOP=1 -p 5435"


def console(host, command):
    return host.check_output("su postgres -c %s", f"{CONSOLE} -c '{command}'").splitlines()


def ask(host, query, database="application"):
    return host.check_output("su postgres -c %s", f'{PSQL} -d {database} -c "{query}"').strip()


def test_clients_come_through_with_tls_on_both_ways(operations):
    with psycopg.connect(APPLICATION.conninfo(), autocommit=True) as session:
        assert session.pgconn.ssl_in_use
        assert session.execute("select count(*) from app.users").fetchone()[0] >= 0
        assert session.execute("select ssl from pg_stat_ssl where pid = pg_backend_pid()").fetchone() == (True,)
        # Of the server the client sees the pooler's address, and its own login.
        assert session.execute("select session_user").fetchone() == (APPLICATION.parameters()["user"],)


@pytest.mark.parametrize(
    "parameters",
    [
        {"sslmode": "disable"},
        {"password": "wrong"},
        {"user": "application_owner"},
        {"user": "postgres"},
        {"dbname": "postgres"},
        {"user": "app_user"},
    ],
    ids=str,
)
def test_nobody_else_is_let_in(parameters):
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(APPLICATION.conninfo(**parameters), connect_timeout=5)


def test_readers_cannot_write_through_it_either():
    with psycopg.connect(READER.conninfo(), autocommit=True) as session, pytest.raises(errors.ReadOnlySqlTransaction):
        session.execute("delete from app.users")


def test_only_the_pooler_may_ask_for_verifiers(operations):
    may = "has_function_privilege(oid, 'pooler.login(text)', 'execute')"
    query = f"select string_agg(rolname, ',') from pg_roles where not rolsuper and {may}"
    assert ask(operations, query, "postgres") == "application_pooler"


def test_prepared_statements_outlive_a_transaction():
    with psycopg.connect(APPLICATION.conninfo(), autocommit=True, prepare_threshold=0) as session:
        others = [psycopg.connect(APPLICATION.conninfo(), autocommit=True, prepare_threshold=0) for _ in range(20)]
        for number in range(60):
            for each in (session, others[number % 20]):
                assert each.execute("select %s::int + 1", [number]).fetchone() == (number + 1,)
        for each in others:
            each.close()


def test_many_clients_share_ten_connections(operations):
    sessions = [psycopg.connect(APPLICATION.conninfo(), autocommit=True) for _ in range(60)]
    threads = [threading.Thread(target=session.execute, args=("select pg_sleep(0.05)",)) for session in sessions]
    for thread in threads:
        thread.start()
    login = APPLICATION.parameters()["user"]
    most = max(
        int(ask(operations, f"select count(*) from pg_stat_activity where usename = '{login}'")) for _ in range(3)
    )
    for thread in threads:
        thread.join()
    for session in sessions:
        session.close()
    assert 1 <= most <= 10


def test_a_changed_setting_is_read_without_losing_a_client(operations):
    with psycopg.connect(APPLICATION.conninfo(), autocommit=True) as session:
        operations.check_output(
            "sed -i 's/^default_pool_size = 10$/default_pool_size = 9/' /etc/pgbouncer/app1pool/pgbouncer.ini"
        )
        operations.check_output("systemctl reload pgops-pooler@app1pool")
        try:
            assert any(line.startswith("default_pool_size|9|") for line in console(operations, "show config"))
            assert session.execute("select 1").fetchone() == (1,)
        finally:
            operations.check_output(
                "sed -i 's/^default_pool_size = 9$/default_pool_size = 10/' /etc/pgbouncer/app1pool/pgbouncer.ini"
            )
            operations.check_output("systemctl reload pgops-pooler@app1pool")


class Example:
    """docs/examples/client.py at work."""

    def __init__(self, seconds: int) -> None:
        environment = os.environ | {"PGSERVICEFILE": str(APPLICATION.path)}
        self.process = subprocess.Popen(
            [sys.executable, ROOT / "docs" / "examples" / "client.py", str(seconds)],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        time.sleep(3)

    def result(self) -> tuple[int, int]:
        """Users that it has added, and how many of them it has found."""
        output, log = self.process.communicate(timeout=180)
        assert self.process.returncode == 0, (output, log)
        words = output.replace(",", "").split()
        return int(words[1]), int(words[3])


def test_the_example_outlives_restarts_of_pooler_and_server(operations):
    example = Example(25)
    operations.check_output("systemctl restart pgops-pooler@app1pool")
    time.sleep(2)
    operations.check_output("systemctl restart postgresql@*-application")
    time.sleep(2)
    operations.check_output("systemctl kill --signal=KILL pgops-pooler@app1pool")
    added, found = example.result()
    assert added == found > 100


def test_a_password_is_replaced_without_a_failed_connection(operations, play):
    """Two full turns: a to b, and back to a, with clients that connect all the time, through the pooler and directly."""
    before = APPLICATION.parameters()["user"]
    direct = {"host": "app1", "port": "5435"}
    failures, stop = [], threading.Event()

    def connect_again_and_again(**more):
        while not stop.is_set():
            try:
                with psycopg.connect(APPLICATION.conninfo(**more), connect_timeout=5) as session:
                    session.execute("select 1")
            except psycopg.Error as error:
                failures.append(str(error))

    ways = [threading.Thread(target=connect_again_and_again, kwargs=more) for more in ({}, direct)]
    with psycopg.connect(APPLICATION.conninfo(), autocommit=True) as session:
        users, _made = mix.seed(session, 10)
    with Load(APPLICATION.conninfo, users, clients=3, rate=30) as load:
        for thread in ways:
            thread.start()
        try:
            status, output = play("rotate_secrets", rotate_host="app1", rotate_role="app_user")
            assert status == 0, output
            after = APPLICATION.parameters()["user"]
            assert {before, after} == {"app_user_a", "app_user_b"}
            # The load keeps its connections, so that the former login is still used: it must not end.
            status, output = play("rotate_secrets", rotate_host="app1", rotate_role="app_user", rotate_quiet_seconds=2)
            assert status != 0
            assert f"{before} is still used, so it stays" in output
            assert "of pgops load" in output
            assert ask(operations, f"select rolcanlogin from pg_roles where rolname = '{before}'") == "t"
        finally:
            stop.set()
            for thread in ways:
                thread.join()
    assert failures == []
    assert load.errors == {}
    status, output = play(
        "rotate_secrets", rotate_host="app1", rotate_role="app_user", rotate_quiet_seconds=2, rotate_wait_seconds=20
    )
    assert status == 0, output
    assert (
        ask(operations, f"select rolcanlogin, rolpassword is null from pg_authid where rolname = '{before}'") == "f|t"
    )
    with psycopg.connect(APPLICATION.conninfo()) as session:
        assert session.execute("select session_user").fetchone() == (after,)


def test_rotation_names_what_can_be_rotated(play):
    status, output = play("rotate_secrets", rotate_host="app1", rotate_role="nobody")
    assert status != 0
    assert (
        "rotate_role is nobody; accepted: a role with two logins or more (login_of), of app1: app_user, readonly_user"
        in output
    )
    status, output = play("rotate_secrets", rotate_host="app1pool")
    assert status != 0
    assert "rotate_host is app1pool; accepted: the primary of a system, one of app1, db1" in output


def test_the_conninfo_of_clients_needs_no_more(operations):
    # What is in the service file is enough for libpq itself.
    environment = os.environ | {"PGSERVICEFILE": str(APPLICATION.path)}
    program = "import psycopg; print(psycopg.connect('service=app_user').execute('select 1').fetchone()[0])"
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"
    assert make_conninfo(APPLICATION.conninfo()).count("password=") == 1
