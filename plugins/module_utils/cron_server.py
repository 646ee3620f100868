# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a server with pg_cron has and can run."""

from __future__ import annotations

from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused, extension, table_exists
from ansible_collections.pgops.fleet.plugins.module_utils.cron_schedule import version_problem

MINIMUM_VERSION = "1.4"


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
