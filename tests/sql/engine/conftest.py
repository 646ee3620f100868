"""A database with the engine, a schema of an owner who is no superuser, and the roles that use or misuse it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row
from servers import Server, apply_set

OWNER = "engine_owner"  # owns schema app and its tables, cannot log in
JOBS = "engine_jobs"  # operator that may SET ROLE to the owner and inherits nothing from it
OPERATOR = "engine_operator"  # operator without any right on the owner
MONITOR = "engine_monitor"
STRANGER = "engine_stranger"

ROLES = f"""
do $$
begin
    if to_regrole('{OWNER}') is null then
        create role {OWNER} nologin;
        create role {JOBS} login;
        create role {OPERATOR} login;
        create role {MONITOR} login;
        create role {STRANGER} login;
        grant {OWNER} to {JOBS} with inherit false, set true;
        grant pgops_operator to {JOBS}, {OPERATOR};
        grant pgops_monitor to {MONITOR};
    end if;
end
$$;
"""

RESET = f"""
do $$
declare
    schema_name text;
begin
    for schema_name in
        select n.oid::regnamespace from pg_namespace as n
        where n.nspname not in ('pgops', 'public', 'pg_catalog', 'pg_toast', 'information_schema')
            and n.nspname not like 'pg_temp%' and n.nspname not like 'pg_toast_temp%'
    loop
        execute 'drop schema ' || schema_name || ' cascade';
    end loop;
end
$$;
delete from pgops.partition_policy;
delete from pgops.operation;
truncate pgops.event;
-- A test that expects a step to give up need not wait for it as long as an operator would; one that does not, may run on a
-- busy computer.
update pgops.configuration as c set value = v.value
from (
    values ('lock_timeout', 100), ('lock_tries', 4), ('retry_delay_minimum', 20), ('retry_delay_maximum', 50),
        ('operation_lock_budget', 900), ('operation_scan_blocks', 64), ('operation_log_blocks', 128),
        ('operation_abandoned_after', 3600)
) as v (name, value)
where c.name = v.name and c.value <> v.value;
create schema app authorization {OWNER};
grant usage on schema app to public;
"""

MONTHLY = {"by": {"range": "date", "every": "month"}, "name": "t1_{year}_{month}"}
WAIT_SECONDS = 30


@dataclass
class Engine:
    """One test's database: a superuser's connection and the questions that tests ask."""

    server: Server
    database: str
    superuser: psycopg.Connection
    sessions: list[psycopg.Connection] = field(default_factory=list)

    def session(self, user: str = JOBS, **options) -> psycopg.Connection:
        connection = self.server.connect(self.database, user=user, **options)
        self.sessions.append(connection)
        return connection

    def run(self, command: str, *parameters):
        """Run a command as superuser; the rows, where it has any."""
        cursor = self.superuser.execute(command, parameters or None)
        return cursor.fetchall() if cursor.description else None

    def value(self, command: str, *parameters):
        return self.run(command, *parameters)[0][0]

    def configure(self, **settings: int) -> None:
        for name, value in settings.items():
            self.run("update pgops.configuration set value = %s where name = %s", value, name)

    def as_owner(self, command: str) -> None:
        with self.superuser.transaction():
            self.superuser.execute(sql.SQL("set local role {}").format(sql.Identifier(OWNER)))
            self.superuser.execute(command)

    def table(self, key_type: str = "timestamptz", name: str = "app.t1") -> None:
        self.as_owner(
            f"create table {name} (date {key_type} not null, id bigint not null, note text, primary key (id, date))"
            " partition by range (date)"
        )

    def set_policy(self, policy: dict | None = None, table: str = "app.t1", session=None, **changes) -> bool:
        wanted = {**(policy or MONTHLY), **changes}
        return (
            (session or self.superuser)
            .execute("select pgops.set_partition_policy(%s::regclass, %s)", [table, json.dumps(wanted)])
            .fetchone()[0]
        )

    def plan(self, table: str = "app.t1", policy: dict | None = None, as_of: str | None = None) -> list[dict]:
        with self.superuser.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(
                "select * from pgops.partition_plan(%s::regclass, %s, coalesce(%s::timestamptz, now()))",
                [table, None if policy is None else json.dumps(policy), as_of],
            ).fetchall()

    def operations(self, **options) -> list[tuple[str, str]]:
        return [(step["operation"], step["partition_name"]) for step in self.plan(**options)]

    def apply(self, as_of: str | None = None, table: str = "app.t1", session=None) -> None:
        (session or self.superuser).execute(
            "call pgops.partition_apply(%s::regclass, coalesce(%s::timestamptz, now()))", [table, as_of]
        )

    def ensure(self, from_time: str, upto: str, table: str = "app.t1", session=None) -> None:
        (session or self.superuser).execute(
            "call pgops.partition_ensure(%s::regclass, %s::timestamptz, %s::timestamptz)", [table, from_time, upto]
        )

    def partitions(self, table: str = "app.t1") -> list[str]:
        """Names of the partitions by bound, the default last."""
        return [
            name
            for (name,) in self.run(
                "select c.relname from pgops.partitions(%s::regclass) p join pg_class c on c.oid = p.partition"
                " order by p.is_default, p.lower_bound nulls first",
                table,
            )
        ]

    def bounds(self, table: str = "app.t1") -> dict[str, tuple]:
        """Bounds by partition name, timestamptz in UTC."""
        return {
            name: (lower, upper)
            for name, lower, upper in self.run(
                "select c.relname, p.lower_bound, p.upper_bound from pgops.partitions(%s::regclass) p"
                " join pg_class c on c.oid = p.partition where not p.is_default",
                table,
            )
        }

    def tree(self, table: str = "app.t1") -> dict[str, str]:
        """Bound of each partition and of theirs, by name, as the server writes it in UTC."""
        return dict(
            self.run(
                "select c.relname, pg_get_expr(c.relpartbound, c.oid) from pg_partition_tree(%s::regclass) t"
                " join pg_class c on c.oid = t.relid where t.level > 0 order by t.level, c.relname",
                table,
            )
        )

    def events(self, severity: str | None = None) -> list[str]:
        return [
            message
            for (message,) in self.run(
                "select message from pgops.event where %s::text is null or severity = %s order by event_id",
                severity,
                severity,
            )
        ]

    def rows(self, table: str = "app.t1") -> tuple:
        """Count and checksum of all rows, whichever partition they lie in."""
        return self.run(f"select count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) from {table} as t")[0]

    def rows_by_partition(self, table: str = "app.t1") -> dict[str, int]:
        return dict(
            self.run(f"select c.relname, count(*) from {table} t join pg_class c on c.oid = t.tableoid group by 1")
        )

    def wait_for(self, condition: str, *parameters) -> None:
        """Wait until a query returns true."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not self.value(condition, *parameters):
            if time.monotonic() > deadline:
                activity = self.run(
                    "select pid, state, wait_event, query from pg_stat_activity where datname is not null"
                )
                raise TimeoutError(f"never true: {condition}\n{activity}")
            time.sleep(0.01)


@pytest.fixture(scope="session")
def engine_database_name(server: Server) -> Iterator[str]:
    name = server.create_database()
    with server.connect(name) as connection:
        apply_set(connection, "pgops")
        connection.execute(ROLES)
    yield name
    server.drop_database(name)


@pytest.fixture
def engine(server: Server, engine_database_name: str) -> Iterator[Engine]:
    """The database as the engine's scripts leave it: clearing it is several times cheaper than copying a new one."""
    with server.connect(engine_database_name) as connection:
        connection.execute(RESET)
        engine = Engine(server, engine_database_name, connection)
        yield engine
        for session in engine.sessions:
            session.close()


@pytest.fixture(scope="module")
def shared_engine(server: Server, engine_database_name: str) -> Iterator[Engine]:
    """The same for a module whose tests change nothing that the next would see."""
    with server.connect(engine_database_name) as connection:
        connection.execute(RESET)
        yield Engine(server, engine_database_name, connection)
