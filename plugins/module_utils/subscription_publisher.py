# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The publisher of a subscription, looked at as the subscription's own user from the subscriber's host."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

from ansible_collections.community.postgresql.plugins.module_utils import postgres
from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused, Session, connect, server_message
from ansible_collections.pgops.fleet.plugins.module_utils.subscription import target

POLL_SECONDS = 0.5
# A subscriber that lost its connection is back after wal_retrieve_retry_interval, 5 seconds unless changed.
INACTIVE_FOR_SECONDS = 6
GIVE_UP_AFTER_SECONDS = 20

# By libpq's and the server's English words, the more special first.
HINTS = (
    ("could not translate host name", "Check connection.host and the name resolution of this host."),
    ("failed to resolve host", "Check connection.host and the name resolution of this host."),
    ("Connection refused", "Check that the publisher runs, its port, and listen_addresses there."),
    ("timeout expired", "The host does not answer: check its address, that it is up, and the firewalls in between."),
    ("connection timeout", "The host does not answer: check its address, that it is up, and the firewalls in between."),
    ("no pg_hba.conf entry", "Add a line for this user, database, address and encryption to pg_hba.conf there."),
    ("pg_hba.conf rejects", "pg_hba.conf on the publisher has a reject line for it: change that, or the connection."),
    ("password authentication failed", "The password in the passfile is not the role's: set one to match the other."),
    ("no password supplied", "The passfile has no line that matches host, port, database and user."),
    ("root certificate", "Put the publisher's certificate authority into the file connection.sslrootcert names."),
    ("certificate verify failed", "connection.sslrootcert has not signed the certificate of the publisher."),
    ("does not match host name", "Use a name in connection.host that the publisher's certificate carries."),
    ("does not support SSL", "Set ssl = on with a certificate on the publisher."),
    ("WAL sender", "Run on the publisher: alter role ... replication."),
    ("replication role to start walsender", "Run on the publisher: alter role ... replication."),
    ("max_wal_senders", "Raise max_wal_senders on the publisher."),
    ("starting up", "Wait until the publisher has started, and run again."),
    ("does not exist", "Create it on the publisher, or correct the connection."),
)  # fmt: skip

TABLES = """
    select n.nspname || '.' || c.relname as name,
           pg_catalog.has_schema_privilege(n.oid, 'usage')
               and pg_catalog.has_any_column_privilege(c.oid, 'select') as readable,
           pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) as quoted
    from (select (pg_catalog.pg_get_publication_tables(variadic pg_catalog.array_agg(p.pubname::text))).relid
          from pg_catalog.pg_publication p where p.pubname = any (%s::name[])) published
    join pg_catalog.pg_class c on c.oid = published.relid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    group by n.oid, n.nspname, c.oid, c.relname
"""
# to_jsonb, because 16 has no invalidation_reason
SLOT = """
    select s.slot_type, s.plugin, s.database, s.temporary, s.active, s.active_pid, s.wal_status,
           pg_catalog.to_jsonb(s) ->> 'invalidation_reason' as invalidation_reason
    from pg_catalog.pg_replication_slots s where s.slot_name = %s
"""
START_TIME = "select extract(epoch from pg_catalog.pg_postmaster_start_time())::text"


class Publisher:
    """What a subscription's user sees on the publisher. Closed before the subscription itself connects."""

    def __init__(self, name, parameters, timeout_seconds, as_walsender):
        self.parameters = parameters
        self.session = Session(open_connection(name, parameters, timeout_seconds, as_walsender))
        self.as_walsender = as_walsender
        self.session.execute(f"set statement_timeout = '{timeout_seconds}s'")
        self.version = postgres.get_server_version(self.session.connection) // 10000

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.session.close()

    def is_own_cluster(self, own):
        """A copy of our files has our system identifier too, but was not started in the same microsecond."""
        identity = self.session.row("IDENTIFY_SYSTEM")
        same_files = str(identity["systemid"]) == own["system_identifier"]
        return same_files and self.session.value(START_TIME) == own["started"]

    def wal_level(self):
        return self.session.value("select pg_catalog.current_setting('wal_level')")

    def publications(self):
        return [row["pubname"] for row in self.session.rows("select pubname from pg_catalog.pg_publication order by 1")]

    def tables(self, publications):
        """{schema.table: {"readable": may our user read it, "quoted": its name in SQL}}."""
        return {row.pop("name"): row for row in self.session.rows(TABLES, (publications,))}

    def slot(self, name):
        return self.session.row(SLOT, (name,))


def open_connection(name, parameters, timeout_seconds, as_walsender):
    """Connect as the subscription will: over the walsender protocol, which only a REPLICATION role may speak."""
    bounded = {
        "tcp_user_timeout": str(timeout_seconds * 1000),
        **parameters,
        "connect_timeout": str(timeout_seconds),
        "application_name": "ansible postgresql_subscription",
    }
    if as_walsender:
        bounded["replication"] = "database"
    try:
        return connect(bounded)
    except postgres.psycopg.Error as error:
        message = server_message(error)
        stop = "" if message.endswith((".", "?")) else "."
        raise Refused(
            f"subscription {name}: cannot connect to the publisher ({target(parameters)}) within {timeout_seconds} "
            f"seconds: {message}{stop} {connection_hint(message, parameters)}"
        ) from error


def connection_hint(message, parameters):
    if "password" in message:
        trouble = passfile_trouble(parameters.get("passfile"))
        if trouble:
            return trouble
    return next((hint for words, hint in HINTS if words in message), "Check the parameters under connection.")


def passfile_trouble(path):
    """Why libpq passes over a passfile without an error."""
    if not path:
        return "connection.passfile is not given: name a file with the line host:port:database:user:password."
    try:
        mode = stat.S_IMODE(Path(path).stat().st_mode)
    except OSError as error:
        return f"connection.passfile {path}: {error.strerror}. Write it before the subscription is made."
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        return f"connection.passfile {path} has mode {mode:04o}, and libpq ignores it. Accepted: 0600."
    if not os.access(path, os.R_OK):
        return f"connection.passfile {path} cannot be read by user id {os.geteuid()}. Give it to the server's user."
    return None


def refuse_foreign_slot(declared, slot):
    """A slot that nobody's subscription of ours can have left behind."""
    database = declared.connection["dbname"]
    if slot["slot_type"] != "logical" or slot["plugin"] != "pgoutput" or slot["database"] != database:
        raise Refused(
            f"subscription {declared.name}: the publisher has a slot {declared.slot_name} of another kind: "
            f"{slot['slot_type']}, plugin {slot['plugin']}, database {slot['database']}; expected logical, pgoutput, "
            f"{database}. Give another name as options.slot_name."
        )
    if not declared.replace_orphaned_slot:
        raise Refused(
            f"subscription {declared.name}: the publisher has a slot {declared.slot_name} already, and this database "
            "has no subscription with it. It may be another subscriber's. If it is left over, set "
            "replace_orphaned_slot: true; otherwise give another name as options.slot_name."
        )


def refuse_active_slot(declared, slot):
    if slot["active"]:
        raise Refused(
            f"subscription {declared.name}: the slot {declared.slot_name} on the publisher is in use (process "
            f"{slot['active_pid']} there), and this database has no subscription with it: another subscriber has "
            "it, or an interrupted CREATE SUBSCRIPTION has not ended yet. Look at pg_stat_replication there, and give "
            "another name as options.slot_name, or end that process and run again."
        )


def wait_until_orphaned(declared, publisher):
    """False when the slot went away by itself. A subscriber that only reconnects is seen as active again."""
    end = time.monotonic() + GIVE_UP_AFTER_SECONDS
    inactive_since = None
    while True:
        slot, now = publisher.slot(declared.slot_name), time.monotonic()
        if slot is None:
            return False
        inactive_since = None if slot["active"] else inactive_since or now
        if inactive_since and now - inactive_since >= INACTIVE_FOR_SECONDS:
            return True
        if now > end:
            refuse_active_slot(declared, {**slot, "active": True})
        time.sleep(POLL_SECONDS)
