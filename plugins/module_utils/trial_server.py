# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A throwaway server with the configuration in question, started to hear what PostgreSQL says of it.

It has its own data directory, socket and no TCP port, archives nothing and runs no job. Its folder is
removed at the end; what a killed run left behind is removed by the next one.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from ansible_collections.community.postgresql.plugins.module_utils import postgres
from ansible_collections.pgops.fleet.plugins.module_utils.connection import Session, connect

START_TIMEOUT_SECONDS = 60
IDLE_WORDS = re.compile(
    r"LOG:\s+(starting PostgreSQL|listening on|database system|skipping missing configuration file|connection (received|authenticated"
    r"|authorized)|disconnection|pg_cron scheduler|checkpoint)|could not write external PID file"
)
IGNORED_VALUE = re.compile(r"^WARNING:\s+invalid (value for parameter|configuration parameter name)")
NO_ROOM_FOR_WORKER = re.compile(r"too many background workers")
NO_MEMORY = re.compile(r"could not map anonymous shared memory|could not create shared memory|Cannot allocate memory")

# What must differ from the server whose configuration is tried: where it is, and what it would do to others.
ISOLATION = {
    "archive_command": "",
    "archive_library": "",
    "cluster_name": "pgops-trial",
    "cron.database_name": "postgres",
    "cron.launch_active_jobs": "off",
    "external_pid_file": "",
    "listen_addresses": "",
    "log_destination": "stderr",
    "log_line_prefix": "",
    "logging_collector": "off",
    "port": "5432",
}
# Where the trial's own files are; set for each trial.
PLACES = ("config_file", "data_directory", "hba_file", "ident_file", "unix_socket_directories")


class TrialRefused(Exception):
    """PostgreSQL does not take the configuration; the message is its own words."""


class TrialServer:
    """The throwaway server; use as a context manager."""

    def __init__(self, binaries, scratch, label, overrides=None, wal_segment_mb=16):
        self.binaries = Path(binaries)
        self.scratch_root = Path(scratch)
        self.prefix = f"pgops-trial-{label}-"
        self.overrides = overrides or {}
        self.wal_segment_mb = wal_segment_mb
        self.process = None
        self.session = None

    def __enter__(self):
        remove_leftovers(self.scratch_root, self.prefix)
        self.folder = Path(tempfile.mkdtemp(prefix=self.prefix, dir=self.scratch_root))
        self.lock = _lock(self.folder / "lock")
        self.config = self.folder / "config"
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.config.mkdir()
        return self

    def __exit__(self, *_exception):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self.lock)

    def _arguments(self, overrides):
        places = {
            "config_file": self.config / "postgresql.conf",
            "data_directory": self.data,
            "hba_file": self.folder / "pg_hba.conf",
            "ident_file": self.folder / "pg_ident.conf",
            "unix_socket_directories": self.folder,
        }
        pairs = {**ISOLATION, **places, **self.overrides, **overrides}
        return _as_options(pairs)

    def check_names_and_values(self):
        """Refuse unknown names, bad units and values out of range, without starting anything."""
        pairs = {"config_file": self.config / "postgresql.conf", "data_directory": self.data, "log_line_prefix": ""}
        self._run("postgres", "-C", "server_version_num", *_as_options(pairs))

    def initialize(self):
        """Make the data directory."""
        size = ["--wal-segsize", str(self.wal_segment_mb)] if self.wal_segment_mb != 16 else []
        options = [
            "--no-sync",
            "--no-instructions",
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
        ]
        self._run("initdb", "-D", str(self.data), *options, *size)
        (self.folder / "pg_hba.conf").write_text("local all all trust\n", encoding="utf-8")
        (self.folder / "pg_ident.conf").write_text("", encoding="utf-8")

    def number(self, name):
        """Return a numeric setting in its own unit, computed ones included; loads the preloaded libraries."""
        return int(self._run("postgres", "-C", name, *self._arguments({})).split()[-1])

    def _run(self, program, *arguments):
        done = subprocess.run(
            [self.binaries / program, *arguments],
            capture_output=True,
            text=True,
            env=_environment(),
            cwd=self.folder,
            check=False,
        )
        if done.returncode != 0:
            raise TrialRefused(self.words(done.stderr))
        return done.stdout

    def start(self, overrides=None):
        """Start, or raise TrialRefused with what the server wrote before it gave up."""
        with self.log.open("wb") as log:
            # The server ends with the module, whatever ends that.
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "QUIT", self.binaries / "postgres", *self._arguments(overrides or {})],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=_environment(),
                cwd=self.folder,
            )
        self.session = self._connect_when_ready()

    def _connect_when_ready(self):
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while True:
            try:
                return Session(
                    connect({"host": str(self.folder), "port": 5432, "user": "postgres", "dbname": "postgres"})
                )
            except postgres.psycopg.OperationalError as error:
                if self.process.poll() is not None:
                    raise TrialRefused(self.words(self.log.read_text(errors="replace"))) from error
                starting = re.search(r"Is the server running|starting up", str(error))
                if not starting or time.monotonic() > deadline:
                    raise TrialRefused(self.words(f"{self.log.read_text(errors='replace')}\n{error}")) from error
            time.sleep(0.02)

    def stop(self):
        """Stop at once; nothing in there is of worth."""
        if self.session:
            self.session.close()
            self.session = None
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def values_ignored(self):
        """Return the server's warnings of settings of extensions that it ignored, going on with their defaults."""
        lines = self.log.read_text(errors="replace").splitlines()
        return list(dict.fromkeys(line for line in lines if IGNORED_VALUE.match(line)))

    def workers_refused(self):
        """Return the server's words about workers of extensions for which there is no room: they would not run."""
        lines = self.log.read_text(errors="replace").splitlines()
        return [
            " ".join([line, *lines[number + 1 : number + 3]])
            for number, line in enumerate(lines)
            if NO_ROOM_FOR_WORKER.search(line)
        ]

    def words(self, text):
        """Return the server's words without those that only say that it starts."""
        return "\n".join(line for line in text.strip().splitlines() if not IDLE_WORDS.search(line))


def remove_leftovers(root, prefix):
    """Remove the folders of runs that were killed: nobody holds their lock any more."""
    for folder in root.glob(f"{prefix}*"):
        if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
            continue
        lock = _lock(folder / "lock")
        if lock is None:
            continue
        _end_postmaster(folder / "data" / "postmaster.pid")
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _end_postmaster(pid_file):
    """End a server that outlived its run; the process is the one meant only if it works in that data directory."""
    if not pid_file.exists():
        return
    pid = int(pid_file.read_text(encoding="utf-8").split()[0])
    deadline = time.monotonic() + 10
    while _works_in(pid, pid_file.parent) and time.monotonic() < deadline:
        os.kill(pid, signal.SIGQUIT)
        time.sleep(0.05)


def _works_in(pid, folder):
    try:
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == folder.resolve()
    except OSError:
        return False


def _lock(path):
    """Return a descriptor that holds the lock of a folder, None when another run holds it."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _as_options(pairs):
    return [word for name, value in pairs.items() for word in ("-c", f"{name}={value}")]


def _environment():
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return {**kept, "LC_ALL": "C", "TZ": os.environ.get("TZ", "UTC")}
