# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Incremental views."""

from __future__ import annotations

from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused
from ansible_collections.pgops.fleet.plugins.module_utils.immv_apply import apply_plan
from ansible_collections.pgops.fleet.plugins.module_utils.immv_plan import plan_new, plan_view
from ansible_collections.pgops.fleet.plugins.module_utils.immv_state import remembered_views, require_pg_ivm

INDEX = {
    "columns": {"type": "list", "elements": "str", "required": True},
    "unique": {"type": "bool", "default": False},
    "name": {"type": "str"},
    "method": {"type": "str", "default": "btree"},
}
VIEW = {
    "name": {"type": "str", "required": True},
    "query": {"type": "str"},
    "owner": {"type": "str"},
    "indexes": {"type": "list", "elements": "dict", "default": [], "options": INDEX},
    "comment": {"type": "str"},
    "verify_contents": {"type": "bool", "default": False},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}
ARGUMENTS = {
    "views": {"type": "list", "elements": "dict", "required": True, "options": VIEW},
    "lock_timeout_seconds": {"type": "float", "default": 0.5},
    "tries": {"type": "int", "default": 20},
}


def plan_views(session, views, login_user, check_mode):
    """A plan for each view; on a server that is still to be made every declared view is new."""
    if session is None or not require_pg_ivm(session, check_mode):
        return [plan_new(view, login_user) for view in views]
    return [plan_view(session, view, login_user, check_mode) for view in views]


def refuse_bad_views(views):
    names = [view["name"] for view in views]
    for view in views:
        name = view["name"]
        if name.count(".") != 1 or not all(name.split(".")):
            raise Refused(f"view {name!r}: accepted is a name with its schema, for example app.t1_totals.")
        if names.count(name) > 1:
            raise Refused(f"view {name} is declared more than once. Give each view one entry.")
        if view["state"] == "present" and not (view["query"] or "").strip():
            raise Refused(f"view {name} has no query. Set query, or state: absent to drop the view.")


def work(module, session):
    views = module.params["views"]
    refuse_bad_views(views)
    planned = plan_views(session, views, module.params["login_user"], module.check_mode)
    for plan in planned:
        for warning in plan.warnings:
            module.warn(warning)
    if session:
        for plan in planned:
            if plan.change != "none":
                apply_plan(session, plan, module.params["lock_timeout_seconds"], module.params["tries"])
    remembered = remembered_views(session) if session else set()
    return {
        "changed": any(plan.change != "none" for plan in planned),
        "diff": [plan.difference() for plan in planned if plan.change != "none"],
        "views": [{"name": plan.name, "change": plan.change, "reasons": plan.reasons} for plan in planned],
        "undeclared": sorted(remembered - {view["name"] for view in views}),
    }
