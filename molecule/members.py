"""The clusters of a scenario that change their roles, and a client that writes meanwhile."""

from __future__ import annotations

import json
import re
import subprocess
import threading
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from pgops import ansible
from pgops.paths import ROOT
from pgops.writer import TABLE, Writer, compare

THROUGH = "public.through_pooler"
"""Table of the client that knows the pooler only."""
RECAP = re.compile(r"^(?P<host>\S+)\s+: ok=\d+\s+changed=(?P<changed>\d+) ", re.MULTILINE)


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


@dataclass(frozen=True)
class System:
    """What the clusters of a scenario have in common."""

    scenario: str
    database: str
    client: str
    """Role of the client that writes."""
    beside: tuple[Path, ...] = ()
    """Inventories that are given before the scenario's own."""

    @property
    def inventory(self) -> Path:
        """The scenario's own inventory."""
        return ROOT / "molecule" / self.scenario / "inventory"

    @property
    def converge(self) -> str:
        """The playbook that deploys."""
        return f"molecule/{self.scenario}/converge.yml"

    def play(self, playbook: str, *arguments: str, inventory: Path | None = None, **variables: object) -> Run:
        """Run a playbook on the scenario's inventory, or on another in its place."""
        inventories = [f"--inventory={folder}" for folder in (*self.beside, inventory or self.inventory)]
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

    def deploy(self, *arguments: str, inventory: Path | None = None, **variables: object) -> Run:
        """Run the scenario's deploy."""
        return self.play(self.converge, *arguments, inventory=inventory, **variables)

    def assert_nothing_changes(self, *arguments: str, inventory: Path | None = None, **variables: object) -> None:
        """A further deploy finds all as declared, whoever is the primary."""
        run = self.deploy(*arguments, inventory=inventory, **variables)
        assert run.status == 0, run.output
        assert run.changes == {}, run.output

    @cached_property
    def hosts(self) -> dict[str, dict[str, Any]]:
        """What hosts.yml says of each host."""
        found: dict[str, dict[str, Any]] = {}

        def walk(groups: dict[str, Any]) -> None:
            for group in groups.values():
                found.update((group or {}).get("hosts") or {})
                walk((group or {}).get("children") or {})

        walk(yaml.safe_load((self.inventory / "hosts.yml").read_text()))
        return found

    def member(self, name: str, port: int | None = None, cluster: str | None = None) -> Member:
        """A cluster by the name of its inventory host."""
        host = self.hosts[name]
        return Member(name, host["ansible_host"], port or host["postgresql_port"], cluster or name, self)


@dataclass
class Member:
    """One cluster, in its container."""

    name: str
    container: str
    port: int
    cluster: str
    system: System
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

    def query(self, sql: str, database: str = "") -> list[str]:
        """Rows of a query, as psql writes them."""
        psql = f"psql -XAtq -v ON_ERROR_STOP=1 -p {self.port} -d {database or self.system.database}"
        done = subprocess.run(
            ["docker", "exec", "--interactive", "--user", "postgres", "--workdir", "/", self.container, *psql.split()],
            input=sql,
            text=True,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, f"{self.name}: {sql}: {done.stderr}"
        return done.stdout.strip().splitlines()

    @property
    def in_recovery(self) -> bool:
        """Whether it is a standby."""
        return self.query("select pg_is_in_recovery()", "postgres") == ["t"]

    @property
    def service(self) -> str:
        """Name of the unit."""
        version = self.run("ls /etc/postgresql | tail -1")
        return f"postgresql@{version}-{self.cluster}"

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

    def __init__(
        self, *members: Member, table: str = TABLE, number: str = "number", pooler: str = "", **statements: str
    ) -> None:
        system = members[0].system
        secrets = system.inventory / ".secrets"
        password = (secrets / "passwords" / system.client).read_text().strip()
        hosts, ports = (",".join(str(getattr(member, name)) for member in members) for name in ("address", "port"))
        if pooler:
            hosts, ports = pooler.split(":")
        self.numbers = f"select {number} from {table}"
        self.writer = Writer(
            f"host={hosts} port={ports} dbname={system.database} user={system.client} password={password}"
            f" sslmode=verify-full sslrootcert={secrets / 'certificates/ca.crt'} target_session_attrs=read-write"
            " connect_timeout=2 tcp_user_timeout=3000",
            **statements,
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

    def compared(self, member: Member) -> dict[str, Any]:
        """What was acknowledged, held against a member's rows."""
        result = compare(self.writer.result(), [int(row) for row in member.query(self.numbers)])
        print(f"\n{member.name}: { {key: value for key, value in result.items() if key != 'missing_acknowledged_at'} }")
        return result
