# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The history of SQL files that a database keeps, and one more entry in it."""

from __future__ import annotations

from ansible_collections.community.postgresql.plugins.module_utils.postgres import psycopg
from ansible_collections.pgops.fleet.plugins.module_utils.connection import (
    LOCK_NOT_AVAILABLE,
    Refused,
    server_message,
    sqlstate,
    table_exists,
)
from ansible_collections.pgops.fleet.plugins.module_utils.scripts import line_of_error

APPLIED_SCRIPT = """
    script_set text not null,
    name text not null,
    kind text not null check (kind in ('versioned', 'repeatable')),
    checksum text not null,
    body text not null,
    applied_at timestamptz not null default now(),
    applied_by text not null,
    duration interval not null,
    primary key (script_set, name)
"""
APPLIED_SCRIPT_COMMENT = "SQL files that were applied to this database: checksum is the SHA-256 of body in hexadecimal."
RECORD = """
insert into pgops.applied_script (script_set, name, kind, checksum, body, applied_by, duration)
values (%s, %s, %s, %s, %s, coalesce(%s, session_user), clock_timestamp() - now())
on conflict (script_set, name) do update set
    checksum = excluded.checksum, body = excluded.body, applied_at = now(),
    applied_by = excluded.applied_by, duration = excluded.duration
"""
RUN_LOCK = "pg_catalog.hashtextextended('pgops.applied_script', 0)"


def applied_scripts(session, set_name):
    """{name: {"body", "applied_at"}} of a set; empty when nothing could have been applied yet."""
    if session is None or not table_exists(session, "pgops.applied_script"):
        return {}
    rows = session.rows(
        "select name, body, date_trunc('second', applied_at)::text as applied_at"
        " from pgops.applied_script where script_set = %s",
        (set_name,),
    )
    return {row.pop("name"): row for row in rows}


def wait_for_other_run(session, seconds):
    """Two runs at once would both find a file missing: the second waits here, then looks."""
    session.execute("select set_config('lock_timeout', %s, false)", (f"{seconds}s",))
    try:
        session.execute(f"select pg_catalog.pg_advisory_lock({RUN_LOCK})")
    except psycopg.Error as error:
        if sqlstate(error) != LOCK_NOT_AVAILABLE:
            raise
        raise Refused(
            f"another run has been applying scripts to this database for {seconds} seconds. Wait for its end "
            "or raise wait_for_other_run_seconds; pg_locks shows it as locktype advisory."
        ) from error


def apply_script(session, set_name, role, script, statements, lock_timeout_seconds):
    """One file, one transaction: the statements as the role, then the record of it as ourselves."""
    label = f"{set_name}/{script.name}"
    with session.transaction():
        session.execute("select set_config('lock_timeout', %s, true)", (f"{round(lock_timeout_seconds * 1000)}ms",))
        if role:
            session.execute("select set_config('role', %s, true)", (role,))
        for statement in statements:
            try:
                session.execute(statement.text)
            except psycopg.Error as error:
                raise Refused(
                    f"{label}, line {line_of_error(statement, error)}: {server_message(error)}\n"
                    "Nothing of this file was kept; the files before it were."
                ) from error
        session.execute("reset session authorization")
        session.execute("reset role")
        session.execute(RECORD, (set_name, script.name, script.kind, script.checksum, script.body, role))
    # What a file set for the session must not reach the next one.
    session.execute("reset all")
    session.execute("discard temp")
