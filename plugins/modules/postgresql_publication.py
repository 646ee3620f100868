#!/usr/bin/python
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_publication
short_description: Declare the publications of a database
version_added: 0.1.0
description:
  - Makes, changes and drops publications for logical replication.
  - A table that is no longer named leaves its publication; its subscribers keep the rows they have.
  - Publications that are not named are left alone and returned as RV(undeclared).
options:
  publications:
    description:
      - The publications.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name of the publication.
        type: str
        required: true
      tables:
        description:
          - Tables with their schema, V(app.t1), or dictionaries with C(name), C(columns) and C(where).
            A partitioned table is named by its root.
          - With neither O(publications[].tables) nor O(publications[].schemas) the publication is empty.
        type: list
        elements: raw
        default: []
      schemas:
        description:
          - Schemas all of whose tables are published, also tables made later.
        type: list
        elements: str
        default: []
      via_root:
        description:
          - Publish changes of partitions as changes of their root, so that the subscriber may be partitioned differently.
        type: bool
        default: false
      operations:
        description:
          - Operations that are published.
        type: list
        elements: str
        choices: [insert, update, delete, truncate]
        default: [insert, update, delete, truncate]
      owner:
        description:
          - Role that owns it. Without it O(login_user) owns a new publication, and an existing one keeps its owner.
        type: str
      state:
        description:
          - V(absent) drops the publication.
        type: str
        choices: [present, absent]
        default: present
notes:
  - PostgreSQL 16 or later. The server needs C(wal_level = logical) before anybody can subscribe.
extends_documentation_fragment:
  - pgops.fleet.declarative
  - community.postgresql.postgres
author:
  - pgops (@pgops)
"""

EXAMPLES = r"""
- name: Publish a partitioned table through its root
  pgops.fleet.postgresql_publication:
    login_db: transactions
    publications:
      - {name: t1_publication, tables: [app.t1], via_root: true}

- name: Publish some columns of some rows
  pgops.fleet.postgresql_publication:
    login_db: shop
    publications:
      - name: open_orders
        tables:
          - {name: app.orders, columns: [id, state], where: state <> 'closed'}
        operations: [insert, update]
"""

RETURN = r"""
publications:
  description: What was done to each, V(created), V(altered), V(removed) or V(none).
  returned: success
  type: list
  elements: dict
  sample: [{"name": "t1_publication", "change": "created"}]
undeclared:
  description: Names of the database's other publications.
  returned: success
  type: list
  elements: str
queries:
  description: Statements that changed something.
  returned: always
  type: list
  elements: str
  sample: ['create publication "t1_publication" for table "app"."t1" with (publish = ''insert'')']
"""

from ansible_collections.pgops.fleet.plugins.module_utils.connection import run_module
from ansible_collections.pgops.fleet.plugins.module_utils.declare_publications import ARGUMENTS, work


def main():
    run_module(ARGUMENTS, work)


if __name__ == "__main__":
    main()
