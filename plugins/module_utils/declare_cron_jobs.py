# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Jobs of pg_cron."""

from __future__ import annotations

from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused, extension
from ansible_collections.pgops.fleet.plugins.module_utils.cron_jobs import ATTRIBUTES, declared_jobs, plan
from ansible_collections.pgops.fleet.plugins.module_utils.cron_server import (
    apply_changes,
    existing_jobs,
    refuse_wrong_server,
    role_problems,
)

JOB = {
    "name": {"type": "str", "required": True},
    "every": {"type": "str"},
    "cron": {"type": "str"},
    "run": {"type": "str"},
    "as": {"type": "str"},
    "database": {"type": "str"},
    "active": {"type": "bool", "default": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}
ARGUMENTS = {
    "jobs": {"type": "list", "elements": "dict", "required": True, "options": JOB},
    "remove_undeclared": {"type": "bool", "default": False},
    "declared_by": {"type": "str", "default": "pgops"},
}


def check_server(module, session, jobs):
    """Refuse what cannot work; in check mode it is a warning where an earlier task may still mend it."""
    if not module.check_mode or extension(session, "pg_cron"):
        refuse_wrong_server(session, jobs)
    changing = getattr(module, "changing_roles", ())
    problems = role_problems(session, [job for job in jobs if job["user"] not in changing])
    may_be_mended = module.check_mode and getattr(module, "changing_contents", True)
    if problems and not may_be_mended:
        raise Refused("No job was changed. " + ". ".join(problems) + ".")
    for problem in problems:
        module.warn(problem)


def work(module, session):
    parameters = module.params
    declared = declared_jobs(parameters["jobs"], parameters["login_user"], parameters["login_db"])
    if session:
        check_server(module, session, [job for job in declared if job["state"] == "present"])
    changes, undeclared = plan(
        declared, existing_jobs(session), parameters["declared_by"], parameters["remove_undeclared"]
    )
    effective = [change for change in changes if change.action != "none"]
    if effective and session:
        with session.transaction(keep=not module.check_mode):
            apply_changes(session, effective, parameters["declared_by"])
    for row in undeclared:
        if row["name"] in {job["name"] for job in declared} and not row["declared_by"]:
            module.warn(
                f"a job {row['name']} of user {row['user']} was made elsewhere and runs beside the declared one"
            )
    return {
        "changed": bool(effective),
        "diff": [
            {
                "before_header": f"job {change.name}",
                "after_header": f"job {change.name}",
                "before": change.before or "",
                "after": change.after or "",
            }
            for change in effective
        ],
        "jobs": [
            {
                "name": change.name,
                "change": change.action,
                **{key: change.after[key] for key in ATTRIBUTES if change.after},
            }
            for change in changes
        ],
        "undeclared": [{key: row[key] for key in ("name", *ATTRIBUTES, "declared_by")} for row in undeclared],
    }
