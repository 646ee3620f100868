#!/usr/bin/python
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_partitions
short_description: Declare how partitioned tables are kept, and bring their partitions to it
version_added: 0.1.0
description:
  - Stores the policy of each partitioned table with C(pgops.set_partition_policy()) and has the engine apply its own
    plan with C(CALL pgops.partition_apply()), a transaction a step, with short waits for locks.
  - The engine is the SQL set C(pgops) of this collection. It keeps the tables by the same policies from then on,
    when C(CALL pgops.maintain()) runs as a job of pg_cron.
  - In check mode the plan is the engine's for the declared policy.
options:
  policies:
    description:
      - The policies, one a table.
    type: list
    elements: dict
    required: true
    suboptions:
      table:
        description:
          - The partitioned table with its schema, V(app.t1). Upper and lower case count.
        type: str
        required: true
      by:
        description:
          - How the table is cut. Required unless O(policies[].state=absent).
        type: dict
        suboptions:
          range:
            description:
              - Column of the partition key, of type C(date), C(timestamp) or C(timestamptz).
            type: str
            required: true
          every:
            description:
              - V(day), V(week) (from Monday), V(month), V(quarter) or V(year).
            type: str
            required: true
      name:
        description:
          - Pattern of the partitions' names with the fields C({year}), C({quarter}), C({month}), C({week}), C({day}).
            V(t1_{year}_{month}) gives C(t1_2026_11). Required unless O(policies[].state=absent).
        type: str
      ahead:
        description:
          - Number of coming periods that have a partition. The engine's default is 3.
        type: int
      behind:
        description:
          - Number of past periods that have a partition. The engine's default is 0.
        type: int
      default:
        description:
          - Whether there is a default partition, or its name. The engine's default is V(true).
        type: raw
      retention:
        description:
          - What becomes of old partitions. Without it they stay.
        type: dict
        suboptions:
          keep:
            description:
              - Age from which on a partition goes, such as V(24 months).
            type: str
            required: true
          then:
            description:
              - V(detach) keeps it as a table, V(drop) removes it with its rows.
            type: str
            required: true
      hooks:
        description:
          - Functions that the engine calls in the transaction of a step.
        type: dict
        suboptions:
          attached:
            description:
              - Function C((partition regclass)), called after a partition was made.
            type: str
          detaching:
            description:
              - Function C((partition regclass)), called before a partition goes.
            type: str
          moved:
            description:
              - Function C((source regclass, target regclass)), called after rows left the default partition.
            type: str
      time_zone:
        description:
          - Time zone whose midnights are the bounds. The engine's default is V(UTC).
        type: str
      storage_parameters:
        description:
          - Storage parameters of new partitions, such as C(fillfactor).
        type: dict
      state:
        description:
          - V(absent) makes the engine forget the table. Its partitions stay as they are.
        type: str
        choices: [present, absent]
        default: present
  apply:
    description:
      - Whether to have the plan carried out, or only to store the policies.
    type: bool
    default: true
notes:
  - PostgreSQL 16 or later.
extends_documentation_fragment:
  - pgops.fleet.declarative
  - community.postgresql.postgres
seealso:
  - module: pgops.fleet.postgresql_scripts
  - module: pgops.fleet.postgresql_cron_job
author:
  - pgops (@pgops)
"""

EXAMPLES = r"""
- name: A partition a month, three months ahead, detached after two years
  pgops.fleet.postgresql_partitions:
    login_db: transactions
    policies:
      - table: app.t1
        by: {range: date, every: month}
        name: "t1_{year}_{month}"
        ahead: 3
        retention: {keep: 24 months, then: detach}

- name: Stop keeping a table
  pgops.fleet.postgresql_partitions:
    login_db: transactions
    policies:
      - {table: app.t1, state: absent}
"""

RETURN = r"""
policies:
  description: The declared policies.
  returned: success
  type: list
  elements: dict
  contains:
    table:
      description: The partitioned table.
      type: str
      returned: always
      sample: app.t1
    change:
      description: What happened to the policy. V(declared), V(altered), V(removed) or V(none).
      type: str
      returned: always
      sample: none
    steps:
      description:
        - What the engine did, as in C(pgops.partition_plan()).
        - A step V(blocked) is what the policy wants and the engine cannot do, with the reason. It does not count as
          a change.
      type: list
      elements: dict
      returned: always
      sample:
        - operation: create
          partition_name: app.t1_2026_12
          lower_bound: "2026-12-01T00:00:00+00:00"
          upper_bound: "2027-01-01T00:00:00+00:00"
          row_count: 0
          description: create partition app.t1_2026_12
undeclared:
  description: Tables with a policy that are not in O(policies). They are left as they are.
  returned: success
  type: list
  elements: str
  sample: []
queries:
  description: Statements that were executed. In check mode those that would be.
  returned: always
  type: list
  elements: str
  sample: ["call pgops.partition_apply('app.t1'::regclass)"]
"""

from ansible_collections.pgops.fleet.plugins.module_utils.connection import run_module
from ansible_collections.pgops.fleet.plugins.module_utils.declare_partitions import ARGUMENTS, work


def main():
    run_module(ARGUMENTS, work)


if __name__ == "__main__":
    main()
