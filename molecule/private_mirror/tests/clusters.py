"""The clusters of the scenario, and a client that writes while their roles change."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import yaml

from pgops.local import detected
from pgops.local.fleet import MIRROR
from pgops.writer import Writer, compare

DETECTED = yaml.safe_load(detected.file_of(MIRROR).read_text())
SECRETS = MIRROR.inventory / ".secrets"


@dataclass(frozen=True)
class Cluster:
    """One cluster, on the machine of a name."""

    machine: str
    port: int
    database: str

    @property
    def address(self) -> str:
        """Address of its machine."""
        return f"{DETECTED['local_network']}.{MIRROR.host(self.machine).address}"

    def begin(self, sql: str, database: str = "") -> subprocess.Popen[str]:
        """Start psql with these statements."""
        options = f"-XAtq -v ON_ERROR_STOP=1 -p {self.port} -d {database or self.database}"
        process = subprocess.Popen(
            [
                "docker",
                "exec",
                "-i",
                MIRROR.container(MIRROR.host(self.machine)),
                "su",
                "postgres",
                "-c",
                f"psql {options}",
            ],
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdin is not None
        process.stdin.write(sql)
        process.stdin.close()
        process.stdin = None
        return process

    def query(self, sql: str, database: str = "") -> list[str]:
        """Rows as psql writes them."""
        return end(self.begin(sql, database))

    @property
    def in_recovery(self) -> bool:
        """Whether it is a standby."""
        return self.query("select pg_is_in_recovery()", "postgres") == ["t"]


def end(process: subprocess.Popen[str]) -> list[str]:
    """Rows that a started psql has given at its end."""
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return output.splitlines()


def eventually_equal(first: Cluster, second: Cluster, sql: str) -> None:
    """Both give the same rows within a minute; jobs go on writing meanwhile."""
    deadline = time.monotonic() + 60
    while True:
        here, there = first.query(sql), second.query(sql)
        if here == there:
            assert here[0] > "0"
            return
        assert time.monotonic() < deadline, (here, there)
        time.sleep(1)


@dataclass(frozen=True)
class Rows:
    """Numbered rows of a system, as its application writes them."""

    user: str
    insert: str
    numbers: str
    content: str
    """Number of rows of the whole table, and their checksum."""

    def compared(self, writer: Writer, cluster: Cluster) -> dict[str, object]:
        """What was acknowledged, held against a cluster's rows."""
        result = compare(writer.result(), [int(number) for number in cluster.query(self.numbers)])
        print({key: value for key, value in result.items() if key != "missing_acknowledged_at"})
        return result

    @contextmanager
    def client(self, *members: Cluster) -> Iterator[Writer]:
        """A client that writes for as long as the block lasts, and a little longer."""
        password = (SECRETS / "passwords" / self.user).read_text().strip()
        writer = Writer(
            f"host={','.join(member.address for member in members)} port={','.join(str(member.port) for member in members)}"
            f" dbname={members[0].database} user={self.user} password={password} sslmode=verify-full"
            f" sslrootcert={SECRETS / 'certificates/ca.crt'} target_session_attrs=read-write connect_timeout=2 tcp_user_timeout=3000",
            insert=self.insert,
            highest=f"select coalesce(max(number), 0) from ({self.numbers}) as n (number)",
        )
        stop = threading.Event()
        thread = threading.Thread(target=writer.run, args=(stop,))
        thread.start()
        try:
            time.sleep(3)
            yield writer
            time.sleep(3)
        finally:
            stop.set()
            thread.join()


TRANSACTIONS = Rows(
    user="transactions_app",
    insert="""insert into app.t1 (date, amount, state, message) values (now(), %s, 1,
        '{"account_number": "4711", "client_id": "1", "operation_type": "online"}')""",
    numbers="select amount::bigint from app.t1 where message ->> 'account_number' = '4711'",
    content="select count(*), md5(string_agg(t::text, ',' order by id, date)) from app.t1 as t",
)
OPERATIONS = Rows(
    user="operations_app",
    insert="insert into app.operations (operation_date, client_id, operation_type, amount) values (now(), 4711, 'online', %s)",
    numbers="select amount::bigint from app.operations where client_id = 4711",
    content="select count(*), md5(string_agg(o::text, ',' order by id, operation_date)) from app.operations as o",
)
