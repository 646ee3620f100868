# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a server with pg_cron has and can run, and how its jobs are changed."""

from __future__ import annotations

from ansible_collections.pgops.fleet.plugins.module_utils.connection import (
    Refused,
    ensure_bookkeeping,
    extension,
    table_exists,
)
from ansible_collections.pgops.fleet.plugins.module_utils.cron_jobs import ATTRIBUTES
from ansible_collections.pgops.fleet.plugins.module_utils.cron_schedule import version_problem

MINIMUM_VERSION = "1.4"
DECLARED_JOB = """
    jobid bigint primary key,
    name text not null,
    declared_by text not null,
    declared_at timestamptz not null default now()
"""
DECLARED_JOB_COMMENT = "Jobs of pg_cron (cron.job) that were declared through Ansible, and under which name."
REMEMBER = "on conflict (jobid) do update set name = excluded.name, declared_by = excluded.declared_by"


def existing_jobs(session):
    """All jobs of the cluster. A job counts as declared while it has the name under which it was declared."""
    if session is None or extension(session, "pg_cron") is None:
        return []
    declared_by = "null::text"
    if table_exists(session, "pgops.declared_job"):
        declared_by = """(select d.declared_by from pgops.declared_job d
                          where d.jobid = j.jobid and d.name = j.jobname)"""
    return session.rows(
        f"""
        select j.jobid, j.jobname::text as name, j.schedule, j.command, j.username as "user", j.database, j.active,
               {declared_by} as declared_by
        from cron.job j order by j.jobname, j.username, j.jobid
        """
    )


def refuse_wrong_server(session, jobs):
    """The extension must be here, and know the schedules."""
    installed = extension(session, "pg_cron")
    database = session.value("select current_database()")
    if installed is None:
        configured = session.value("select current_setting('cron.database_name', true)")
        raise Refused(
            f"database {database} has no extension pg_cron; cron.database_name is {configured or 'not set'}. "
            "Connect to that database, put pg_cron into shared_preload_libraries, restart and CREATE EXTENSION pg_cron."
        )
    numbers = [int(part) for part in installed["version"].replace("-", ".").split(".")]
    if numbers < [int(part) for part in MINIMUM_VERSION.split(".")]:
        raise Refused(
            f"pg_cron {installed['version']} is installed in database {database}; {MINIMUM_VERSION} or later is "
            "needed. Install it and ALTER EXTENSION pg_cron UPDATE."
        )
    for job in jobs:
        problem = version_problem(job["schedule"], installed["version"])
        if problem:
            raise Refused(f"job {job['name']}: schedule {job['schedule']!r}: {problem}")


def role_problems(session, jobs):
    """What would keep the jobs from running, which pg_cron itself tells only at run time, if at all."""
    problems = []
    for job in jobs:
        found = session.row(
            """
            select r.rolname is not null as role_exists, d.datname is not null as database_exists,
                   r.rolcanlogin as can_login, has_database_privilege(r.oid, d.oid, 'connect') as can_connect
            from (select 1) one
            left join pg_catalog.pg_roles r on r.rolname = %s
            left join pg_catalog.pg_database d on d.datname = %s
            """,
            (job["user"], job["database"]),
        )
        for key, problem in (
            ("role_exists", f"role {job['user']} does not exist"),
            ("database_exists", f"database {job['database']} does not exist"),
            ("can_login", f"role {job['user']} is not allowed to log in, so pg_cron cannot run a job as it"),
            ("can_connect", f"role {job['user']} has no CONNECT privilege on database {job['database']}"),
        ):
            if found[key] is False:
                problems.append(f"job {job['name']}: {problem}")
    return problems


def apply_change(session, change, declared_by):
    if change.action == "created":
        after = change.after
        session.change(
            f"""
            insert into pgops.declared_job (jobid, name, declared_by)
            select cron.schedule_in_database(%s, %s, %s, %s, %s, %s), %s, %s {REMEMBER}
            """,
            (
                *(change.name, after["schedule"], after["command"], after["database"], after["user"], after["active"]),
                *(change.name, declared_by),
            ),
        )
    elif change.action == "removed":
        session.change("select cron.unschedule(%s::bigint)", (change.jobid,))
    elif change.action in ("altered", "adopted"):
        alter_job(session, change)
        session.change(
            f"insert into pgops.declared_job (jobid, name, declared_by) values (%s, %s, %s) {REMEMBER}",
            (change.jobid, change.name, declared_by),
        )


def alter_job(session, change):
    arguments = {"schedule": "schedule", "command": "command", "database": "database", "user": "username"}
    differing = [key for key in ATTRIBUTES if change.before[key] != change.after[key]]
    if differing:
        named = ", ".join(f"{arguments.get(key, key)} := %s" for key in differing)
        session.change(f"select cron.alter_job(%s, {named})", (change.jobid, *(change.after[key] for key in differing)))


def apply_changes(session, changes, declared_by):
    ensure_bookkeeping(session, "declared_job", DECLARED_JOB, DECLARED_JOB_COMMENT)
    for change in changes:
        apply_change(session, change, declared_by)
    session.change("delete from pgops.declared_job d where not exists (select from cron.job j where j.jobid = d.jobid)")
