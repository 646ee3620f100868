"""How a report is asked: on the host of an inventory by Ansible, or over a connection string."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pgops import ansible
from pgops.errors import PgopsError
from pgops.reports.definitions import Report

ROLE = "pgops_report"
"""An unprivileged login of every cluster: a member of pg_monitor whose transactions are read only."""
STATEMENT_SECONDS = 60
STATEMENT = re.compile(r"^show .+;$", re.MULTILINE)
"""Of a report that asks a pooler; its console has no other statements."""
OPTIONS = f"-c statement_timeout={STATEMENT_SECONDS}s -c default_transaction_read_only=on -c timezone=UTC"


@dataclass(frozen=True)
class Place:
    """A database that is asked."""

    host: str
    database: str


def in_json(report: Report) -> str:
    """A statement that returns the report's rows as one JSON array, so that numbers and columns arrive as they are."""
    return f"select coalesce(json_agg(row_to_json(r)), '[]')::text as rows from (\n{report.sql}\n) as r"


def by_connection(report: Report, dsn: str, database: str | None) -> tuple[Place, list[dict[str, Any]]]:
    """Ask over a connection string of libpq; returns where, and the rows."""
    import psycopg
    from psycopg.conninfo import make_conninfo

    try:
        conninfo = make_conninfo(dsn, **({"dbname": database} if database else {}))
    except psycopg.ProgrammingError as error:
        raise PgopsError(f"--dsn is no connection string of libpq: {str(error).strip()}") from None
    try:
        with psycopg.connect(conninfo, autocommit=True, application_name="pgops report", options=OPTIONS) as connection:
            (rows,) = connection.execute(in_json(report)).fetchone()
            return Place(connection.info.host or "", connection.info.dbname), json.loads(rows)
    except psycopg.Error as error:
        raise PgopsError(_refusal(report, str(error).strip(), database or "the database")) from None


def by_inventory(
    report: Report, inventory: Path, host: str, database: str | None
) -> tuple[Place, list[dict[str, Any]]]:
    """Ask on a host of an inventory, as the unprivileged role, through the socket there."""
    variables = _variables(inventory, host)
    database = database or _database_of(variables)
    arguments = {
        "query": in_json(report),
        "login_db": database,
        "login_user": ROLE,
        "login_unix_socket": "/var/run/postgresql",
        "login_port": int(variables.get("postgresql_port") or 5432),
        "connect_params": {"application_name": "pgops report", "options": OPTIONS},
    }
    answer = ansible.ask(host, inventory, "community.postgresql.postgresql_query", arguments, become_user="postgres")
    if "query_result" not in answer:
        raise PgopsError(f"{host}: {_refusal(report, _message(answer), database)}")
    return Place(host, database), json.loads(answer["query_result"][0]["rows"])


def by_console(report: Report, inventory: Path, host: str) -> tuple[Place, list[dict[str, Any]]]:
    """Ask the console of a pooler of an inventory, as the unprivileged role, through the socket there."""
    variables = _pooler_variables(inventory, host)
    name, port = variables.get("pooler_name") or host, variables.get("pooler_port") or 6432
    command = [
        "psql", "--no-psqlrc", "--csv", "--quiet", "--host", f"/run/pgops-pooler-{name}", "--port", str(port),
        "--username", ROLE, "--dbname", "pgbouncer", "--command", STATEMENT.search(report.sql)[0],
    ]  # fmt: skip
    answer = ansible.ask(host, inventory, "ansible.builtin.command", {"argv": command}, become_user="postgres")
    if answer.get("rc") != 0:
        raise PgopsError(f"{host}: {str(answer.get('stderr') or _message(answer)).strip()}")
    rows = csv.DictReader(io.StringIO(answer["stdout"]))
    return Place(host, "pgbouncer"), [{name: _number(row[name]) for name in report.columns} for row in rows]


def _number(text: str) -> Any:
    return int(text) if text.isdecimal() else text


def _message(answer: dict[str, Any]) -> str:
    return str(answer.get("msg") or answer.get("module_stderr") or answer).strip()


def _refusal(report: Report, message: str, database: str) -> str:
    """What the server said, and what it means for the operator."""
    if report.needs and "does not exist" in message and (report.needs in message or "pgstat" in message):
        return (
            f"report {report.name} needs the extension {report.needs} in {database}: name it under `extensions` of "
            f"postgresql_databases, and deploy ({message})"
        )
    if f'role "{ROLE}" does not exist' in message or f'user "{ROLE}"' in message:
        return f"the role {ROLE} is not there yet or not let in: deploy the host with this version first ({message})"
    return message


def _variables(inventory: Path, host: str) -> dict[str, Any]:
    # Ansible takes half a second to import.
    from pgops import inventory_variables as source

    source.load_collection()
    from ansible_collections.pgops.fleet.plugins.module_utils.fleet_check import cluster_hosts

    hosts = source.read(inventory)
    clusters = cluster_hosts({"all": list(hosts.variables), **hosts.groups})
    if host not in clusters:
        raise PgopsError(f"{host} is no cluster of {inventory}; there are: {', '.join(clusters) or 'none'}")
    return hosts.variables[host]


def _pooler_variables(inventory: Path, host: str) -> dict[str, Any]:
    from pgops import inventory_variables as source

    source.load_collection()
    hosts = source.read(inventory)
    poolers = sorted({name for group, names in hosts.groups.items() if group.endswith("_pooler") for name in names})
    if host not in poolers:
        raise PgopsError(f"{host} is no pooler of {inventory}; there are: {', '.join(poolers) or 'none'}")
    return hosts.variables[host]


def _database_of(variables: dict[str, Any]) -> str:
    """The first database that is declared: of the system, or of the environment."""
    declared = [
        *(variables.get("postgresql_system") or {}).get("databases", []),
        *(variables.get("postgresql_databases") or []),
        *(variables.get("postgresql_host_databases") or []),
    ]
    return next((item["name"] for item in declared if item.get("state") != "absent"), "postgres")
