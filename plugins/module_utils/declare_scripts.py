# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sets of versioned and repeatable SQL files."""

from __future__ import annotations

from ansible_collections.pgops.fleet.plugins.module_utils.connection import (
    Refused,
    ensure_bookkeeping,
    with_retries,
)
from ansible_collections.pgops.fleet.plugins.module_utils.script_history import (
    APPLIED_SCRIPT,
    APPLIED_SCRIPT_COMMENT,
    applied_scripts,
    apply_script,
    wait_for_other_run,
)
from ansible_collections.pgops.fleet.plugins.module_utils.scripts import (
    ordered_scripts,
    pending_scripts,
    refuse_what_a_file_may_not_hold,
    split_statements,
)

SCRIPT = {"name": {"type": "str", "required": True}, "content": {"type": "str", "required": True}}
SET = {
    "name": {"type": "str", "required": True},
    "role": {"type": "str"},
    "scripts": {"type": "list", "elements": "dict", "required": True, "options": SCRIPT},
}
ARGUMENTS = {
    "sets": {"type": "list", "elements": "dict", "required": True, "options": SET},
    "lock_timeout_seconds": {"type": "float", "default": 2},
    "tries": {"type": "int", "default": 10},
    "wait_for_other_run_seconds": {"type": "int", "default": 300},
}


def apply_set(module, session, declared, pending):
    role = declared["role"]
    if role and not session.value("select pg_catalog.to_regrole(quote_ident(%s)) is not null", (role,)):
        raise Refused(f"set {declared['name']}: role {role} does not exist. Create it before its scripts are applied.")
    for item in pending:
        statements = split_statements(item.script.body)
        session.queries.append(f"-- {declared['name']}/{item.script.name}")
        with_retries(
            lambda script=item.script, statements=statements: apply_script(
                session, declared["name"], role, script, statements, module.params["lock_timeout_seconds"]
            ),
            module.params["tries"],
        )


def describe(set_name, item):
    return {
        "set": set_name,
        "name": item.script.name,
        "kind": item.script.kind,
        "reason": item.reason,
        "statements": len(split_statements(item.script.body)),
    }


def difference(set_name, item):
    return {
        "before_header": f"{set_name}/{item.script.name} (applied)" if item.applied_body is not None else "not applied",
        "after_header": f"{set_name}/{item.script.name}",
        "before": item.applied_body or "",
        "after": item.script.body,
    }


def plan(module, session):
    """[(declared set, its scripts, names applied before, pending)], after every file was looked at."""
    planned = []
    for declared in module.params["sets"]:
        name = declared["name"]
        scripts = ordered_scripts(name, declared["scripts"])
        applied = applied_scripts(session, name)
        pending = pending_scripts(name, scripts, applied)
        for item in pending:
            refuse_what_a_file_may_not_hold(f"{name}/{item.script.name}", split_statements(item.script.body))
        gone = sorted(set(applied) - {script.name for script in scripts})
        planned.append((declared, scripts, gone, pending))
    return planned


def work(module, session):
    names = [declared["name"] for declared in module.params["sets"]]
    if len(set(names)) < len(names):
        raise Refused(f"sets: {', '.join(names)} names a set more than once. Give each set one entry.")
    if session and not module.check_mode:
        wait_for_other_run(session, module.params["wait_for_other_run_seconds"])
    planned = plan(module, session)
    changed = any(pending for _declared, _scripts, _gone, pending in planned)
    if changed and session:
        ensure_bookkeeping(session, "applied_script", APPLIED_SCRIPT, APPLIED_SCRIPT_COMMENT)
    result = {"changed": changed, "diff": [], "scripts": [], "sets": []}
    for declared, scripts, gone, pending in planned:
        name = declared["name"]
        if not module.check_mode:
            apply_set(module, session, declared, pending)
        elif session:
            session.queries += [f"-- {name}/{item.script.name}" for item in pending]
        result["scripts"] += [describe(name, item) for item in pending]
        result["diff"] += [difference(name, item) for item in pending]
        result["sets"].append({"name": name, "files": len(scripts), "applied": len(pending), "undeclared": gone})
    return result
