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
          - How the table is cut, by one of O(policies[].by.range), O(policies[].by.list) and O(policies[].by.hash).
            Required unless O(policies[].state=absent).
        type: dict
        suboptions:
          range:
            description:
              - Column of the partition key of a table partitioned by C(RANGE).
            type: str
          every:
            description:
              - With O(policies[].by.range). V(day), V(week) (from Monday), V(month), V(quarter) or V(year) for a
                column of type C(date), C(timestamp) or C(timestamptz).
              - A whole number for C(smallint), C(integer), C(bigint) or C(numeric), whose multiples are the bounds.
              - Without it the partitions stand in O(policies[].partitions).
            type: str
          list:
            description:
              - Column of the partition key of a table partitioned by C(LIST). The partitions stand in
                O(policies[].partitions).
            type: str
          hash:
            description:
              - Column of the partition key of a table partitioned by C(HASH).
            type: str
          modulus:
            description:
              - With O(policies[].by.hash). Number of partitions.
            type: int
      name:
        description:
          - Pattern of the partitions' names. By time with the fields C({year}), C({quarter}), C({month}), C({week}),
            C({day}), by number with C({from}), C({to}), by hash with C({remainder}).
            V(t1_{year}_{month}) gives C(t1_2026_11). Required unless the partitions stand in O(policies[].partitions).
        type: str
      partitions:
        description:
          - The partitions of a table by C(LIST), or by C(RANGE) without O(policies[].by.every).
        type: list
        elements: dict
        suboptions:
          name:
            description:
              - Name of the partition, without schema.
            type: str
            required: true
          from:
            description:
              - C(RANGE). First value of the partition. Without it the partition has no lower end.
            type: str
          to:
            description:
              - C(RANGE). Value that the partition ends before. Without it the partition has no upper end.
            type: str
          values:
            description:
              - C(LIST). The values of the partition. V(null) is C(NULL).
            type: list
            elements: raw
      ahead:
        description:
          - Number of coming periods that have a partition, by number after that of the highest key. The engine's
            default is 3.
        type: int
      behind:
        description:
          - Number of past periods that have a partition. The engine's default is 0.
        type: int
      default:
        description:
          - Whether there is a default partition, or its name. The engine's default is V(true). A table by C(HASH) has
            none.
        type: raw
      retention:
        description:
          - What becomes of old partitions. Without it they stay.
        type: dict
        suboptions:
          keep:
            description:
              - Age from which on a partition goes, such as V(24 months). For a key of numbers how far it lies below the
                highest key.
            type: str
            required: true
          then:
            description:
              - V(keep) leaves it, V(detach) keeps it as a table, V(archive) moves its rows into another table, V(drop)
                removes it with its rows.
            type: str
            required: true
          into:
            description:
              - With V(archive). The table that takes the rows, with its schema.
            type: str
          reason:
            description:
              - With V(archive). What the rows say of it.
            type: str
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
      tablespace:
        description:
          - Tablespace of new partitions. Without it that of the table.
        type: str
      indexes:
        description:
          - Indexes of new partitions beyond those of the table.
        type: list
        elements: dict
        suboptions:
          columns:
            description:
              - Columns of the index.
            type: list
            elements: str
            required: true
          include:
            description:
              - Columns that are stored in the index and not searched.
            type: list
            elements: str
          method:
            description:
              - Access method. The server's default is V(btree).
            type: str
          unique:
            description:
              - Whether a second row of the same values is refused, within one partition.
            type: bool
      subpartitions:
        description:
          - How each new partition is partitioned in turn. A policy with the same keys but O(policies[].table),
            O(policies[].retention), O(policies[].hooks) and O(policies[].state), itself with subpartitions or not. Names
            in it have the field C({parent}), the name of the partition above.
          - The default partition is not partitioned.
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

- name: A table by region, one by hash, and one by quarter and category
  pgops.fleet.postgresql_partitions:
    login_db: shop
    policies:
      - table: app.orders
        by: {list: region}
        partitions:
          - {name: orders_europe, values: [de, fr]}
          - {name: orders_elsewhere, values: [us, null]}
      - table: app.users
        by: {hash: id, modulus: 4}
        name: "users_p{remainder}"
      - table: app.sales
        by: {range: sale_date, every: quarter}
        name: "sales_{year}_q{quarter}"
        subpartitions:
          by: {list: category}
          partitions:
            - {name: "{parent}_books", values: [books]}

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
          parent_name: app.t1
          bound: FOR VALUES FROM ('2026-12-01 00:00:00+00') TO ('2027-01-01 00:00:00+00')
          lower_bound: "2026-12-01 00:00:00+00"
          upper_bound: "2027-01-01 00:00:00+00"
          row_count: null
          subpartitions: null
          description: make app.t1_2026_12 for date from 2026-12-01 00:00:00+00 up to 2027-01-01 00:00:00+00
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
