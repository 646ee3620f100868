"""How the lab is reached: by the inventory, as any client is let in, or by a connection string."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus

from pgops.errors import Interrupted, PgopsError
from pgops.lab.load import Load
from pgops.lab.shapes import EVENTS, SCHEMA

SYSTEM = "partition_lab"
GROUPS = (f"{SYSTEM}_primary", f"{SYSTEM}_standby")
OPERATOR, CLIENT = f"{SYSTEM}_operator", f"{SYSTEM}_app"
CONNECT_SECONDS = 5
CANCEL_SECONDS = 5


class Session(psycopg.Connection[tuple[Any, ...]]):
    """A session whose statement ends on the server, too, when the command is interrupted."""

    def wait(self, *arguments: Any, **options: Any) -> Any:
        """What psycopg does for KeyboardInterrupt, which Interrupted is not: Typer would take it."""
        try:
            return super().wait(*arguments, **options)
        except Interrupted:
            try:
                if self._is_active:
                    self.cancel_safe(timeout=CANCEL_SECONDS)
                    super().wait(*arguments, **options)
            except psycopg.Error:  # the server's word that it was cancelled, or none at all
                pass
            finally:  # also when interrupted once more
                if self._is_active:
                    self.close()
            raise

    @property
    def _is_active(self) -> bool:
        return self.pgconn.transaction_status == TransactionStatus.ACTIVE


@dataclass(frozen=True)
class Lab:
    """The database of the lab."""

    name: str
    """Of the environment, or of the database when a connection string was given."""
    conninfo: str
    """Of one who may act as the owner of the tables."""
    load_conninfo: str
    """Of one who may insert."""
    clients_act_as_owner: bool = False
    """Whether they insert as the owner of the tables, because the connection string is of one who may do no more."""

    @contextlib.contextmanager
    def connect(self) -> Iterator[psycopg.Connection]:
        """A session that acts as the owner of the tables, until `as_operator`."""
        try:
            connection = Session.connect(
                self.conninfo, autocommit=True, connect_timeout=CONNECT_SECONDS, application_name="pgops lab"
            )
        except psycopg.OperationalError as error:
            raise PgopsError(f"no connection to the partition lab: {str(error).strip()}") from None
        with connection:
            connection.execute("set timezone = 'UTC'")  # bounds are midnights there, and shown as such
            act_as_owner(connection)
            yield connection

    def load(self, interval_ms: float, clients: int, seed: int | None = None) -> Load:
        """Clients that write to it, not begun yet."""
        return Load(
            self.load_conninfo, interval_ms, clients, seed, begin=act_as_owner if self.clients_act_as_owner else None
        )


def act_as_owner(connection: psycopg.Connection) -> None:
    """SET ROLE to the owner of the tables; an error when they are not there."""
    found = connection.execute(
        "select pg_catalog.pg_get_userbyid(relowner) from pg_catalog.pg_class where oid = pg_catalog.to_regclass(%s)",
        [EVENTS.name],
    ).fetchone()
    if found is None:
        raise PgopsError(
            f"database {connection.info.dbname} has no table {EVENTS.name}: deploy the lab first "
            "(make up SYSTEM=partition_lab, or playbooks/partition_lab.yml on your inventory)"
        )
    try:
        connection.execute(sql.SQL("set role {}").format(sql.Identifier(found[0])))
    except psycopg.errors.InsufficientPrivilege:
        raise PgopsError(
            f"{connection.info.user} may not act as {found[0]}, the owner of schema {SCHEMA}: connect as {OPERATOR}, "
            "or as another member of both"
        ) from None


@contextlib.contextmanager
def as_operator(connection: psycopg.Connection) -> Iterator[None]:
    """For calls of the engine, which the owner of the tables may not do."""
    connection.execute("reset role")
    try:
        yield
    finally:
        if not connection.closed:
            act_as_owner(connection)


def find(inventory: Path, dsn: str | None) -> Lab:
    """The lab that a connection string names, or else that of an inventory."""
    if dsn is None:
        return of_inventory(inventory)
    try:
        parameters = psycopg.conninfo.conninfo_to_dict(dsn)
    except psycopg.ProgrammingError as error:
        raise PgopsError(f"--dsn is no connection string of libpq: {str(error).strip()}") from None
    return Lab(str(parameters.get("dbname") or "lab"), dsn, dsn, clients_act_as_owner=True)


def of_inventory(inventory: Path) -> Lab:
    """Where the hosts of the lab are, and how its roles are let in: TLS, and passwords of the environment's secrets."""
    # Ansible takes half a second to import.
    from pgops import inventory_variables

    hosts = inventory_variables.plain_variables(
        inventory, GROUPS, ("ansible_host", "postgresql_address", "postgresql_port", "postgresql_secrets_directory",
                            "environment_name", "inventory_dir"),
    )  # fmt: skip
    if not hosts:
        raise PgopsError(f"inventory {inventory} has no host in group {GROUPS[0]}: name one in its hosts.yml")
    variables = next(iter(hosts.values()))
    secrets = Path(variables.get("postgresql_secrets_directory") or f"{variables['inventory_dir']}/.secrets")
    addresses = [found.get("postgresql_address") or found.get("ansible_host") or name for name, found in hosts.items()]
    numeric = all(re.fullmatch(r"[\d.]+|[0-9a-fA-F:]+", str(address)) for address in addresses)
    common = {
        "host": ",".join(hosts if numeric else map(str, addresses)),  # the name is what the certificate must prove
        "port": ",".join(str(found.get("postgresql_port", 5432)) for found in hosts.values()),
        "dbname": SYSTEM,
        "sslmode": "verify-full",
        "sslrootcert": str(secrets / "certificates" / "ca.crt"),
        "target_session_attrs": "read-write",
        "tcp_user_timeout": "5000",
    }
    if numeric:
        common["hostaddr"] = ",".join(map(str, addresses))
    return Lab(
        str(variables.get("environment_name", inventory.name)),
        make_conninfo(user=OPERATOR, password=_password(secrets, OPERATOR), **common),
        make_conninfo(user=CLIENT, password=_password(secrets, CLIENT), **common),
    )


def _password(secrets: Path, role: str) -> str:
    path = secrets / "passwords" / role
    if not path.is_file():
        raise PgopsError(
            f"there is no {path}: deploy the lab first, or, when its passwords are in a vault, give a connection string "
            "with --dsn"
        )
    return path.read_text().strip()
