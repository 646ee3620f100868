# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Declared jobs against those that pg_cron has: which to make, alter, adopt and remove. No server is asked here."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused
from ansible_collections.pgops.fleet.plugins.module_utils.cron_schedule import (
    ACCEPTED_CRON,
    ACCEPTED_INTERVAL,
    normal_cron,
    normal_interval,
)

ATTRIBUTES = ("schedule", "command", "user", "database", "active")


@dataclass(frozen=True)
class Change:
    """What happens to one job. `before` and `after` hold ATTRIBUTES and `declared`; None means that it is not there."""

    action: str  # created, altered, adopted, removed or none
    name: str
    jobid: int | None
    before: dict | None
    after: dict | None


def declared_jobs(jobs, default_user, default_database):
    """The jobs with their defaults, or Refused with everything that is wrong with them."""
    problems, declared, names = [], [], set()
    for job in jobs:
        name = job["name"]
        if name in names:
            problems.append(f"job {name} is declared twice")
        names.add(name)
        normal = {
            "name": name,
            "state": job["state"],
            "command": (job["run"] or "").strip(),
            "user": job["as"] or default_user,
            "database": job["database"] or default_database,
            "active": job["active"],
        }
        if job["state"] == "present":
            problems += _problems(job)
            normal["schedule"] = None if _problems(job) else _schedule(job)
        declared.append(normal)
    if problems:
        raise Refused("Nothing was changed. " + ". ".join(problems) + ".")
    return declared


def _schedule(job):
    return normal_interval(job["every"]) if job["every"] else normal_cron(job["cron"])


def _problems(job):
    name = job["name"]
    problems = [] if (job["run"] or "").strip() else [f"job {name} has nothing to run: set run to an SQL command"]
    if bool(job["every"]) == bool(job["cron"]):
        found = f"every {job['every']!r} and cron {job['cron']!r}" if job["every"] else "no schedule"
        return [
            *problems,
            f"job {name} has {found}: set either every ({ACCEPTED_INTERVAL}) or cron ({ACCEPTED_CRON})",
        ]
    try:
        _schedule(job)
    except ValueError as error:
        option = "every" if job["every"] else "cron"
        problems.append(f"job {name}: {option} {job[option]!r} is not a schedule: {error}")
    return problems


def plan(declared, existing, declared_by, remove_undeclared):
    """(changes, undeclared jobs). `existing` rows have jobid, name, ATTRIBUTES and declared_by (None: not ours)."""
    changes, claimed = [], set()
    for job in declared:
        same_name = [row for row in existing if row["name"] == job["name"]]
        ours = [row for row in same_name if row["declared_by"]]
        exact = [row for row in same_name if row["user"] == job["user"]]
        kept = (exact or ours or [None])[0]
        if job["state"] == "absent":
            superfluous = exact + [row for row in ours if row not in exact]
            if not superfluous:
                changes.append(Change("none", job["name"], None, None, None))
        else:
            changes.append(_change(job, kept))
            superfluous = [row for row in ours if row is not kept]
            claimed.update([kept["jobid"]] if kept else [])
        changes += [_removal(row) for row in superfluous]
        claimed.update(row["jobid"] for row in superfluous)
    undeclared = [row for row in existing if row["jobid"] not in claimed]
    if remove_undeclared:
        changes += [_removal(row) for row in undeclared if row["declared_by"] == declared_by]
        undeclared = [row for row in undeclared if row["declared_by"] != declared_by]
    return changes, undeclared


def _change(job, row):
    after = {**{key: job[key] for key in ATTRIBUTES}, "declared": True}
    if row is None:
        return Change("created", job["name"], None, None, after)
    before = _attributes(row)
    if before == after:
        return Change("none", job["name"], row["jobid"], before, after)
    return Change("altered" if before["declared"] else "adopted", job["name"], row["jobid"], before, after)


def _removal(row):
    return Change("removed", row["name"], row["jobid"], _attributes(row), None)


def _attributes(row):
    return {**{key: row[key] for key in ATTRIBUTES}, "declared": bool(row["declared_by"])}
