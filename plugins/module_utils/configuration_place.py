# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a configuration would meet in the cluster's own place, which a trial elsewhere cannot show: its data, addresses, folders."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

from ansible_collections.pgops.fleet.plugins.module_utils.configuration_trial import machine_memory_mb

WAL_LEVELS = ("minimal", "replica", "logical")
# Units of pg_settings: kB, and blocks of 8 kB.
MEMORY_OF_ONE = {
    "work_mem": 1,
    "maintenance_work_mem": 1,
    "autovacuum_work_mem": 1,
    "logical_decoding_work_mem": 1,
    "temp_buffers": 8,
}
FEWEST_CONNECTIONS = 5
# Of the whole server: below it, dumps, index builds, poolers and jobs are ended.
SHORTEST_MS = {
    "statement_timeout": 10_000,
    "transaction_timeout": 60_000,
    "idle_session_timeout": 60_000,
    "idle_in_transaction_session_timeout": 1_000,
    "lock_timeout": 10,
}
SLOTS = (
    "select count(*) as slots, count(*) filter (where slot_type = 'logical') as logical from pg_catalog.pg_replication_slots"
    " where not temporary"
)
PREPARED = "select count(*) from pg_catalog.pg_prepared_xacts"


def problems_in_place(settings, declared, data, server=None):
    """Return why the server could not start, or could not work, with a configuration that a trial has taken.

    settings: {name: text in the unit of pg_settings} as the trial server has them; declared: {name: text};
    data: the cluster's data directory; server: the RunningServer, None when it does not run.
    """
    values = {**settings, **{name: declared[name] for name in ISOLATED if name in declared}}
    return [
        *_addresses(values),
        *_log_folder(values, data),
        *_archive(values),
        *_memory(values, declared),
        *_connections(values, declared),
        *_time_outs(values, declared),
        *_wal_sizes(values, declared),
        *_slots(values, data, server),
        *_prepared(values, server),
    ]


# Of these the trial had other values.
ISOLATED = ("listen_addresses", "logging_collector", "archive_command", "archive_library")


def _addresses(values):
    """PostgreSQL starts when it can listen on one address at least."""
    text = values.get("listen_addresses", "")
    names = [name.strip().strip('"') for name in text.split(",") if name.strip()]
    if names and not any(_can_listen(name) for name in names):
        yield (
            f"setting listen_addresses = {text!r}: this machine has none of these addresses, so the server could not create any "
            f"TCP/IP sockets and would not start; accepted: *, or addresses of this machine"
        )


def _can_listen(name):
    if name == "*":
        return True
    try:
        places = socket.getaddrinfo(name, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        return False
    for family, kind, protocol, _name, address in places:
        with socket.socket(family, kind, protocol) as probe:
            try:
                probe.bind(address)
            except OSError:
                continue
            return True
    return False


def _log_folder(values, data):
    """The collector of the log makes its folder, but not those above it."""
    if values.get("logging_collector") not in ("on", "true", "yes", "1"):
        return
    folder = Path(data) / values.get("log_directory", "log")
    if _may_write(folder) or (not os.access(folder, os.F_OK) and _may_write(folder.parent)):
        return
    yield (
        f"setting log_directory = {values.get('log_directory')!r}: the server cannot write to it, could not open its log file "
        "and would not start; accepted: a folder of the server's own user"
    )


def _may_write(folder):
    return os.access(folder, os.W_OK | os.X_OK)


def _archive(values):
    if values.get("archive_library") and values.get("archive_command"):
        yield (
            f"setting archive_library = {values['archive_library']!r} beside archive_command = {values['archive_command']!r}: "
            "only one of them may be set, and with both nothing is archived"
        )


def _memory(values, declared):
    """One sort of one session would take more than there is."""
    there_mb = machine_memory_mb()
    for name, unit_kb in MEMORY_OF_ONE.items():
        number = values.get(name, "")
        wanted_mb = int(number) * unit_kb // 1024 if re.fullmatch(r"[0-9]+", number) else 0
        if name in declared and there_mb is not None and wanted_mb > there_mb:
            yield (
                f"setting {name} = {declared[name]!r}: {wanted_mb} MB for each that needs it, and the machine has {there_mb} MB of "
                "memory altogether"
            )


def _connections(values, declared):
    """Reserved connections are part of max_connections."""
    names = ("max_connections", "superuser_reserved_connections", "reserved_connections")
    allowed, *reserved = (int(values.get(name) or 0) for name in names)
    left = allowed - sum(reserved)
    if left < FEWEST_CONNECTIONS and any(name in declared for name in names):
        yield (
            f"setting max_connections = {allowed}: {sum(reserved)} of them are reserved (superuser_reserved_connections, "
            f"reserved_connections), which leaves {left} for everybody else; accepted: at least {FEWEST_CONNECTIONS}"
        )


def _time_outs(values, declared):
    """They hold for jobs, backups, and whoever comes to help, too."""
    for name, least_ms in SHORTEST_MS.items():
        text = values.get(name, "")
        if name in declared and re.fullmatch(r"[0-9]+", text) and 0 < int(text) < least_ms:
            yield (
                f"setting {name} = {declared[name]!r}: for every session of the server, jobs, dumps and poolers too; accepted: 0, or "
                f"{least_ms} ms and more; a shorter one belongs to a role (settings in postgresql_roles)"
            )


def _wal_sizes(values, declared):
    """Both are in megabytes."""
    least, most = (int(values.get(name) or 0) for name in ("min_wal_size", "max_wal_size"))
    if least > most and ("min_wal_size" in declared or "max_wal_size" in declared):
        yield f"setting min_wal_size = {least} MB is more than max_wal_size = {most} MB; accepted: at most that"


def _slots(values, data, server):
    """A server does not start with slots that its settings have no room for, or whose WAL it would not write."""
    folder = Path(data) / "pg_replslot"
    number = len([entry for entry in folder.iterdir() if entry.is_dir()]) if folder.is_dir() else 0
    allowed = int(values.get("max_replication_slots") or 0)
    if number > allowed:
        yield (
            f"setting max_replication_slots = {allowed}: the cluster has {number} replication slots, and the server would not start "
            "with fewer; drop slots that nobody needs, or raise it"
        )
    if server is None:
        return
    (row,) = server.session.rows(SLOTS)
    level = values.get("wal_level", "replica")
    for kind, count, needed in (
        ("logical", row["logical"], "logical"),
        ("physical", row["slots"] - row["logical"], "replica"),
    ):
        if count and level in WAL_LEVELS and WAL_LEVELS.index(level) < WAL_LEVELS.index(needed):
            yield (
                f"setting wal_level = {level!r}: the cluster has {count} {kind} replication slots, and the server would not start with "
                f"less than {needed}; drop them first"
            )


def _prepared(values, server):
    count = server.session.value(PREPARED) if server else 0
    allowed = int(values.get("max_prepared_transactions") or 0)
    if count > allowed:
        yield (
            f"setting max_prepared_transactions = {allowed}: {count} transactions are prepared, and the server would not start with "
            "fewer; end them first (runbook forgotten-prepared-transaction)"
        )
