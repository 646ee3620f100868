#!/usr/bin/python
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_partition_operation
short_description: Change the partitions of a table while it is written to
version_added: 0.2.0
description:
  - Runs one operation of the engine on a partitioned table with C(pgops.operation_apply). Rows are copied in
    batches while the table is in use, and tables are exchanged in one short transaction at the end.
  - What is already as asked for is left alone, and RV(reason) says why. An operation that was interrupted goes on when it
    is asked for again with the same arguments.
  - The engine is the SQL set C(pgops) of this collection. Each operation leaves a record in C(pgops.operation).
  - While it runs, M(pgops.fleet.postgresql_partition_operation_info) shows how far it is.
options:
  table:
    description:
      - The table whose direct partitions are concerned, with its schema, V(app.event_logs). Upper and lower case count.
    type: str
    required: true
  operation:
    description:
      - V(add) makes a partition. Rows of the default partition that belong to it move along.
      - V(split) makes several partitions of one, V(merge) one of several.
      - V(drain) moves rows out of the default partition.
      - V(detach) makes a partition a table of its own. V(archive) moves its rows into an archive table.
      - V(drop) removes it with its rows.
      - V(convert) makes a plain table a partitioned one, or one of another strategy. The old table is kept in step with the
        new one until V(undo), which makes it again what it was with all that was written since, or V(finish).
      - V(resume), V(cancel) and V(switch) act on the operation that is under way on the table. V(cancel) takes it back, which
        is possible until its switch. V(switch) says that O(switch=wait) is over.
    type: str
    required: true
    choices: [add, split, merge, drain, detach, archive, drop, convert, undo, finish, resume, cancel, switch]
  arguments:
    description:
      - What is asked for, by O(operation). A piece is C(name) with C(from) (included) and C(to) (excluded), or with C(values),
        or with C(modulus) and C(remainder). Dates and times without a zone are those of the time zone of the table's policy,
        UTC without one.
      - V(add) takes the keys of a piece.
      - V(split) takes C(partition), and C(into), a list of pieces, or C(every) and C(name), a pattern.
      - V(merge) takes C(partitions), a list of names, and C(into), a name.
      - V(drain) takes C(partitions), a list of pieces, or nothing for those that the table's policy makes.
      - V(detach) takes C(partition). V(drop) takes it and, when the partition has rows, C(rows) with the value C(discard).
      - V(archive) takes C(partition), C(into), the archive table with its schema, and C(reason).
      - V(convert) takes the keys of a policy, C(by) and C(name) at least, and C(old_name), by default the table's name with
        C(_old). With C(new_name) the table stays and a second one of this name is kept in step with it. C(wider_keys) has
        unique constraints that lack a column of the partition key made wider.
      - V(finish) takes C(drop_old), whether to drop the old table; V(undo) takes C(discard_changes), whether what was changed of
        the table's definition since it was converted may be lost.
    type: dict
    default: {}
  run:
    description:
      - V(false) only begins the operation, which takes no lock and copies nothing, so that O(operation=resume) can run it
        elsewhere, for instance with C(async).
    type: bool
    default: true
  lock_budget_ms:
    description:
      - Longest time in milliseconds from asking for the locks of a switch until they are given back. When it is not
        enough, the engine gives way and tries again. The engine's default is 100.
    type: int
  batch_blocks:
    description:
      - Blocks of 8 kB that are copied in one transaction. The engine's default is 200.
    type: int
  max_replay_keys:
    description:
      - Changed rows that may be left to be carried along under the locks of the switch. The engine's default is 50.
    type: int
  switch:
    description:
      - V(wait) keeps the new tables up to date until O(operation=switch) is asked for by another task. The engine's default
        is V(now).
    type: str
    choices: [now, wait]
  switch_after:
    description:
      - A time, such as V(2026-12-01 03:00 UTC), before which the tables are not exchanged.
    type: str
notes:
  - PostgreSQL 16 or later.
  - Inside O(arguments), quote times in YAML. What is not quoted reaches the engine as YAML has read it.
extends_documentation_fragment:
  - pgops.fleet.declarative
  - community.postgresql.postgres
seealso:
  - module: pgops.fleet.postgresql_partition_operation_info
  - module: pgops.fleet.postgresql_partitions
author:
  - pgops (@pgops)
"""

EXAMPLES = r"""
- name: Weeks instead of a month
  pgops.fleet.postgresql_partition_operation:
    login_db: application
    table: app.event_logs
    operation: split
    arguments:
      partition: event_logs_2026_11
      every: week
      name: "event_logs_{year}_{month}_{day}"

- name: Two regions in one partition, exchanged at night
  pgops.fleet.postgresql_partition_operation:
    login_db: application
    table: app.orders
    operation: merge
    arguments: {partitions: [orders_de, orders_fr], into: orders_eu}
    switch_after: "2026-12-01 03:00 UTC"

- name: Take back what is under way
  pgops.fleet.postgresql_partition_operation:
    login_db: application
    table: app.orders
    operation: cancel
"""

RETURN = r"""
reason:
  description: What was done and what it cost, or why there was nothing to do. In check mode what would be done.
  returned: success
  type: str
  sample: >-
    split of app.event_logs: done, 5,000,000 rows in 11.2 s, strongest locks held for 5.1 ms, no writer waited for it
    longer than 19.4 ms, 812.4 MB of WAL meanwhile
plan:
  description:
    - The steps of C(pgops.operation_plan), with the locks that they take and the rows that they read or move.
    - Empty when an operation goes on, and when there is nothing to do.
  returned: success
  type: list
  elements: dict
  sample:
    - step: 1
      action: create
      object_name: app.event_logs_2026_w45
      lock_level: ACCESS SHARE on app.event_logs
      row_count: null
      description: make a table for values from ('2026-11-02') to ('2026-11-09')
record:
  description: The engine's record of the operation, empty while there is none.
  returned: success
  type: dict
  contains:
    operation_id:
      description: Its number.
      type: int
      returned: when there is one
    state:
      description: V(planned), V(copying), V(replaying), V(waiting), V(switching), V(finishing), V(kept), V(done), V(failed),
        V(cancelled), V(undone).
      type: str
      returned: when there is one
    row_count:
      description: Rows concerned. An estimate until the old and the new tables were compared.
      type: int
      returned: when there is one
    copied_rows:
      description: Rows copied so far.
      type: int
      returned: when there is one
    duration_ms:
      description: Milliseconds since it was begun.
      type: int
      returned: when there is one
    longest_wait_ms:
      description: Longest time in milliseconds that a writer can have waited for it.
      type: float
      returned: when there is one
    lock_held_ms:
      description: Milliseconds under the strongest lock in the switch that succeeded.
      type: float
      returned: when there is one
    tries:
      description: How often it asked for locks and gave way.
      type: int
      returned: when there is one
    wal_bytes:
      description: WAL that the server wrote during its steps, that of others included.
      type: int
      returned: when there is one
    error:
      description: What stopped it, or made it try again.
      type: str
      returned: when there is one
queries:
  description: Statements that were executed. In check mode those that would be.
  returned: always
  type: list
  elements: str
  sample: ["call pgops.operation_cancel(7)"]
"""

from ansible_collections.pgops.fleet.plugins.module_utils.connection import run_module
from ansible_collections.pgops.fleet.plugins.module_utils.partition_operation import ARGUMENTS, work


def main():
    run_module(ARGUMENTS, work)


if __name__ == "__main__":
    main()
