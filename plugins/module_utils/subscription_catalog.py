# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The subscriber's side of a subscription: catalog, workers, and the last words of its log."""

from __future__ import annotations

import re
import time
from pathlib import Path

from ansible_collections.community.postgresql.plugins.module_utils import postgres
from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused, sqlstate
from ansible_collections.pgops.fleet.plugins.module_utils.subscription import (
    OPTIONS,
    Current,
    option_value,
    parse_conninfo,
)

POLL_SECONDS = 0.25
LOG_TAIL_BYTES = 256 * 1024
INSUFFICIENT_PRIVILEGE = "42501"

# to_jsonb, because the columns differ between versions
SUBSCRIPTIONS = """
    select s.oid::bigint as oid, s.subname, s.subconninfo, s.subslotname, s.subenabled,
           s.subpublications::text[] as publications, pg_catalog.pg_get_userbyid(s.subowner)::text as owner,
           pg_catalog.obj_description(s.oid, 'pg_subscription') as comment, pg_catalog.to_jsonb(s) as columns
    from pg_catalog.pg_subscription s
    where s.subdbid = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
"""
TABLES = """
    select n.nspname || '.' || c.relname as name, r.srsubstate::text as state
    from pg_catalog.pg_subscription_rel r
    join pg_catalog.pg_class c on c.oid = r.srrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where r.srsubid = %s
    order by 1
"""
SAME_SLOT = """
    select d.datname::text as database, s.subname::text as name, s.subconninfo
    from pg_catalog.pg_subscription s
    join pg_catalog.pg_database d on d.oid = s.subdbid
    where s.subslotname = %s and d.datname <> pg_catalog.current_database()
"""
OWN_CLUSTER = """
    select c.system_identifier::text as system_identifier,
           extract(epoch from pg_catalog.pg_postmaster_start_time())::text as started
    from pg_catalog.pg_control_system() c
"""
MISSING_TABLES = """
    select t.name from unnest(%s::text[], %s::text[]) t (name, quoted)
    where pg_catalog.to_regclass(t.quoted) is null
"""
SERVER_LOG = """
    select pg_catalog.current_setting('data_directory') as data_directory,
           pg_catalog.current_setting('config_file') as config_file,
           pg_catalog.pg_current_logfile() as logfile
"""
SYNC_STATES = {"i": "not begun", "d": "copying", "f": "copied", "s": "catching up"}


def current_subscriptions(session):
    """{name: Current} of the database."""
    try:
        rows = session.rows(SUBSCRIPTIONS)
    except postgres.psycopg.Error as error:
        if sqlstate(error) != INSUFFICIENT_PRIVILEGE:
            raise
        raise Refused(
            "the connection strings in pg_subscription can be read by superusers only. Set login_user to one, "
            "such as postgres."
        ) from error
    return {row["subname"]: _current(session, row) for row in rows}


def _current(session, row):
    columns = row["columns"]
    return Current(
        oid=row["oid"],
        name=row["subname"],
        connection=parse_conninfo(row["subconninfo"]),
        publications=sorted(row["publications"]),
        options={
            name: option_value(name, columns[option.column])
            for name, option in OPTIONS.items()
            if option.column in columns
        },
        slot_name=row["subslotname"],
        enabled=row["subenabled"],
        owner=row["owner"],
        comment=row["comment"],
        tables=table_states(session, row["oid"]),
    )


def table_states(session, oid):
    return {row["name"]: row["state"] for row in session.rows(TABLES, (oid,))}


def missing_tables(session, tables):
    """Those of the publisher's tables that this database lacks."""
    names = sorted(tables)
    rows = session.rows(MISSING_TABLES, (names, [tables[name]["quoted"] for name in names]))
    return [row["name"] for row in rows]


def refuse_slot_of_a_neighbour(session, declared):
    """A slot may be inactive because a subscription of this cluster's other database is disabled."""
    for row in session.rows(SAME_SLOT, (declared.slot_name,)):
        other = parse_conninfo(row["subconninfo"])
        if all(other.get(key) == declared.connection.get(key) for key in ("host", "hostaddr", "port")):
            raise Refused(
                f"subscription {declared.name}: the slot {declared.slot_name} on the publisher belongs to subscription "
                f"{row['name']} of database {row['database']}. Give another name as options.slot_name."
            )


def refuse_unusable_owner(session, declared):
    """The apply worker logs in as the owner, who, when no superuser, has to bring the password in the conninfo."""
    if declared.owner is None:
        return
    role = session.row(
        "select r.rolsuper, r.rolcanlogin from pg_catalog.pg_roles r where r.rolname = %s", (declared.owner,)
    )
    if role is None:
        raise Refused(f"subscription {declared.name}: owner {declared.owner} is no role. Create it first.")
    if not role["rolcanlogin"]:
        raise Refused(
            f"subscription {declared.name}: owner {declared.owner} may not log in, and the apply worker does so as the "
            "owner. Give it LOGIN (a password is not needed), or leave the owner out."
        )
    password_required = {**declared.options_when_supported, **declared.options}.get("password_required", True)
    if not role["rolsuper"] and password_required:
        raise Refused(
            f"subscription {declared.name}: owner {declared.owner} is no superuser, and PostgreSQL then accepts a "
            "passfile only with options.password_required: false. Set that, or leave the owner out."
        )


def wait_until_workers_ended(session, name, seconds):
    end = time.monotonic() + seconds
    while session.value(
        "select count(*) > 0 from pg_catalog.pg_stat_subscription s where s.subname = %s and s.pid is not null", (name,)
    ):
        if time.monotonic() > end:
            raise Refused(
                f"subscription {name}: its workers have not ended {seconds} seconds after it was disabled, see "
                "pg_stat_subscription. It stays disabled; run again to go on."
            )
        time.sleep(POLL_SECONDS)


def wait_for_sync(session, names, seconds):
    """Until every table of the subscriptions has been copied and follows; then what kept it from that."""
    end = time.monotonic() + seconds
    while True:
        found = current_subscriptions(session)
        waiting = {
            name: {table: state for table, state in found[name].tables.items() if state != "r"} for name in names
        }
        if not any(waiting.values()):
            return
        if time.monotonic() > end:
            raise Refused(
                "\n".join(
                    _not_in_sync(session, found[name], tables, seconds) for name, tables in waiting.items() if tables
                )
            )
        time.sleep(POLL_SECONDS)


def _not_in_sync(session, subscription, tables, seconds):
    listed = ", ".join(f"{table} ({SYNC_STATES.get(state, state)})" for table, state in tables.items())
    errors = session.row(
        "select apply_error_count as apply, sync_error_count as sync"
        " from pg_catalog.pg_stat_subscription_stats where subid = %s",
        (subscription.oid,),
    ) or {"apply": 0, "sync": 0}
    state = "enabled" if subscription.enabled else "disabled, by hand or by disable_on_error"
    return (
        f"subscription {subscription.name} ({state}): after {seconds} seconds not in sync: {listed}. "
        f"Errors counted: apply {errors['apply']}, copy {errors['sync']}. {_last_error(session)} "
        "Mend the cause and run again, or raise wait_for_sync_seconds when the copy is only slow."
    )


def _last_error(session):
    path = log_path(session.row(SERVER_LOG))
    if path is None:
        return "Look for the last error in the server's log."
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - LOG_TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError as error:
        return f"The server's log {path} cannot be read here ({error.strerror}): look there for the last error."
    found = last_worker_error(text)
    return f"The log says: {found}" if found else f"The end of the log {path} has no error of a replication worker."


def log_path(server):
    """Where the server writes: the logging collector's file, or the one Debian's pg_ctlcluster redirects to."""
    if server["logfile"]:
        return Path(server["data_directory"], server["logfile"])
    debian = re.fullmatch(r"/etc/postgresql/([^/]+)/([^/]+)/postgresql\.conf", server["config_file"])
    return Path("/var/log/postgresql", f"postgresql-{debian[1]}-{debian[2]}.log") if debian else None


def last_worker_error(log):
    """The last error of a replication worker. Its exit is logged with its process id, whatever log_line_prefix is."""
    ended = re.findall(r'background worker "logical replication [^"]*" \(PID (\d+)\) exited', log)
    for pid in reversed(ended):
        lines = [line for line in log.splitlines() if re.search(rf"\b{pid}\b", line)]
        errors = [line for line in lines if re.search(r"\b(ERROR|FATAL):", line)]
        if errors:
            start = lines.index(errors[-1])
            parts = [lines[start], *[line for line in lines[start + 1 :] if re.search(r"\b(DETAIL|HINT):", line)]]
            return " ".join(re.sub(r"^.*?\b(?=(?:ERROR|FATAL|DETAIL|HINT):)", "", part) for part in parts)
    return None
