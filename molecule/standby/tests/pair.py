"""The two clusters of the scenario, and what is done to them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from pgops import ansible
from pgops.local.fleet import TEST
from pgops.paths import ROOT
from pgops.writer import TABLE, Writer, compare

INVENTORIES = os.environ.get("PAIR_INVENTORIES", f"{TEST.inventory}:{ROOT / 'molecule/standby/inventory'}").split(":")
CONTAINERS = os.environ.get("PAIR_CONTAINERS", "pgops-test-db1:pgops-test-db2").split(":")
PORT, CLUSTER, DATABASE, CLIENT = 5452, "pair", "pair", "pair_client"
SECRETS = Path(INVENTORIES[-1]) / ".secrets"
RECAP = re.compile(r"^(?P<host>pair\d)\s+: ok=\d+\s+changed=(?P<changed>\d+) ", re.MULTILINE)
CONVERGE = "molecule/standby/converge.yml"


@dataclass
class Run:
    """What a playbook said."""

    status: int
    output: str

    @property
    def changes(self) -> dict[str, int]:
        """Number of changed tasks of each host that has any."""
        counts = {recap["host"]: int(recap["changed"]) for recap in RECAP.finditer(self.output)}
        return {host: changed for host, changed in counts.items() if changed}

    @property
    def words(self) -> str:
        """The output with its line breaks folded."""
        return re.sub(r"\s+", " ", self.output)


def play(playbook: str, *arguments: str, inventory: str = INVENTORIES[-1], **variables: object) -> Run:
    """Run a playbook on the pair."""
    inventories = [word for folder in (*INVENTORIES[:-1], inventory) for word in ("--inventory", folder)]
    extra = ["--extra-vars", json.dumps(variables)] if variables else []
    done = subprocess.run(
        ["ansible-playbook", *inventories, playbook, *extra, *arguments],
        cwd=ROOT,
        env=ansible.environment() | {"ANSIBLE_NOCOLOR": "1"},
        text=True,
        capture_output=True,
        timeout=900,
        check=False,
    )
    return Run(done.returncode, done.stdout + done.stderr)


@dataclass
class Member:
    """One cluster of the pair, in its container."""

    name: str
    container: str
    address: str = field(init=False)

    def __post_init__(self) -> None:
        self.address = self.run("hostname -i").split()[0]

    def run(self, command: str) -> str:
        """Run a command in the container."""
        done = subprocess.run(
            ["docker", "exec", self.container, "bash", "-c", command], text=True, capture_output=True, check=False
        )
        assert done.returncode == 0, f"{self.container}: {command}: {done.stderr}"
        return done.stdout.strip()

    def query(self, sql: str, database: str = DATABASE) -> list[str]:
        """Rows of a query, as psql writes them."""
        return self.run(
            f'su postgres -c "psql -XAtq -v ON_ERROR_STOP=1 -p {PORT} -d {database} -c \\"{sql}\\""'
        ).splitlines()

    @property
    def in_recovery(self) -> bool:
        """Whether it is a standby."""
        return self.query("select pg_is_in_recovery()", "postgres") == ["t"]

    @property
    def service(self) -> str:
        """Name of the unit."""
        version = self.run("ls /etc/postgresql | tail -1")
        return f"postgresql@{version}-{CLUSTER}"

    def kill(self) -> None:
        """The machine is gone, at once."""
        subprocess.run(["docker", "kill", self.container], check=True, capture_output=True)

    def begin_to_boot(self) -> None:
        """The machine boots again, with all that is enabled on it."""
        subprocess.run(["docker", "start", self.container], check=True, capture_output=True)

    def come_back(self) -> None:
        """The machine has booted again."""
        self.begin_to_boot()
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            state = subprocess.run(
                ["docker", "exec", self.container, "systemctl", "is-system-running"],
                text=True,
                capture_output=True,
                check=False,
            )
            if state.stdout.strip() in ("running", "degraded"):
                return
            time.sleep(0.5)
        raise AssertionError(f"{self.container} has not booted")

    @property
    def is_active(self) -> bool:
        """Whether the server runs."""
        return self.run(f"systemctl is-active {self.service} || true") == "active"


class Client:
    """A client that writes while something happens; use as a context manager."""

    def __init__(self, *members: Member) -> None:
        password = (SECRETS / "passwords" / CLIENT).read_text().strip()
        hosts = ",".join(member.address for member in members)
        self.writer = Writer(
            f"host={hosts} port={','.join(str(PORT) for _member in members)} dbname={DATABASE} user={CLIENT} password={password}"
            f" sslmode=verify-full sslrootcert={SECRETS / 'certificates/ca.crt'} target_session_attrs=read-write"
            " connect_timeout=2 tcp_user_timeout=3000"
        )
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.writer.run, args=(self.stop,))

    def __enter__(self) -> Client:
        self.thread.start()
        time.sleep(3)
        return self

    def __exit__(self, *_exception: object) -> None:
        time.sleep(3)
        self.stop.set()
        self.thread.join()

    def compared(self, member: Member) -> dict[str, object]:
        """What was acknowledged, held against a member's rows."""
        rows = [int(row) for row in member.query(f"select number from {TABLE}")]
        result = compare(self.writer.result(), rows)
        print(f"\n{member.name}: { {key: value for key, value in result.items() if key != 'missing_acknowledged_at'} }")
        return result
