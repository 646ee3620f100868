# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A plain table becomes a partitioned one, or one of another strategy; that is taken back, or ended."""

from __future__ import annotations

import json

from ansible_collections.pgops.fleet.plugins.module_utils import partition_operations as engine
from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused, quoted_name
from ansible_collections.pgops.fleet.plugins.module_utils.partition_operation_words import in_words
from ansible_collections.pgops.fleet.plugins.module_utils.partition_operations import PARTITIONED_BY, Intent

CONVERSIONS = ("convert", "undo", "finish")
ENDS = {"undo": "undone", "finish": "done"}


def conversion(session, table, operation, arguments, options, run):
    """What is to be done: nothing, to go on, or to begin."""
    now = {PARTITIONED_BY: engine.partitioned_by(session, table)}
    last, unfinished = engine.latest_conversion(session, table), engine.unfinished_record(session, table)
    reason = already_so(operation, arguments, last)
    if reason:
        return Intent(False, reason, now, now, [])
    goes_on = is_under_way(unfinished, operation, arguments)
    if unfinished and not goes_on:
        engine.refuse_another(unfinished, table, operation, arguments)
    if goes_on and not run and unfinished["state"] != "failed":
        return Intent(
            False, f"operation {unfinished['operation_id']} is under way: {in_words(unfinished)}", now, now, []
        )
    plan = [] if goes_on else engine.plan(session, table, operation, arguments)
    session.execute("select pgops.complete_options(%s::jsonb)", (json.dumps(options),))
    after = (
        {PARTITIONED_BY: becomes(session, operation, arguments, last)} if run and changes(operation, arguments) else now
    )
    reason = f"{operation} of {table}" + (f" goes on with operation {unfinished['operation_id']}" if goes_on else "")
    parameters = (quoted_name(table), operation, json.dumps(arguments), json.dumps(options))
    return Intent(True, reason, now, after, plan, engine.statement_of(run), parameters)


def already_so(operation, arguments, last):
    """Why there is nothing to do, None when there is."""
    if last is None:
        return None
    number, at = last["operation_id"], last["finished_at"]
    if operation == "convert" and last["arguments"] == arguments:
        if last["state"] == "kept":
            return f"operation {number} did it; the other table is kept in step with it until undo or finish"
        if last["state"] == "done":
            return f"operation {number} did it, and was finished on {at}"
    if ENDS.get(operation) == last["state"]:
        return f"operation {number} was {'undone' if operation == 'undo' else 'finished'} on {at}"
    return None


def is_under_way(unfinished, operation, arguments):
    """Is it the same that somebody has begun?"""
    if unfinished is None or unfinished["operation"] != "convert":
        return False
    end = unfinished["progress"].get("end")
    return end == operation if operation in ENDS else end is None and unfinished["arguments"] == arguments


def changes(operation, arguments):
    """Does the table of that name become another?"""
    return operation == "undo" or (operation == "convert" and "new_name" not in arguments)


def going_on(session, table, unfinished):
    """How the table is partitioned, and how when a conversion that is under way has gone on to its end."""
    now = {PARTITIONED_BY: engine.partitioned_by(session, table)}
    operation = unfinished["progress"].get("end", "convert")
    if not changes(operation, unfinished["arguments"]):
        return now, now
    return now, {PARTITIONED_BY: becomes(session, operation, unfinished["arguments"], unfinished)}


def becomes(session, operation, arguments, last):
    """Strategy and columns afterwards."""
    if operation == "undo":
        if last is None:
            raise Refused("there is no conversion to be undone")
        return session.value(
            "select pg_catalog.pg_get_partkeydef(o.relation) from pgops.operation o where o.operation_id = %s",
            (last["operation_id"],),
        )
    return session.value(
        "select upper(k.strategy) || format(' (%%I)', k.column_name) from pgops.convert_key(%s::jsonb) k",
        (json.dumps(arguments),),
    )
