"""The scratch cluster: a folder that bears a mark, and a server in it that cannot act as its source.

The server listens on no address, only on a socket in that folder. It archives nothing, follows nobody, and starts neither
subscriptions nor jobs. The folder is removed whatever happens; what a killed drill has left is removed by the next one,
when its mark proves that it is one.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from pgops_drill.errors import DrillError
from pgops_drill.sessions import Server
from pgops_drill.settings import Settings

MARK = "pgops-drill.json"
PORT = 5432
"""Part of the socket's name, and nothing else: there is no listening address."""
SOCKET_PATH_LIMIT = 107
STOP_SECONDS = 60
POLL_SECONDS = 0.1
LOG_LINES = 8
# Libraries that begin to work by themselves when a server has come up.
LIBRARIES_THAT_ACT = ("pg_cron", "pg_partman_bgw")
HBA = "local all postgres peer\n"


class Scratch:
    """The folder of one cluster's drills, and the server in it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.root = Path(settings.directory) / settings.cluster
        self.data = self.root / "data"
        self.tablespaces = self.root / "tablespaces"
        self.spool = self.root / "spool"
        self.lock = self.root / "lock"
        self.socket = self.root / "socket"
        self.log = self.root / "server.log"
        self.process: subprocess.Popen | None = None

    @property
    def server(self) -> Server:
        """How the scratch server is reached."""
        return Server(str(self.socket), PORT)

    def make(self, run: str) -> None:
        """Make the folder; the mark comes first, so that nothing in it is ever without one."""
        path = f"{self.socket}/.s.PGSQL.{PORT}"
        if len(path) > SOCKET_PATH_LIMIT:
            raise DrillError(
                f"drill_directory {self.settings.directory}: the socket {path} has {len(path)} letters, a socket's path "
                f"may have {SOCKET_PATH_LIMIT}; choose a shorter directory"
            )
        Path(self.settings.directory).mkdir(mode=0o700, parents=True, exist_ok=True)
        self.root.mkdir(mode=0o700)
        mark = {"cluster": self.settings.cluster, "run": run, "root": str(self.root)}
        (self.root / MARK).write_text(json.dumps(mark) + "\n", encoding="utf-8")
        for folder in (self.data, self.tablespaces, self.spool, self.lock, self.socket):
            folder.mkdir(mode=0o700)

    def remove(self) -> bool:
        """Stop the server and remove the folder, when it is one of ours; whether there was one."""
        if not self.root.exists() and not self.root.is_symlink():
            return False
        refuse_what_is_not_ours(self.root, self.settings.cluster)
        self.stop()
        shutil.rmtree(self.root)
        return True

    def arguments(self, preload: str) -> list[str]:
        """The command that runs the server. Its options beat every file that came with the backup."""
        libraries = [name.strip() for name in preload.split(",") if name.strip()]
        options = {
            "data_directory": self.data,
            "config_file": self.root / "postgresql.conf",
            "hba_file": self.root / "pg_hba.conf",
            "ident_file": self.root / "pg_ident.conf",
            "external_pid_file": self.root / "server.pid",
            "cluster_name": f"drill {self.settings.cluster}",
            "listen_addresses": "",
            "port": PORT,
            "unix_socket_directories": self.socket,
            "ssl": "off",
            "archive_mode": "off",
            "archive_cleanup_command": "",
            "recovery_end_command": "",
            "primary_conninfo": "",
            "primary_slot_name": "",
            "synchronous_standby_names": "",
            "hot_standby": "off",
            "max_wal_senders": 0,
            "max_logical_replication_workers": 0,
            "shared_preload_libraries": ",".join(name for name in libraries if name not in LIBRARIES_THAT_ACT),
            "cron.launch_active_jobs": "off",
            "autovacuum": "off",
            "jit": "off",
            "shared_buffers": f"{self.settings.shared_buffers_mb}MB",
            "max_connections": 30,
            "max_worker_processes": 4,
            "logging_collector": "off",
            "log_destination": "stderr",
            "log_min_messages": "warning",
            "restart_after_crash": "off",
        }
        given = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return [f"{programs(self.settings)}/postgres", "-D", str(self.data), *given]

    def start(self, preload: str, max_prepared_transactions: int) -> None:
        """Start the server; it ends with this process, however that ends."""
        for name, content in (("postgresql.conf", ""), ("pg_hba.conf", HBA), ("pg_ident.conf", "")):
            (self.root / name).write_text(content, encoding="utf-8")
        # Transactions that were prepared on the source are found in WAL.
        arguments = [*self.arguments(preload), "-c", f"max_prepared_transactions={max_prepared_transactions}"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*bound_to_us("QUIT"), *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.root
            )

    def wait_until_promoted(self, timeout_seconds: float) -> None:
        """Wait until the server has reached its target and answers."""
        assert self.process is not None
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise DrillError(f"the copy did not reach the moment: {self.log_tail()}")
            try:
                session = self.server.connect()
            except Exception:  # not yet; with hot_standby off it answers nobody before its promotion
                time.sleep(POLL_SECONDS)
                continue
            session.close()
            return
        raise DrillError(
            f"the copy did not reach the moment within {timeout_seconds:g} s (drill_recovery_seconds): {self.log_tail()}"
        )

    def log_tail(self) -> str:
        """The server's last words, errors first."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines() if self.log.is_file() else []
        bad = [line for line in lines if any(word in line for word in ("FATAL:", "PANIC:", "ERROR:", "could not"))]
        bad = [line for line in bad if "not accepting connections" not in line and "starting up" not in line]
        return " | ".join((bad or lines)[-LOG_LINES:]) or "the server wrote nothing"

    def stop(self) -> None:
        """Stop the server of this folder, started by this process or by one that is gone."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(timeout=STOP_SECONDS)
            return
        pid = running_in(self.data)
        deadline = time.monotonic() + STOP_SECONDS
        while pid is not None and running_in(self.data) == pid:
            if time.monotonic() > deadline:
                raise DrillError(
                    f"process {pid}, the server in {self.data}, does not stop; end it, then start the drill again"
                )
            os.kill(pid, signal.SIGQUIT)
            time.sleep(POLL_SECONDS)


def bound_to_us(name: str) -> list[str]:
    """The beginning of a command that gets a signal when this process is gone."""
    return ["setpriv", "--pdeathsig", name, "--"]


def programs(settings: Settings) -> str:
    """Where PostgreSQL's programs are."""
    return f"/usr/lib/postgresql/{settings.version}/bin"


def refuse_what_is_not_ours(root: Path, cluster: str) -> None:
    """Touch no folder but one that a drill of this cluster has made."""
    try:
        mark = json.loads((root / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        mark = {}
    empty = root.is_dir() and not root.is_symlink() and not any(root.iterdir())
    if root.is_symlink() or not (empty or (mark.get("cluster") == cluster and mark.get("root") == str(root))):
        raise DrillError(
            f"{root} is there and bears no mark of a drill of {cluster} ({MARK}), so it is left alone; "
            "move it away, or choose another drill_directory"
        )


def running_in(data: Path) -> int | None:
    """Process number of the server in a data directory. Numbers are used again: it must work in that directory."""
    try:
        pid = int((data / "postmaster.pid").read_text(encoding="utf-8").split("\n")[0])
        return pid if Path(f"/proc/{pid}/cwd").resolve() == data.resolve() else None
    except (OSError, ValueError):
        return None
