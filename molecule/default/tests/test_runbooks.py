"""Runbooks that need a machine: followed word by word on a cluster of their own, in which the trouble was caused."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
import yaml
from runbook import Runbook
from testinfra.host import Host

from pgops.local.fleet import TEST
from pgops.reports import asking, definitions

PORT = 5498


@dataclass
class Cluster:
    """A small cluster whose data lie on a file system of their own."""

    host: Host
    version: str
    address: str

    @property
    def conninfo(self) -> str:
        return f"host={self.address} port={PORT} user=postgres dbname=postgres connect_timeout=5"

    def ask(self, report: str) -> list[dict[str, Any]]:
        return asking.by_connection(
            definitions.find(report), self.conninfo.replace("user=postgres", "user=watcher"), None
        )[1]

    def words(self, command: str) -> str:
        """A command of a page for this cluster in place of 16/main."""
        for example, mine in {
            "16-main": f"{self.version}-runbook",
            "/var/lib/postgresql/16/main": "/srv/runbook/data",
        }.items():
            command = command.replace(example, mine)
        return command

    def run(self, book: Runbook) -> list[str]:
        """Run the next block of the machine's commands; returns what each has printed."""
        return [self.host.run(self.words(command)).stdout for command in book.shell()]


@pytest.fixture
def cluster(operations: Host, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """With the WAL beside the data, or where a test asks for it on a disk of its own, so that the data's can be full alone."""
    wal = "--waldir=/srv/more/wal" if getattr(request, "param", "") == "WAL apart" else ""
    # A checkpoint that finds the data's disk full stops the server.
    sizes = [] if wal else ["min_wal_size=2MB", "max_wal_size=8MB"]
    version = operations.check_output("pg_lsclusters --no-header").split()[0]
    network = yaml.safe_load((TEST.inventory / "group_vars" / "all" / "detected.yml").read_text())["local_network"]
    options = [
        "listen_addresses=*",
        "restart_after_crash=off",
        "logging_collector=off",
        *sizes,
    ]
    operations.check_output(
        "mkdir -p /srv/runbook /srv/more && mount -t tmpfs -o size=140m,mode=0700 tmpfs /srv/runbook && "
        "chown postgres: /srv/runbook /srv/more && "
        f"pg_createcluster --port {PORT} --datadir /srv/runbook/data {' '.join(f'-o {option}' for option in options)} {version} runbook "
        f"-- --wal-segsize=1 --no-sync {wal} && "
        f"echo 'host all all {network}.1/32 trust' >> /etc/postgresql/{version}/runbook/pg_hba.conf && "
        f"systemctl start postgresql@{version}-runbook"
    )
    found = Cluster(operations, version, f"{network}.13")
    with psycopg.connect(found.conninfo, autocommit=True) as connection:
        connection.execute("create role watcher login in role pg_monitor")
    yield found
    operations.run(
        f"systemctl stop postgresql@{version}-runbook; pg_dropcluster --stop {version} runbook; umount --lazy /srv/runbook; "
        "rm -rf /srv/runbook /srv/more"
    )


def follow(cluster: Cluster, name: str, connection: psycopg.Connection) -> Runbook:
    return Runbook(name, cluster.ask, connection)


def test_connection_refused(cluster):
    cluster.host.check_output("systemctl stop postgresql@%s-runbook", cluster.version)
    with pytest.raises(psycopg.OperationalError, match="refused"):
        psycopg.connect(cluster.conninfo)
    book = follow(cluster, "connection-refused", None)
    clusters, status, _journal, log = cluster.run(book)
    assert "down" in next(line for line in clusters.splitlines() if "runbook" in line)
    assert f"postgresql@{cluster.version}-runbook" in status
    assert "database system is shut down" in log
    assert f":{PORT} " not in cluster.run(book)[0]
    cluster.run(book)
    with psycopg.connect(cluster.conninfo, autocommit=True) as connection:
        book.connection = connection
        ((is_standby, _since),) = book.sql()[0]
        assert is_standby is False
    book.end()


@pytest.mark.parametrize("cluster", ["WAL apart"], indirect=True)
def test_disk_full(cluster):
    with psycopg.connect(cluster.conninfo, autocommit=True) as connection:
        connection.execute("create table kept (n int); insert into kept values (1)")
        connection.execute("create table scratch (v text)")
        connection.execute(
            "create schema pgops; create procedure pgops.maintain() language sql begin atomic select 1; end"
        )
        # As much as fits beside a query whose temporary files then take the rest.
        connection.execute("insert into scratch select repeat(md5(n::text), 30) from generate_series(1, 30000) as n")
        connection.execute("checkpoint")
        failed: list[str] = []

        def sort() -> None:
            try:
                with psycopg.connect(cluster.conninfo + " application_name=sorter", autocommit=True) as sorter:
                    sorter.execute("set work_mem = '1MB'")
                    sorter.execute(
                        "begin; declare c cursor for select v from scratch order by md5(v); fetch 1 from c;"
                        " select pg_sleep(120)"
                    )
            except psycopg.Error as error:
                failed.append(str(error))

        sorting = threading.Thread(target=sort)
        sorting.start()
        for _ in range(200):
            found = connection.execute("select count(*) from pg_ls_tmpdir() where size > 1000000").fetchone()
            if found[0]:
                break
            connection.execute("select pg_sleep(0.05)")
        with pytest.raises(psycopg.errors.DiskFull):
            connection.execute(
                "insert into scratch select repeat(md5(n::text), 30) from generate_series(1, 300000) as n"
            )
        book = follow(cluster, "disk-full", connection)
        sizes, folders = cluster.run(book)
        assert "/srv/runbook" in sizes
        assert "/srv/runbook/data/base" in folders
        assert book.reports()["table-sizes"][0]["name"] == "scratch"
        active, ((files, _size),) = book.sql()
        pid = next(row[0] for row in active if "declare c" in row[2] or "pg_sleep" in row[2])
        assert files >= 1
        book.sql(pid=pid)
        sorting.join(30)
        assert failed and "canceling statement" in failed[0]
        book.sql()
        book.sql()
        cluster.run(book)
        connection.execute("insert into kept values (2)")
        assert connection.execute("select array_agg(n order by n) from kept").fetchone() == ([1, 2],)
        book.end()


def test_out_of_disk_in_pg_wal(cluster):
    acknowledged = 0
    with psycopg.connect(cluster.conninfo, autocommit=True) as connection:
        connection.execute("create table kept (n int)")
        connection.execute("select pg_create_physical_replication_slot('the_slot', true)")
        with pytest.raises(psycopg.Error):
            for number in range(1, 1000):
                connection.execute("select pg_logical_emit_message(true, 'test', repeat('x', 1000000))")
                connection.execute("insert into kept values (%s)", [number])
                acknowledged = number
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(cluster.conninfo)
    assert "No space left on device" in cluster.host.check_output(
        f"cat /var/log/postgresql/postgresql-{cluster.version}-runbook.log"
    )
    book = follow(cluster, "out-of-disk-in-pg-wal", None)
    sizes, segments = cluster.run(book)
    assert "100%" in sizes
    assert int(segments) > 50
    book.skip(because="the server does not run; it is asked below")
    cluster.run(book)
    with psycopg.connect(cluster.conninfo, autocommit=True) as connection:
        book.connection = connection
        assert {row["slot"]: row["kept_mb"] > 50 for row in cluster.ask("slots")} == {"the_slot": True}
        connection.execute("select pg_drop_replication_slot('the_slot')")
        book.sql()
        connection.execute("checkpoint")
        found = {row["what"]: row["value"] for row in book.report()}
        assert found["pg_wal"] <= 20
        # What was acknowledged is there; the last one may have been done without an answer.
        rows = connection.execute("select count(*), max(n) from kept").fetchone()
        assert rows in ((acknowledged, acknowledged), (acknowledged + 1, acknowledged + 1))
    book.end()
