#!/usr/bin/python
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_cron_job
short_description: Declare the pg_cron jobs of a cluster
version_added: 0.1.0
description:
  - Makes, alters and removes jobs of pg_cron, all in one transaction, so that jobs are never half changed.
  - The name is a job's key. A job that was declared under another user is moved to the new one and keeps its history.
  - What this module made is remembered in the table C(pgops.declared_job) of O(login_db).
    A job that somebody else made is adopted when its name and user are declared, and left alone otherwise.
  - Schedules, roles and databases are checked before anything is changed.
options:
  login_db:
    description:
      - Database in which pg_cron lives, the value of the setting C(cron.database_name).
  jobs:
    description:
      - The jobs.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name of the job.
        type: str
        required: true
      every:
        description:
          - Interval of 1 to 59 seconds, written as V(5 seconds). Needs pg_cron 1.5.
          - A job has either O(jobs[].every) or O(jobs[].cron).
        type: str
      cron:
        description:
          - Schedule in cron's five fields, in the time zone of C(cron.timezone), or a keyword such as V(@daily).
          - V($) as the day of the month is the month's last day. It needs pg_cron 1.6.
        type: str
      run:
        description:
          - SQL command to run. Required unless O(jobs[].state=absent).
        type: str
      as:
        description:
          - Role that the job runs as. It must be allowed to log in and to connect to the job's database.
          - Without it O(login_user).
        type: str
      database:
        description:
          - Database that the job runs in.
          - Without it O(login_db).
        type: str
      active:
        description:
          - An inactive job stays declared and is not started.
        type: bool
        default: true
      state:
        description:
          - V(absent) removes the job of this name and user, and every job of this name that was declared before.
        type: str
        choices: [present, absent]
        default: present
  remove_undeclared:
    description:
      - Also remove jobs that were declared before under the same O(declared_by) and are no longer in O(jobs).
      - Jobs that were made in another way are never removed by this.
    type: bool
    default: false
  declared_by:
    description:
      - Name under which the declared jobs are remembered.
        Give each list of jobs its own when several lists are applied to one cluster with O(remove_undeclared=true).
    type: str
    default: pgops
notes:
  - PostgreSQL 16 or later with pg_cron 1.4 or later. O(login_user) must be a superuser to declare jobs of other roles.
extends_documentation_fragment:
  - pgops.fleet.declarative
  - community.postgresql.postgres
seealso:
  - name: pg_cron
    description: Schedules and settings.
    link: https://github.com/citusdata/pg_cron
author:
  - pgops (@pgops)
"""

EXAMPLES = r"""
- name: Declare all jobs of the cluster, remove those that were declared before and are gone
  pgops.fleet.postgresql_cron_job:
    login_db: transactions
    remove_undeclared: true
    jobs:
      - {name: t1-insert, every: 5 seconds, run: CALL app.insert_transaction(), as: transactions_jobs}
      - {name: partition-maintenance, cron: "10 3 * * *", run: CALL pgops.maintain(), as: transactions_jobs}
      - {name: month-end, cron: "0 22 $ * *", run: CALL app.close_month(), database: ledger, active: false}

- name: Remove a job
  pgops.fleet.postgresql_cron_job:
    login_db: transactions
    jobs:
      - {name: t1-advance, as: transactions_jobs, state: absent}
"""

RETURN = r"""
jobs:
  description: The declared jobs and those that were removed.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the job.
      type: str
      returned: always
      sample: t1-insert
    change:
      description: V(created), V(altered), V(adopted) (made elsewhere before), V(removed) or V(none).
      type: str
      returned: always
      sample: altered
    schedule:
      description: Schedule as pg_cron stores it.
      type: str
      returned: unless removed
      sample: 5 seconds
    command:
      description: SQL command.
      type: str
      returned: unless removed
      sample: CALL app.insert_transaction()
    user:
      description: Role that the job runs as.
      type: str
      returned: unless removed
      sample: transactions_jobs
    database:
      description: Database that the job runs in.
      type: str
      returned: unless removed
      sample: transactions
    active:
      description: Whether the job is started.
      type: bool
      returned: unless removed
      sample: true
undeclared:
  description: Jobs of the cluster that are not in O(jobs), and are left as they are.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the job, null for one without.
      type: str
      returned: always
      sample: vacuum
    declared_by:
      description: Under which name it was declared before, null for a job that was made elsewhere.
      type: str
      returned: always
      sample: null
    schedule:
      description: Schedule as pg_cron stores it.
      type: str
      returned: always
      sample: 5 seconds
    command:
      description: SQL command.
      type: str
      returned: always
      sample: CALL app.insert_transaction()
    user:
      description: Role that the job runs as.
      type: str
      returned: always
      sample: transactions_jobs
    database:
      description: Database that the job runs in.
      type: str
      returned: always
      sample: transactions
    active:
      description: Whether the job is started.
      type: bool
      returned: always
      sample: true
queries:
  description: Statements that were executed. In check mode those that would be.
  returned: always
  type: list
  elements: str
  sample: ["select cron.alter_job(3, schedule := '5 seconds')"]
"""

from ansible_collections.pgops.fleet.plugins.module_utils.connection import run_module
from ansible_collections.pgops.fleet.plugins.module_utils.declare_cron_jobs import ARGUMENTS, work


def main():
    run_module(ARGUMENTS, work)


if __name__ == "__main__":
    main()
