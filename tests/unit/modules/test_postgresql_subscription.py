"""What postgresql_subscription decides without a server: declarations, connection strings, statements, log lines."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.pgops.fleet.plugins.module_utils import subscription as unit
from ansible_collections.pgops.fleet.plugins.module_utils import subscription_catalog as catalog
from ansible_collections.pgops.fleet.plugins.module_utils import subscription_publisher as publisher
from ansible_collections.pgops.fleet.plugins.module_utils import subscription_statements as statements_of
from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused
from ansible_collections.pgops.fleet.plugins.modules import postgresql_subscription as module

CONNECTION = {"host": "db1", "port": "5432", "dbname": "transactions", "user": "replicator"}
ALTER = 'alter subscription "s"'
DISABLE, ENABLE = f"{ALTER} disable", f"{ALTER} enable"


def item(**changes) -> dict:
    return {
        "name": "s",
        "connection": CONNECTION,
        "publications": ["p"],
        "options": None,
        "options_when_supported": None,
        "enabled": True,
        "owner": None,
        "comment": None,
        "replace_orphaned_slot": None,
        "abandon_slot": False,
        "state": "present",
        **changes,
    }


def declared(**changes) -> unit.Declared:
    return unit.declared_subscription(item(**changes))


def current(**changes) -> unit.Current:
    values = {
        "oid": 1,
        "name": "s",
        "connection": CONNECTION,
        "publications": ["p"],
        "options": {"streaming": "off", "failover": False, "two_phase": False, "binary": False},
        "slot_name": "s",
        "enabled": True,
        "owner": "postgres",
        "comment": None,
        "tables": {"app.t1": "r"},
    }
    return unit.Current(**{**values, **changes})


def alterations(existing: unit.Current, options: dict | None = None, published=("app.t1",), **changes) -> list[str]:
    return statements_of.alter_statements(existing, declared(**changes), options or {}, published)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"connection": {**CONNECTION, "password": "leak"}}, "give its path as connection.passfile"),
        ({"connection": None}, "connection has no host, dbname, user. Accepted: host, dbname and user"),
        ({"connection": {"host": "db1", "dbname": "x"}}, "connection has no user"),
        ({"publications": []}, r"publications is \[\]. Accepted: at least one name"),
        ({"publications": ["p", "p"]}, "each of them once"),
        (
            {"options": {"failover": True}, "options_when_supported": {"failover": True}},
            "failover stands under options and under options_when_supported",
        ),
        ({"options": {"slot_name": "none"}}, "'none' cannot name a replication slot"),
        ({"options": {"slot_name": "No-Slot"}}, "Accepted: 1 to 63 of a-z, 0-9 and _"),
        ({"name": "Orders"}, "'Orders' cannot name a replication slot.*Give another one as options.slot_name"),
    ],
)
def test_contradictions_are_refused(changes, words):
    with pytest.raises(Refused, match=words) as refused:
        declared(**changes)
    assert "leak" not in str(refused.value)


def test_absent_needs_only_a_name():
    assert not declared(connection=None, publications=None, state="absent").present


def test_orphaned_slot_is_replaced_by_default_only_under_the_subscriptions_name():
    assert declared().replace_orphaned_slot
    assert not declared(options={"slot_name": "other"}).replace_orphaned_slot
    assert declared(options={"slot_name": "other"}, replace_orphaned_slot=True).replace_orphaned_slot
    assert not declared(replace_orphaned_slot=False).replace_orphaned_slot


@given(
    st.dictionaries(
        st.sampled_from(["host", "dbname", "user", "application_name", "options", "passfile", "sslrootcert"]),
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
        min_size=1,
    )
)
def test_libpq_reads_what_was_written(parameters):
    assert unit.parse_conninfo(unit.format_conninfo(parameters)) == parameters


def test_where_a_connection_goes_stands_first():
    shuffled = {"sslmode": "disable", **dict(reversed(CONNECTION.items())), "application_name": "a b"}
    assert (
        unit.format_conninfo(shuffled)
        == "host=db1 port=5432 dbname=transactions user=replicator application_name='a b' sslmode=disable"
    )


def test_uri_and_string_are_the_same_connection():
    assert unit.parse_conninfo("postgresql://replicator@db1:5432/transactions") == CONNECTION


def test_a_password_found_is_masked():
    shown = unit.shown(current(connection={**CONNECTION, "password": "leak"}))
    assert shown["connection"]["password"] == unit.MASK
    assert "leak" not in str(shown)
    assert "leak" not in unit.target({**CONNECTION, "password": "leak"})


def test_options_by_version():
    wanted = declared(options={"streaming": "parallel"}, options_when_supported={"failover": True})
    assert unit.supported_options(wanted, 17, 18) == ({"streaming": "parallel", "failover": True}, [])
    assert unit.supported_options(wanted, 16, 18) == ({"streaming": "parallel"}, ["failover"])
    assert unit.supported_options(wanted, 18, 16) == ({"streaming": "parallel"}, ["failover"])
    strict = declared(options={"failover": True})
    with pytest.raises(Refused, match=r"options\.failover needs PostgreSQL 17, this server is 16"):
        unit.supported_options(strict, 16, 16)
    with pytest.raises(Refused, match=r"options\.failover needs PostgreSQL 17, the publisher is 16"):
        unit.supported_options(strict, 18, 16)


def test_creation():
    wanted = declared(name="s", comment="it's", publications=["q", "p"])
    assert statements_of.create_statements(wanted, {"streaming": "off", "binary": True}) == [
        "create subscription \"s\" connection 'host=db1 port=5432 dbname=transactions user=replicator'"
        ' publication "p", "q" with (streaming = \'off\', binary = true, enabled = true, create_slot = true,'
        " slot_name = 's', copy_data = true)",
        "comment on subscription \"s\" is 'it''s'",
    ]


def test_with_an_owner_nothing_runs_before_it_is_set():
    statements = statements_of.create_statements(declared(owner="o"), {})
    assert "enabled = false" in statements[0]
    assert statements[1:] == [f'{ALTER} owner to "o"', ENABLE]
    assert statements_of.create_statements(declared(owner="o", enabled=False), {})[1:] == [f'{ALTER} owner to "o"']


@pytest.mark.parametrize(
    ("existing", "options", "changes", "statements"),
    [
        ({}, {}, {}, []),
        ({}, {"streaming": "off"}, {}, []),
        ({"enabled": False}, {}, {}, [ENABLE]),
        ({}, {}, {"enabled": False}, [DISABLE]),
        ({"enabled": False}, {}, {"enabled": False}, []),
        ({}, {"failover": True}, {}, [DISABLE, f"{ALTER} set (failover = true)", ENABLE]),
        ({"enabled": False}, {"failover": True}, {"enabled": False}, [f"{ALTER} set (failover = true)"]),
        (
            {},
            {"binary": True, "failover": True, "two_phase": True},
            {},
            [
                DISABLE,
                f"{ALTER} set (binary = true)",
                f"{ALTER} set (failover = true)",
                f"{ALTER} set (two_phase = true)",
                ENABLE,
            ],
        ),
        ({"slot_name": None, "enabled": False}, {}, {}, [f"{ALTER} set (slot_name = 's')", ENABLE]),
        ({"comment": "x"}, {}, {}, []),
        ({"comment": "x"}, {}, {"comment": ""}, ['comment on subscription "s" is null']),
        ({}, {}, {"comment": ""}, []),
        ({"tables": {}}, {}, {}, [f"{ALTER} refresh publication with (copy_data = true)"]),
        ({"tables": {}}, {}, {"enabled": False}, [DISABLE]),
        (
            {"publications": ["q"]},
            {},
            {},
            [f'{ALTER} set publication "p" with (refresh = false)'],
        ),
    ],
)
def test_alteration(existing, options, changes, statements):
    assert alterations(current(**existing), options, **changes) == statements


def test_unknown_tables_of_an_unreachable_publisher_refresh_nothing():
    assert alterations(current(), published=None) == []


def test_what_cannot_be_altered():
    with pytest.raises(Refused, match=r"two_phase is False, asked is True\. PostgreSQL 17 can set it only at creation"):
        statements_of.refuse_unalterable(current(), declared(), {"two_phase": True}, 17)
    statements_of.refuse_unalterable(current(), declared(), {"two_phase": True}, 18)
    with pytest.raises(Refused, match="its slot is other, asked is s"):
        statements_of.refuse_unalterable(current(slot_name="other"), declared(), {}, 18)
    statements_of.refuse_unalterable(current(slot_name=None), declared(), {}, 18)


def test_drop():
    assert statements_of.drop_statements(current(), dissociate=False) == ['drop subscription "s"']
    assert statements_of.drop_statements(current(), dissociate=True) == [
        DISABLE,
        f"{ALTER} set (slot_name = none)",
        'drop subscription "s"',
    ]
    assert (
        statements_of.drop_statements(current(enabled=False), dissociate=True)[0] == f"{ALTER} set (slot_name = none)"
    )


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_quoting(text):
    assert unit.identifier(text)[1:-1].replace('""', '"') == text
    assert unit.literal(text)[1:-1].replace("''", "'") == text


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        ('could not translate host name "db1" to address', "name resolution"),
        ("connection to server failed: Connection refused", "listen_addresses"),
        ("timeout expired", "does not answer"),
        ('FATAL: no pg_hba.conf entry for host "10.0.0.2"', "pg_hba.conf there"),
        ("SSL error: certificate verify failed", "has not signed"),
        ('server certificate for "a" does not match host name "b"', "carries"),
        ('root certificate file "/x" does not exist', "sslrootcert"),
        ("permission denied to start WAL sender", "replication"),
        ("number of requested standby connections exceeds max_wal_senders", "Raise max_wal_senders"),
        ("something else", "Check the parameters under connection"),
    ],
)
def test_hints(message, hint):
    assert hint in publisher.connection_hint(message, {})


def test_passfile(tmp_path: Path):
    path = tmp_path / "passfile"
    assert "not given" in publisher.passfile_trouble(None)
    assert "No such file" in publisher.passfile_trouble(str(path))
    path.write_text("x")
    path.chmod(0o640)
    assert "mode 0640, and libpq ignores it" in publisher.passfile_trouble(str(path))
    path.chmod(0o600)
    assert publisher.passfile_trouble(str(path)) is None
    assert "no line that matches" in publisher.connection_hint("no password supplied", {"passfile": str(path)})


LOG = """\
2026-11-21 12:00:00.000 UTC [41] ERROR:  division by zero
2026-11-21 12:00:00.000 UTC [41] DETAIL:  not ours
2026-11-21 12:00:01.000 UTC [77] LOG:  logical replication apply worker for subscription "s" has started
2026-11-21 12:00:02.000 UTC [78] ERROR:  duplicate key value violates unique constraint "t1_pkey"
2026-11-21 12:00:02.000 UTC [78] DETAIL:  Key (id)=(1) already exists.
2026-11-21 12:00:02.000 UTC [78] CONTEXT:  COPY t1, line 1
2026-11-21 12:00:02.100 UTC [12] LOG:  background worker "logical replication tablesync worker" (PID 78) exited with exit code 1
2026-11-21 12:00:03.000 UTC [41] ERROR:  another that is not ours
"""


def test_last_error_of_a_worker():
    assert catalog.last_worker_error(LOG) == (
        'ERROR:  duplicate key value violates unique constraint "t1_pkey" DETAIL:  Key (id)=(1) already exists.'
    )
    assert catalog.last_worker_error(LOG.replace("exited", "stays")) is None


def test_log_path():
    server = {"logfile": None, "config_file": "/etc/postgresql/18/main/postgresql.conf", "data_directory": "/data"}
    assert catalog.log_path(server) == Path("/var/log/postgresql/postgresql-18-main.log")
    assert catalog.log_path({**server, "logfile": "log/x.log"}) == Path("/data/log/x.log")
    assert catalog.log_path({**server, "config_file": "/data/postgresql.conf"}) is None


def _compare(documented: dict, specified: dict) -> None:
    assert set(documented) == set(specified)
    for name, spec in specified.items():
        for key in ("type", "default", "required", "choices", "elements"):
            assert documented[name].get(key) == spec.get(key), f"{name}.{key}"
        _compare(documented[name].get("suboptions", {}), spec.get("options", {}))


def test_documentation_and_arguments_agree():
    documented = yaml.safe_load(module.DOCUMENTATION)["options"]
    _compare(documented["subscriptions"]["suboptions"], module.subscription_spec())
