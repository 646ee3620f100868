#!/usr/bin/python
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_scripts
short_description: Apply sets of versioned and repeatable SQL files
version_added: 0.1.0
description:
  - Applies SQL files that were named as in Flyway. C(V001__create_t1.sql) runs once, in the order of versions.
    C(R__procedures.sql) runs whenever its text changed, in the order of names, after all versioned files.
  - A file is one transaction, so a run that is interrupted continues with the first file that is missing.
  - What was applied is kept with its text in the table C(pgops.applied_script) of the database,
    which is made when missing.
  - A versioned file that was edited, removed, or added below an applied version is refused.
    For an edited one the error shows the difference.
  - The texts are given as they are and never templated.
options:
  sets:
    description:
      - Sets of files, applied in this order.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name of the set, under which its files are remembered.
        type: str
        required: true
      role:
        description:
          - Role that the files run as, by C(SET ROLE), and which owns what they make.
          - Without it they run as O(login_user).
        type: str
      scripts:
        description:
          - The files of the set, in any order.
        type: list
        elements: dict
        required: true
        suboptions:
          name:
            description:
              - File name, C(V<number>__<description>.sql) or C(R__<description>.sql).
            type: str
            required: true
          content:
            description:
              - Text of the file. SQL only, no command of psql, no C(BEGIN), C(COMMIT) or C(ROLLBACK).
            type: str
            required: true
  lock_timeout_seconds:
    description:
      - How long one statement of a file waits for a lock. Writers queue behind a waiting statement,
        so a short wait that is repeated disturbs less than a long one.
      - V(0) waits without a limit.
    type: float
    default: 2
  tries:
    description:
      - How often a file is tried when a lock was not free, or on a deadlock.
    type: int
    default: 10
  wait_for_other_run_seconds:
    description:
      - How long to wait for another run that applies scripts to the same database.
    type: int
    default: 300
notes:
  - PostgreSQL 16 or later.
  - The check-mode result does not depend on the database or the roles existing yet.
extends_documentation_fragment:
  - pgops.fleet.declarative
  - community.postgresql.postgres
seealso:
  - name: Flyway's names of migrations
    description: The naming that the files follow.
    link: https://documentation.red-gate.com/flyway/flyway-concepts/migrations
author:
  - pgops (@pgops)
"""

EXAMPLES = r"""
- name: Apply the engine and the system's own files
  pgops.fleet.postgresql_scripts:
    login_db: transactions
    sets:
      - name: pgops
        scripts: "{{ 'files/sql/pgops' | pgops.fleet.sql_set }}"
      - name: transactions
        role: transactions_owner
        scripts: "{{ 'files/sql/transactions' | pgops.fleet.sql_set }}"

- name: Apply two files that are written here
  pgops.fleet.postgresql_scripts:
    login_db: shop
    sets:
      - name: shop
        role: shop_owner
        scripts:
          - name: V001__create_item.sql
            content: create table app.item (item_id bigint primary key);
          - name: R__item_count.sql
            content: create or replace view app.item_count as select count(*) from app.item;
"""

RETURN = r"""
scripts:
  description: The files that were applied, in order. In check mode those that would be.
  returned: success
  type: list
  elements: dict
  contains:
    set:
      description: Name of the set.
      type: str
      returned: always
      sample: shop
    name:
      description: Name of the file.
      type: str
      returned: always
      sample: R__item_count.sql
    kind:
      description: V(versioned) or V(repeatable).
      type: str
      returned: always
      sample: repeatable
    reason:
      description: V(new), or V(changed) for a repeatable file with another text than before.
      type: str
      returned: always
      sample: changed
    statements:
      description: Number of statements in the file.
      type: int
      returned: always
      sample: 1
sets:
  description: Each declared set.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the set.
      type: str
      returned: always
      sample: shop
    files:
      description: Number of its files.
      type: int
      returned: always
      sample: 2
    applied:
      description: Number of files that were applied by this run.
      type: int
      returned: always
      sample: 1
    undeclared:
      description: Repeatable files that were applied once and are no longer in the set. What they made is still there.
      type: list
      elements: str
      returned: always
      sample: []
queries:
  description: Statements that were executed around the files. A file stands there as a comment with its name.
  returned: always
  type: list
  elements: str
  sample: ["-- shop/R__item_count.sql"]
"""

from ansible_collections.pgops.fleet.plugins.module_utils.connection import run_module
from ansible_collections.pgops.fleet.plugins.module_utils.declare_scripts import ARGUMENTS, work


def main():
    run_module(ARGUMENTS, work)


if __name__ == "__main__":
    main()
