"""The server that a benchmark runs on: one given by libpq parameters, or a container made for the run."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import psycopg
from psycopg.conninfo import make_conninfo

from pgops.errors import PgopsError
from pgops.local.docker import docker
from pgops.paths import ROOT

START_TIMEOUT_SECONDS = 60
INSTALL_SECONDS = 300
MEMORY_MB = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1024**2
CONTAINER_SETTINGS = {
    "listen_addresses": "*",
    "shared_preload_libraries": "pg_ivm",
    "shared_buffers": f"{MEMORY_MB // 4}MB",  # as the role `postgresql` derives them, and the next
    "wal_buffers": "64MB",
    "maintenance_work_mem": "256MB",
    "work_mem": "32MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "1h",
    "wal_level": "logical",  # as on the primary of system 1
    "autovacuum": "off",  # would run in some measurements and not in others
    "jit": "off",
    "synchronous_commit": "off",  # measures the work, not the disk of this machine
}
_START = """
    set -eu
    bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    install -d -o postgres -g postgres /srv/pgops /var/run/postgresql
    exec setpriv --reuid postgres --regid postgres --init-groups sh -euc '
        bin=$1; shift
        "$bin/initdb" --no-sync --auth=trust --username=postgres --encoding=UTF8 --locale=C --pgdata=/srv/pgops/data
        echo "host all all 0.0.0.0/0 trust" >> /srv/pgops/data/pg_hba.conf
        exec "$bin/postgres" -D /srv/pgops/data "$@"' sh "$bin" "$@"
"""


@dataclass(frozen=True)
class Server:
    conninfo: str
    description: str
    missing: str | None = None
    """Why packages that were wanted besides are not there; None when they are, or none were wanted."""

    def connect(self, database: str = "postgres", **options) -> psycopg.Connection:
        return psycopg.connect(make_conninfo(self.conninfo, dbname=database), autocommit=True, **options)


class Database:
    """A fresh database of a system, dropped at the end; `prepare` makes everything in it but rows."""

    def __init__(self, server: Server, prepare: Callable[[psycopg.Connection], None]) -> None:
        self.server, self.prepare = server, prepare

    def __enter__(self) -> psycopg.Connection:
        with self.server.connect() as admin:
            admin.execute("drop database if exists pgops_bench with (force)")
            admin.execute("create database pgops_bench")
        self.connection = self.server.connect("pgops_bench")
        self.prepare(self.connection)
        return self.connection

    def __exit__(self, *_error: object) -> None:
        self.connection.close()
        with self.server.connect() as admin:
            admin.execute("drop database pgops_bench with (force)")


@contextlib.contextmanager
def given_or_container(conninfo: str | None, packages: tuple[str, ...] = ()) -> Iterator[Server]:
    """The server that `conninfo` names, or a container that is removed at the end.

    packages: extensions that the container gets besides where they can be had, as in postgresql-18-NAME; a server that is given
    has them or not.
    """
    if conninfo is not None:
        yield _described(conninfo)
        return
    name = f"pgops-bench-{os.getpid()}"
    settings = [f"--{key}={value}" for key, value in CONTAINER_SETTINGS.items()]
    docker("run", "--detach", "--name", name, "--shm-size", "512m",
           "--stop-signal", "SIGINT", image_tag(), "sh", "-c", _START, "sh", *settings)  # fmt: skip
    try:
        missing = _install(name, packages)
        # Straight to it: a published port goes through a process that takes a third of a core from what is measured.
        address = docker(
            "inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", name
        ).strip()
        yield replace(_described(make_conninfo(host=address, user="postgres"), name), missing=missing)
    finally:
        docker("rm", "--force", "--volumes", name)


def _install(container: str, packages: tuple[str, ...]) -> str | None:
    """Packages of extensions for the PostgreSQL that runs in the container; returns why that failed, None when it did not."""
    if not packages:
        return None
    version = docker("exec", container, "sh", "-c", "ls /usr/lib/postgresql | sort -V | tail -n 1").strip()
    names = [f"postgresql-{version}-{package}" for package in packages]
    install = ["apt-get", "-qy", "install", "--no-install-recommends", *names]
    try:
        docker("exec", container, "apt-get", "-q", "update", timeout_seconds=INSTALL_SECONDS)
        docker("exec", container, *install, timeout_seconds=INSTALL_SECONDS)
    except PgopsError as error:
        return f"{', '.join(names)} could not be installed in the container: {error}"
    return None


def image_tag() -> str:
    """PGOPS_POSTGRESQL_IMAGE, or the image of the local hosts with PostgreSQL in it."""
    if "PGOPS_POSTGRESQL_IMAGE" in os.environ:
        return os.environ["PGOPS_POSTGRESQL_IMAGE"]
    command = [sys.executable, "-m", "pgops.local.image", "postgresql"]
    result = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )
    if result.returncode != 0:
        raise PgopsError(f"'{' '.join(command[1:])}' failed: {result.stderr.strip()}")
    return result.stdout.split()[-1]


def _described(conninfo: str, container: str | None = None) -> Server:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while True:
        try:
            with psycopg.connect(make_conninfo(conninfo, connect_timeout=5), autocommit=True) as connection:
                return Server(conninfo, _description(connection, container))
        except psycopg.OperationalError as error:
            if container is None or time.monotonic() > deadline:
                raise PgopsError(f"no connection to the server to measure on: {error}".strip()) from None
            time.sleep(0.2)


def _description(connection: psycopg.Connection, container: str | None) -> str:
    version, ivm = connection.execute(
        "select current_setting('server_version'),"
        " (select default_version from pg_available_extensions where name = 'pg_ivm')"
    ).fetchone()
    if ivm is None:
        raise PgopsError("the server to measure on has no pg_ivm: install it, or leave --conninfo out for a container")
    where = "container" if container else f"server {connection.info.host}"
    return f"PostgreSQL {version}, pg_ivm {ivm}, {where}"
