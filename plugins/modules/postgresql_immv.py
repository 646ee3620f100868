#!/usr/bin/python
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_immv
short_description: Declare incremental views of pg_ivm
version_added: 0.1.0
description:
  - Makes, rebuilds and drops incrementally maintained views (IMMV) of the extension pg_ivm, with owner, indexes
    and comment.
  - A view is rebuilt when its query is another one in the server's own words, when pg_ivm no longer maintains it
    (a plain table after pg_dump and restore, triggers that are missing or disabled, not populated),
    or when its contents are wrong and O(views[].verify_contents) asks for them.
  - A rebuilt view is filled under another name first, while readers use the old one, and then takes its place in one
    short transaction. Owner, privileges, comments, indexes and plain views that read it are carried over.
    Anything else that hangs on it is named in an error before anything is touched.
  - While a view is filled, writers of its base tables wait, readers do not.
  - Names of declared views are kept in the table C(pgops.declared_immv). A plain table is replaced only when its
    name is found there, so a table of somebody else is never dropped.
options:
  views:
    description:
      - The views.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name with its schema, V(app.t1_totals). Upper and lower case count.
        type: str
        required: true
      query:
        description:
          - Query of the view. All names in it must have their schema, and its base tables must be plain tables.
          - Required unless O(views[].state=absent).
        type: str
      owner:
        description:
          - Role that owns the view and in whose name pg_ivm maintains it.
            It needs C(CREATE) on the schema and C(SELECT) on the base tables.
          - Without it O(login_user) owns a new view, and an existing one keeps its owner.
        type: str
      indexes:
        description:
          - Indexes of the view. pg_ivm itself makes a unique one on the grouping columns or the base table's key.
          - Indexes that are not declared are left alone.
        type: list
        elements: dict
        default: []
        suboptions:
          columns:
            description:
              - Columns of the index.
            type: list
            elements: str
            required: true
          unique:
            description:
              - Whether the index is unique.
            type: bool
            default: false
          name:
            description:
              - Name of the index, without a schema.
              - Without it any index on these columns will do, and a new one is called after view and columns.
            type: str
          method:
            description:
              - Access method.
            type: str
            default: btree
      comment:
        description:
          - Comment on the view. An empty one removes it, without this option it is left alone.
        type: str
      verify_contents:
        description:
          - Compare the contents with the query's result at each run, which reads both as a whole.
        type: bool
        default: false
      state:
        description:
          - V(absent) drops the view.
        type: str
        choices: [present, absent]
        default: present
  lock_timeout_seconds:
    description:
      - How long a statement waits for a lock. Everybody else queues behind it in the meantime.
    type: float
    default: 0.5
  tries:
    description:
      - How often a step is tried when a lock was not free.
    type: int
    default: 20
notes:
  - PostgreSQL 16 or later with pg_ivm 1.14 or later.
  - In check mode RV(queries) lists the main statements. Those that carry over indexes, privileges and comments
    to a rebuilt view are known only when it is there.
extends_documentation_fragment:
  - pgops.fleet.declarative
  - community.postgresql.postgres
seealso:
  - name: pg_ivm
    description: What queries can be maintained incrementally, and at what price.
    link: https://github.com/sraoss/pg_ivm
author:
  - pgops (@pgops)
"""

EXAMPLES = r"""
- name: Totals by client and type of operation, right after every statement
  pgops.fleet.postgresql_immv:
    login_db: transactions
    views:
      - name: app.t1_totals
        owner: transactions_owner
        query: >-
          select client_id, operation_type, sum(amount) as amount, count(*) as transactions
          from app.t1_completed group by client_id, operation_type
        indexes:
          - columns: [operation_type]

- name: Drop a view
  pgops.fleet.postgresql_immv:
    login_db: transactions
    views:
      - {name: app.t1_totals, state: absent}
"""

RETURN = r"""
views:
  description: The declared views.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the view.
      type: str
      returned: always
      sample: app.t1_totals
    change:
      description: V(created), V(rebuilt), V(altered), V(adopted) (made elsewhere before), V(removed) or V(none).
      type: str
      returned: always
      sample: rebuilt
    reasons:
      description: Why.
      type: list
      elements: str
      returned: always
      sample: ["3 of pg_ivm's 8 triggers on app.t1_completed are missing or disabled"]
undeclared:
  description: Names of views that were declared before and are not in O(views). They are left as they are.
  returned: success
  type: list
  elements: str
  sample: []
queries:
  description: Statements that changed something.
  returned: always
  type: list
  elements: str
  sample: ["select pgivm.create_immv('\"app\".\"t1_totals\"', 'select ...')"]
"""

from ansible_collections.pgops.fleet.plugins.module_utils.connection import run_module
from ansible_collections.pgops.fleet.plugins.module_utils.declare_immvs import ARGUMENTS, work


def main():
    run_module(ARGUMENTS, work)


if __name__ == "__main__":
    main()
