#!/usr/bin/python
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_partition_operation_info
short_description: Tell how far an operation on the partitions of a table is
version_added: 0.2.0
description:
  - Reads the engine's record of the last operation on a table, or of a given one. Refuses a table or an engine that is not
    there, but in check mode, where they may be still to be made.
  - With O(watch=true) it looks again and again until the operation has ended, and prints how far it is while it waits.
options:
  login_db:
    description:
      - Database to connect to.
    type: str
    required: true
  table:
    description:
      - The table with its schema, V(app.event_logs). Upper and lower case count.
    type: str
    required: true
  operation_id:
    description:
      - Number of the operation. By default the last one that was begun on the table.
    type: int
  watch:
    description:
      - Whether to wait until the operation is done, cancelled or has failed, or waits for a switch that nobody has asked
        for, or is run by nobody for O(patience_seconds).
    type: bool
    default: false
  interval_seconds:
    description:
      - Time between two looks.
    type: int
    default: 2
  patience_seconds:
    description:
      - How long nobody may run the operation before the watch ends.
    type: int
    default: 30
notes:
  - PostgreSQL 16 or later.
  - The watch happens in an action plugin, on the host where Ansible runs. What it prints is no part of the result.
extends_documentation_fragment:
  - community.postgresql.postgres
attributes:
  check_mode:
    description: Changes nothing anyway.
    support: full
  diff_mode:
    description: Has nothing to show.
    support: none
  action:
    description: With O(watch=true) an action plugin calls the module again and again.
    support: full
seealso:
  - module: pgops.fleet.postgresql_partition_operation
author:
  - pgops (@pgops)
"""

EXAMPLES = r"""
- name: Watch an operation that another session runs
  pgops.fleet.postgresql_partition_operation_info:
    login_db: application
    table: app.event_logs
    watch: true
  register: operation

- name: Say what came of it
  ansible.builtin.debug:
    msg: "{{ operation.words }}"
"""

RETURN = r"""
record:
  description:
    - The record as M(pgops.fleet.postgresql_partition_operation) returns it, and C(is_run), whether a session runs it at
      the moment. Empty when there is none.
  returned: success
  type: dict
words:
  description: How far it is, or what has become of it, in one line.
  returned: success
  type: str
  sample: "split of app.event_logs: copied 1,200,000 of about 5,000,000 rows (24 %), 3.1 s"
"""

from ansible_collections.pgops.fleet.plugins.module_utils import partition_operations as engine
from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused, run_module
from ansible_collections.pgops.fleet.plugins.module_utils.partition_operation import ready
from ansible_collections.pgops.fleet.plugins.module_utils.partition_operation_words import in_words

ARGUMENTS = {
    "table": {"type": "str", "required": True},
    "operation_id": {"type": "int"},
    "watch": {"type": "bool", "default": False},
    "interval_seconds": {"type": "int", "default": 2},
    "patience_seconds": {"type": "int", "default": 30},
}


def work(module, session):
    table, number = module.params["table"], module.params["operation_id"]
    record = None
    if ready(session, table, module.check_mode):
        record = engine.record(session, number) if number else engine.latest_record(session, table)
    if number and record is None:
        raise Refused(f"there is no operation {number} in database {module.params['login_db']}.")
    words = in_words(record) if record else f"no operation was ever begun on {table}"
    return {"changed": False, "record": record or {}, "words": words}


def main():
    run_module(ARGUMENTS, work)


if __name__ == "__main__":
    main()
