# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Roles: what is declared, what is there, and the way from one to the other."""

from __future__ import annotations

from ansible_collections.community.postgresql.plugins.module_utils import postgres
from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused
from ansible_collections.pgops.fleet.plugins.module_utils.quoting import identifier
from ansible_collections.pgops.fleet.plugins.module_utils.role_plan import Change, plan_role
from ansible_collections.pgops.fleet.plugins.module_utils.role_state import FLAGS, dependents, read_roles
from ansible_collections.pgops.fleet.plugins.module_utils.scram import ITERATIONS

# A verifier is no password, but it is no business of the log either.
QUIET = (
    "set local log_statement = 'none'",
    "set local log_min_duration_statement = -1",
    "set local log_min_error_statement = 'panic'",
)
ROLE = {
    "name": {"type": "str", "required": True},
    **{flag: {"type": "bool"} for flag in FLAGS},
    "connection_limit": {"type": "int"},
    "password": {"type": "str", "no_log": True},
    "valid_until": {"type": "str"},
    "member_of": {"type": "list", "elements": "raw"},
    "settings": {"type": "dict"},
    "database_settings": {"type": "dict"},
    "comment": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}
ARGUMENTS = {"roles": {"type": "list", "elements": "dict", "required": True, "options": ROLE}}


def plan(module, session):
    """Return the changes, roles that others may be members of first."""
    declared = module.params["roles"]
    names = [role["name"] for role in declared]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Refused(f"role {', '.join(twice)} stands twice in roles; write it once")
    present = read_roles(session)
    _refuse_unknown_groups(declared, present, session)
    iterations = int(session.value("select pg_catalog.current_setting('scram_iterations')")) if session else ITERATIONS
    changes = []
    for role in declared:
        now = present.get(role["name"])
        if role["state"] == "absent":
            if now:
                changes.append(_plan_drop(module, session, role["name"], now))
            continue
        _refuse_losing_oneself(session, role)
        so = now is not None and _is_moment(session, now["valid_until"], role["valid_until"])
        changes.append(plan_role({**role, "valid_until_is_so": so}, now, iterations))
    return [change for change in changes if change.statements]


def _refuse_unknown_groups(declared, present, session):
    known = {*present, *(role["name"] for role in declared if role["state"] == "present")}
    for role in declared if session else ():
        for entry in role["member_of"] or []:
            item = entry if isinstance(entry, dict) else {"name": entry}
            wrong = sorted(set(item) - {"name", "inherit", "set", "admin", "state"})
            if wrong or not item.get("name"):
                raise Refused(
                    f"role {role['name']}: member_of has {entry!r}; accepted: a name, or a dictionary of "
                    "name, inherit, set, admin and state"
                )
            if item["name"] not in known and item.get("state") != "absent":
                raise Refused(
                    f"role {role['name']} is to be a member of {item['name']}, which does not exist; "
                    "declare it in roles, or correct the name"
                )


def _is_moment(session, stored, wanted):
    if wanted is None or stored is None:
        return wanted is None
    return session.value("select %s::timestamptz = %s::timestamptz", (stored, wanted))


def _refuse_losing_oneself(session, role):
    if session and role["superuser"] is False and role["name"] == session.value("select current_user"):
        raise Refused(f"role {role['name']} is the one this module is connected as and cannot cease to be superuser")


def _plan_drop(module, session, name, now):
    if name.startswith("pg_") or name == session.value("select current_user") or now["role_oid"] == 10:
        raise Refused(f"role {name} is PostgreSQL's own, or the one this module is connected as; it cannot be dropped")
    found = dependents(session, now["role_oid"], postgres.get_conn_params(module, module.params))
    connected = session.value("select count(*) from pg_catalog.pg_stat_activity where usename = %s", (name,))
    if connected:
        found.append(f"is connected in {connected} session{'s' if connected > 1 else ''}")
    # In check mode what the same run takes from it is still there.
    if found and not (module.check_mode and name in getattr(module, "changing_roles", ())):
        raise Refused(
            f"role {name} is not dropped: it {'; it '.join(found)}. "
            "Give what it owns to another role (REASSIGN OWNED), revoke its privileges, or keep the role."
        )
    change = Change(name, "dropped", before={"state": "present"}, after={"state": "absent"})
    change.add(f"drop role {identifier(name)}")
    return change


def work(module, session):
    changes = plan(module, session)
    # Roles are made before memberships name them.
    ordered = sorted(
        (
            (statement, shown)
            for change in changes
            for statement, shown in zip(change.statements, change.shown, strict=True)
        ),
        key=lambda pair: not pair[0].startswith("create role"),
    )
    if ordered and session:
        with session.transaction():
            for statement in QUIET:
                session.execute(statement)
            for statement, shown in ordered:
                session.queries.append(shown)
                if not module.check_mode:
                    session.execute(statement)
    return {
        "changed": bool(changes),
        "roles": [{"name": change.name, "action": change.action} for change in changes],
        "diff": [
            {
                "before_header": f"role {change.name}",
                "after_header": f"role {change.name}",
                "before": change.before,
                "after": change.after,
            }
            for change in changes
        ],
    }
