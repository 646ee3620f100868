# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Privileges and default privileges."""

from __future__ import annotations

from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused
from ansible_collections.pgops.fleet.plugins.module_utils.privilege_run import Privileges
from ansible_collections.pgops.fleet.plugins.module_utils.privilege_targets import DEFAULT_KINDS, TargetError

STATE = {"type": "str", "choices": ["present", "absent"], "default": "present"}
COMMON = {
    "role": {"type": "str", "required": True},
    "privileges": {"type": "list", "elements": "str"},
    "grant_option": {"type": "bool", "default": False},
    "state": STATE,
}
PRIVILEGE = {**COMMON, "object": {"type": "str", "required": True}, "grantor": {"type": "str"}}
DEFAULT_PRIVILEGE = {
    **COMMON,
    "object": {"type": "str", "required": True, "choices": list(DEFAULT_KINDS)},
    "for_role": {"type": "str", "required": True},
    "in_schema": {"type": "str"},
}
ARGUMENTS = {
    "privileges": {"type": "list", "elements": "dict", "default": [], "options": PRIVILEGE},
    "default_privileges": {"type": "list", "elements": "dict", "default": [], "options": DEFAULT_PRIVILEGE},
}


def work(module, session):
    if session:
        # Names come back with their schema, and only names with a schema are found.
        session.execute("set search_path = ''")
    try:
        run = Privileges(module, session)
        run.plan()
    except TargetError as error:
        raise Refused(str(error)) from error
    run.apply()
    return {
        "changed": bool(run.changes),
        "privileges": [vars(change) for change in run.changes],
        "diff": [
            {
                "before_header": f"{change.role} on {change.object}",
                "after_header": f"{change.role} on {change.object}",
                "before": change.before,
                "after": change.after,
            }
            for change in run.changes
        ],
    }
