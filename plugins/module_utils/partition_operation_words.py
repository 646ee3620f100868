# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How far an operation on partitions is, and what it has cost, in words."""

from __future__ import annotations

PHASES = {
    "create": "making the new tables",
    "redesign": "the table has changed meanwhile: beginning anew",
    "restart": "beginning the copy anew",
    "capture": "putting up triggers that note changed rows",
    "settle": "carrying along the rows that changed meanwhile",
    "index": "making indexes, keys and statistics",
    "watch": "noting what disappears from the tables that foreign keys refer to",
    "settle_keys": "carrying along what has disappeared there",
    "keys": "making foreign keys",
    "guard": "having a CHECK say what the default partition does not hold",
    "wait": "ready",
    "compare": "comparing all rows of the old and the new tables",
    "catch_up": "carrying along the last rows that changed",
    "switch": "exchanging the tables",
    "follow_up": "validating what the exchange has left for later",
    "after": "validating what the exchange has left for later",
    "clean": "removing what is not needed any more",
    "publish": "giving the new table its name",
    "copy_back": "copying all rows into the table that is kept in step",
    "return_catch_up": "carrying along the last rows that changed",
    "return_compare": "comparing all rows of both tables",
    "return_switch": "exchanging the tables back",
    "return_after": "validating what the exchange has left for later",
    "return_clean": "removing what was made",
    "end_catch_up": "carrying along the last rows that changed",
    "end_compare": "comparing all rows of both tables",
    "end_switch": "ending the keeping in step",
    "end_clean": "removing what is not needed any more",
    "undo": "removing what was made",
}


def in_words(record):
    """One line on an operation: what it does now, or what has become of it."""
    return f"{record['operation']} of {record['relation_name']}: {_now(record)}"


def _now(record):
    if record["state"] == "done":
        return f"done, {_cost(record)}"
    if record["state"] == "kept":
        return f"done, and the other table is kept in step with it until undo or finish; {_cost(record)}"
    if record["state"] in ("cancelled", "undone"):
        return f"{record['state']}, nothing is left of it"
    if record["state"] == "failed":
        return f"stopped in phase {record['phase']}: {record['error']}"
    return f"{_doing(record)}, {clock(record['duration_ms'])}{_waiting(record)}"


def _doing(record):
    phase, progress, rows = record["phase"], record["progress"], record["row_count"]
    if phase in ("copy", "archive"):
        share = f" ({min(100, 100 * record['copied_rows'] // rows)} %)" if rows else ""
        return f"copied {record['copied_rows']:,} of about {rows or 0:,} rows{share}"
    if phase == "index" and progress.get("commands"):
        return f"{PHASES[phase]}: {progress['commands_done']} of {progress['commands']}"
    if phase == "wait" and record["options"].get("switch") == "wait" and not record["switch_requested"]:
        return "ready, and kept up to date until it is told to switch"
    if phase == "wait" and record["options"].get("switch_after"):
        return f"ready, and kept up to date until {record['options']['switch_after']}"
    return PHASES.get(phase, phase)


def _waiting(record):
    if not record["is_run"]:
        return "; nobody runs it at the moment"
    return f"; {record['error']} (try {record['tries']})" if record["error"] else ""


def _cost(record):
    parts = [f"{record['row_count'] or 0:,} rows in {clock(record['duration_ms'])}"]
    if record["lock_held_ms"] is not None:
        parts.append(f"strongest locks held for {record['lock_held_ms']:.1f} ms")
    if record["longest_wait_ms"] is not None:
        parts.append(f"no writer waited for it longer than {record['longest_wait_ms']:.1f} ms")
    if record["tries"]:
        parts.append(f"gave way to others {record['tries']} times")
    parts.append(f"{record['wal_bytes'] / 1e6:,.1f} MB of WAL meanwhile")
    return ", ".join(parts)


def clock(milliseconds):
    """A duration: seconds below a minute, else hours, minutes and seconds."""
    seconds = milliseconds / 1000
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds // 3600)}:{int(seconds % 3600 // 60):02}:{int(seconds % 60):02}"
