"""What the modules share: retries, the server's words, and check mode on a host where nothing is installed yet."""

from __future__ import annotations

from types import SimpleNamespace

import psycopg
import pytest

from ansible_collections.community.postgresql.plugins.module_utils import postgres
from ansible_collections.pgops.fleet.plugins.module_utils.connection import (
    Refused,
    quoted_name,
    server_message,
    with_retries,
)
from tests.modules.harness import ModuleFailed, Modules

DECLARATIONS = {
    "postgresql_scripts": {"sets": [{"name": "s", "scripts": [{"name": "V1__a.sql", "content": "select 1"}]}]},
    "postgresql_cron_job": {"jobs": [{"name": "a", "every": "5 seconds", "run": "select 1"}]},
    "postgresql_immv": {"views": [{"name": "app.v", "query": "select a from app.t", "owner": "o"}]},
    "postgresql_partitions": {
        "policies": [{"table": "app.t1", "by": {"range": "date", "every": "month"}, "name": "t1_{year}_{month}"}]
    },
}


@pytest.fixture
def bare_host(tmp_path):
    """A host without a server: the folder of its sockets is empty."""
    return Modules("", 5432, "shop"), {"login_unix_socket": str(tmp_path)}


@pytest.mark.parametrize("name", DECLARATIONS)
def test_check_mode_without_a_server_says_what_would_be_done(bare_host, name):
    modules, connection = bare_host
    promised = modules.run(name, check=True, **connection, **DECLARATIONS[name])
    assert promised["changed"]
    assert promised["diff"]
    assert promised["queries"] == []
    assert "no server listens in" in promised["warnings"][0]
    with pytest.raises(ModuleFailed, match="cannot connect to database shop"):
        modules.run(name, **connection, **DECLARATIONS[name])


@pytest.mark.parametrize("name", DECLARATIONS)
def test_check_mode_without_psycopg_says_what_would_be_done(bare_host, name, monkeypatch):
    monkeypatch.setattr(postgres, "HAS_PSYCOPG", False)
    modules, connection = bare_host
    assert modules.run(name, check=True, **connection, **DECLARATIONS[name])["changed"]
    with pytest.raises(ModuleFailed, match="psycopg2"):
        modules.run(name, **connection, **DECLARATIONS[name])


def test_comparison_without_a_server_has_nothing_to_compare(bare_host):
    modules, connection = bare_host
    other = {"host": "192.0.2.1", "user": "postgres"}
    result = modules.run("postgresql_table_compare", check=True, **connection, other=other, tables=[{"name": "app.t1"}])
    assert result["equal"] is None
    assert result["tables"] == [{"name": "app.t1", "equal": None}]


class LockTimeout(psycopg.Error):
    diag = SimpleNamespace(sqlstate="55P03")


@pytest.mark.parametrize(("failures", "tries", "succeeds"), [(0, 1, True), (2, 3, True), (3, 3, False)])
@pytest.mark.parametrize("wrapped", [False, True])
def test_retries(failures, tries, succeeds, wrapped):
    """A lock that was not free is tried again, also when the error was put into words already."""
    calls = []

    def attempt():
        calls.append(1)
        if len(calls) <= failures:
            if wrapped:
                raise Refused("t1: lock timeout") from LockTimeout()
            raise LockTimeout
        return "done"

    if succeeds:
        assert with_retries(attempt, tries, wait=lambda: 0) == "done"
    else:
        with pytest.raises((LockTimeout, Refused)):
            with_retries(attempt, tries, wait=lambda: 0)
    assert len(calls) == min(failures + 1, tries)


def test_other_errors_are_not_tried_again():
    calls = []

    def attempt():
        calls.append(1)
        raise Refused("no")

    with pytest.raises(Refused):
        with_retries(attempt, 5, wait=lambda: 0)
    assert calls == [1]


def test_server_message_without_a_server_is_the_client_s():
    assert server_message(psycopg.OperationalError("no route to host\n")) == "no route to host"


def test_names_keep_their_case():
    assert quoted_name("app.T1") == '"app"."T1"'
    assert quoted_name('say "hi"', "column") == '"say ""hi"""'
