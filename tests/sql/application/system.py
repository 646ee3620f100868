"""How a database of system 4 is made for the tests."""

from __future__ import annotations

import json

import psycopg
from psycopg import sql
from servers import apply_set

ROLES = {
    "application_owner": "nologin",
    "application_jobs": "login",
    "app_user": "nologin",
    "readonly_user": "nologin",
    "app_user_a": "login",
    "app_user_b": "login",
    "readonly_user_a": "login",
    "readonly_user_b": "login",
    "application_stranger": "login",
}
POLICIES = {
    "app.events": {"by": {"range": "created_at", "every": "month"}, "name": "events_{year}_{month}", "ahead": 1},
    "app.metrics": {"by": {"range": "timestamp", "every": "month"}, "name": "metrics_{year}_{month}", "ahead": 1},
}
DEFAULT_PRIVILEGES = """
alter default privileges for role application_owner in schema app
    grant select, insert, update, delete on tables to app_user;
alter default privileges for role application_owner in schema app grant usage on sequences to app_user;
alter default privileges for role application_owner in schema app grant select on tables to readonly_user;
alter default privileges for role application_owner revoke execute on functions from public
"""


def prepare(connection: psycopg.Connection) -> None:
    """What a deploy makes, by the role `application`."""
    for role, options in ROLES.items():
        if not connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
            connection.execute(sql.SQL(f"create role {{}} {options}").format(sql.Identifier(role)))
    connection.execute(
        "grant app_user to app_user_a, app_user_b; grant readonly_user to readonly_user_a, readonly_user_b"
    )
    connection.execute("grant application_owner to application_jobs with inherit false, set true")
    limit_access(connection)
    connection.execute("revoke all on schema public from public")
    for function in ("lo_creat(integer)", "lo_create(oid)", "lo_from_bytea(oid, bytea)"):
        connection.execute(f"revoke all on function pg_catalog.{function} from public")
    apply_set(connection, "pgops")
    connection.execute("grant pgops_operator to application_jobs")
    apply_set(connection, "application", role="application_owner")
    connection.execute(DEFAULT_PRIVILEGES)
    for table, policy in POLICIES.items():
        policy |= {"behind": 0, "default": True, "time_zone": "UTC"}
        connection.execute("select pgops.set_partition_policy(%s::text::regclass, %s)", [table, json.dumps(policy)])
    connection.execute("call pgops.maintain()")


def limit_access(connection: psycopg.Connection) -> None:
    """Owner and privileges of the database itself, which a copy does not get from its template."""
    database = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("alter database {} owner to application_owner").format(database))
    connection.execute(sql.SQL("revoke all on database {} from public").format(database))
    for role in ("app_user", "readonly_user", "application_jobs", "application_stranger"):
        connection.execute(sql.SQL("grant connect on database {} to {}").format(database, sql.Identifier(role)))
