# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One operation of the engine on the partitions of a table: planned, begun, run, gone on with, taken back."""

from __future__ import annotations

import json

from ansible_collections.community.postgresql.plugins.module_utils.postgres import psycopg
from ansible_collections.pgops.fleet.plugins.module_utils import partition_operations as engine
from ansible_collections.pgops.fleet.plugins.module_utils.connection import (
    Refused,
    quoted_name,
    server_message,
    sqlstate,
)
from ansible_collections.pgops.fleet.plugins.module_utils.partition_conversion import CONVERSIONS, conversion, going_on
from ansible_collections.pgops.fleet.plugins.module_utils.partition_operation_state import already_so
from ansible_collections.pgops.fleet.plugins.module_utils.partition_operation_words import in_words
from ansible_collections.pgops.fleet.plugins.module_utils.partition_operations import Intent

CHANGES = ("add", "split", "merge", "drain", "detach", "archive", "drop")
STEERS = ("resume", "cancel", "switch")
OPTIONS = ("lock_budget_ms", "batch_blocks", "max_replay_keys", "switch", "switch_after")
# What the engine raises by design: where in its functions that happened tells an operator nothing.
REFUSALS = ("22023", "42501", "42809", "55000", "55006", "P0001")
ARGUMENTS = {
    "table": {"type": "str", "required": True},
    "operation": {"type": "str", "required": True, "choices": [*CHANGES, *CONVERSIONS, *STEERS]},
    "arguments": {"type": "dict", "default": {}},
    "run": {"type": "bool", "default": True},
    "lock_budget_ms": {"type": "int"},
    "batch_blocks": {"type": "int"},
    "max_replay_keys": {"type": "int", "no_log": False},  # keys of rows, no secret
    "switch": {"type": "str", "choices": ["now", "wait"]},
    "switch_after": {"type": "str"},
}


def work(module, session):
    table, operation, arguments = (module.params[key] for key in ("table", "operation", "arguments"))
    options = {key: module.params[key] for key in OPTIONS if module.params[key] is not None}
    refuse_bad(table, operation, arguments, options)
    if not ready(session, table, module.check_mode):
        return assumed(module, table, operation)
    try:
        if operation in STEERS:
            intent = steering(session, table, operation)
        elif operation in CONVERSIONS:
            intent = conversion(session, table, operation, arguments, options, module.params["run"])
        else:
            intent = change(session, table, operation, arguments, options, module.params["run"])
        if intent.changed:
            session.change(intent.statement, intent.parameters)
    except psycopg.Error as error:
        raise Refused(failure(session, table, operation, arguments, error)) from error
    return result(session, table, intent, module.check_mode)


def failure(session, table, operation, arguments, error):
    """What was asked, what the server has said, and how to go on where something was begun."""
    said = server_message(error)
    if sqlstate(error) in REFUSALS:
        said = said.split("\nCONTEXT: ", maxsplit=1)[0]
    text = f"{operation} of {table} with {json.dumps(arguments, ensure_ascii=False)}: {said}"
    begun = None if session.connection.closed else engine.unfinished_record(session, table)
    if begun and begun["operation"] == operation and begun["arguments"] == arguments:
        text += "\nRun the same again to go on, or operation cancel to take back what was done."
    return text


def refuse_bad(table, operation, arguments, options):
    if "." not in table.strip("."):
        raise Refused(f"table is {table!r}; accepted: a name with its schema, for example app.event_logs.")
    if operation in STEERS and (arguments or options):
        given = ", ".join(["arguments"] * bool(arguments) + list(options))
        raise Refused(
            f"operation {operation} takes no {given}: it acts on the operation that is under way on {table}. Leave them out."
        )


def ready(session, table, check_mode):
    """Is there a primary with the engine and the table? In check mode they may be still to be made."""
    if session is None:
        return False
    database = session.value("select current_database()")
    if session.value("select pg_is_in_recovery()"):
        raise Refused(f"the server of database {database} is a standby. Run the operation on its primary.")
    for exists, missing in [
        (
            engine.engine_has_operations(session),
            f"database {database} has no partition engine with operations (pgops.operation_apply). "
            "Apply the SQL set pgops to it first, with postgresql_scripts.",
        ),
        (
            session.value("select to_regclass(%s) is not null", (quoted_name(table),)),
            f"table {table} does not exist in database {database}. Name an existing table with its schema; "
            "upper and lower case count.",
        ),
    ]:
        if not exists and check_mode:
            return False
        if not exists:
            raise Refused(missing)
    return True


def assumed(module, table, operation):
    """What check mode can say before there is a table."""
    module.warn(f"table {table} or its engine does not exist yet, so there is no plan for {operation}")
    return {"changed": True, "reason": f"{table} is still to be made", "plan": [], "record": {}, "diff": []}


def change(session, table, operation, arguments, options, run):
    """An operation that is to be done, gone on with, or done already."""
    before = engine.partitions(session, table)
    statement, unfinished = engine.statement_of(run), engine.unfinished_record(session, table)
    parameters = (quoted_name(table), operation, json.dumps(arguments), json.dumps(options))
    if unfinished:
        engine.refuse_another(unfinished, table, operation, arguments)
        number = unfinished["operation_id"]
        under_way = f"operation {number}: {in_words(unfinished)}"
        # To begin one that has failed is to take the mark of failure from it.
        if not run and unfinished["state"] != "failed":
            return Intent(False, f"under way is {under_way}", before, before, [])
        after = engine.exchanged(before, *engine.recorded(session, number)) if run else before
        return Intent(True, f"goes on with {under_way}", before, after, [], statement, parameters)
    reason = already_so(session, table, operation, arguments) if engine.is_partitioned(session, table) else None
    if reason:
        return Intent(False, reason, before, before, [])
    plan = engine.plan(session, table, operation, arguments)
    session.execute("select pgops.complete_options(%s::jsonb)", (json.dumps(options),))
    after = engine.exchanged(before, *engine.designed(session, table, operation, arguments)) if run else before
    reason = f"{operation} of {table}, in {len(plan)} steps"
    return Intent(True, reason, before, after, plan, statement, parameters)


def steering(session, table, operation):
    """Resume, cancel or switch the operation that is under way."""
    before, unfinished = engine.partitions(session, table), engine.unfinished_record(session, table)
    if unfinished is None:
        return Intent(False, f"no operation is under way on {table}", before, before, [])
    number = unfinished["operation_id"]
    if operation == "switch" and unfinished["switch_requested"]:
        return Intent(False, f"operation {number} has been told to switch already", before, before, [])
    after = before
    if operation == "resume" and unfinished["operation"] == "convert":
        before, after = going_on(session, table, unfinished)
    elif operation == "resume":
        after = engine.exchanged(before, *engine.recorded(session, number))
    statement = {
        "resume": "call pgops.operation_resume(%s)",
        "cancel": "call pgops.operation_cancel(%s)",
        "switch": "select pgops.operation_switch(%s)",
    }[operation]
    reason = f"{operation} of operation {number}: {in_words(unfinished)}"
    return Intent(True, reason, before, after, [], statement, (number,))


def result(session, table, intent, check_mode):
    """What was done, or would be."""
    done = intent.changed and not check_mode
    after = engine.look_again(session, table, intent) if done else intent.after
    record = engine.latest_record(session, table) if done else engine.unfinished_record(session, table)
    header = f"partitions of {table}"
    difference = {"before_header": header, "after_header": header, "before": intent.before, "after": after}
    return {
        "changed": intent.changed,
        "reason": in_words(record) if done else intent.reason,
        "plan": intent.plan,
        "record": record or {},
        "diff": [difference] if intent.before != after else [],
    }
