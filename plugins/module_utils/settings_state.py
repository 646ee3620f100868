# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Declared settings beside what a running server has: which are in force, and what keeps the others from it."""

from __future__ import annotations

from ansible_collections.pgops.fleet.plugins.module_utils.configuration_files import declared_settings

IN_FORCE = "in force"
NOT_WRITTEN = "not deployed"
NOT_READ = "not read yet"
PENDING_RESTART = "waits for a restart"
OVERRIDDEN = "overridden"
REFUSED = "refused"
BY_HAND = "by hand"
BESIDE = "beside ours"
DRIFT = (NOT_WRITTEN, NOT_READ, PENDING_RESTART, OVERRIDDEN, REFUSED, BY_HAND)
AUTOMATIC_FILE = "postgresql.auto.conf"
# What a server was started with wins over all files.
STRONGER_SOURCES = ("command line", "environment variable")
# Written there by tools that make a standby, and of no use elsewhere.
OF_REPLICATION = ("primary_", "recovery_", "restore_command", "archive_cleanup_command", "promote_trigger_file")
NEEDS_RESTART = "setting could not be applied"

RUNNING = """
select name, pg_catalog.current_setting(name, true) as value, boot_val, unit, source, context, pending_restart
from pg_catalog.pg_settings
"""
IN_FILES = """
select name, setting as value, sourcefile as file, sourceline as line, applied, error
from pg_catalog.pg_file_settings
where name is not null
order by seqno
"""


def of_replication(name):
    return name.startswith(OF_REPLICATION)


def judge(settings, running, in_files, our_file, main_file, read):
    """Return a dictionary for each setting that is declared, or said in a file other than postgresql.conf.

    settings: as declared; running: rows of RUNNING; in_files: rows of IN_FILES; our_file: the file that a deploy writes;
    main_file: postgresql.conf; read: whether the server has read our file since it was written.

    Each has ``name``, ``declared`` (None when nobody does), ``running`` (None when the server does not know it), ``state``
    (one of the words above), ``place`` (file and line of what is in force, or what else set it) and ``detail``.
    """
    declared = declared_settings(settings)
    server = {row["name"].lower(): row for row in running}
    said = {}
    for row in in_files:
        said.setdefault(row["name"].lower(), []).append(row)
    names = {*declared, *(name for name, rows in said.items() if any(row["file"] != str(main_file) for row in rows))}
    return [
        _judge_one(name, declared.get(name), server.get(name), said.get(name, []), str(our_file), read)
        for name in sorted(names)
    ]


def _judge_one(name, declared, row, said, our_file, read):
    ours = next((entry for entry in reversed(said) if entry["file"] == our_file), None)
    last = said[-1] if said else None
    state, detail = _state(name, declared, row, ours, last, read)
    return {
        "name": name,
        "declared": declared,
        "running": row["value"] if row else None,
        "state": state,
        "place": _place(row, last),
        "detail": detail,
    }


def _place(row, last):
    if row is not None and row["source"] in STRONGER_SOURCES:
        return row["source"]
    return f"{last['file']}:{last['line']}" if last else ""


def _state(name, declared, row, ours, last, read):
    """Return the state and what it comes from."""
    if declared is None:
        if ours is not None:
            return NOT_WRITTEN, "nobody declares it any more, and a deploy removes it"
        if last["file"].endswith(AUTOMATIC_FILE) and not of_replication(name):
            return BY_HAND, f"ALTER SYSTEM has set it to {last['value']!r}"
        return BESIDE, "set in a file that no deploy writes"
    if ours is None:
        return NOT_WRITTEN, "a deploy writes it"
    if ours["value"] != declared:
        return NOT_WRITTEN, f"the file says {ours['value']!r}, and a deploy changes it"
    if row is not None and row["source"] in STRONGER_SOURCES:
        return OVERRIDDEN, f"the server was started with {row['value']!r} ({row['source']})"
    if last is not ours and last["value"] != declared:
        how = (
            "ALTER SYSTEM has set it" if last["file"].endswith(AUTOMATIC_FILE) else "a file that is read later sets it"
        )
        return OVERRIDDEN, f"{how} to {last['value']!r}"
    if not read:
        return NOT_READ, "the file is newer than what the server has read"
    if row is not None and row["pending_restart"]:
        return PENDING_RESTART, f"the server runs with {row['value']!r} until it is restarted"
    if last["error"] and last["error"] != NEEDS_RESTART:
        return REFUSED, last["error"]
    return IN_FORCE, ""


def drift(judged):
    """Return those that are not as declared."""
    return [item for item in judged if item["state"] in DRIFT]
