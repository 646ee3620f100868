#!/usr/bin/python
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_database
short_description: Declare databases and their extensions
version_added: 0.1.0
description:
  - Makes, changes and drops databases, and creates, updates, moves and drops their extensions.
  - All databases of a server are one task. Only a database that has extensions declared, or is to be dropped,
    gets a connection of its own.
  - A database that holds tables is never dropped. Databases and extensions that are not named are left alone.
options:
  login_db:
    description:
      - Database to connect to first. It is none of those to be dropped.
    type: str
    required: false
    default: postgres
  databases:
    description:
      - The databases.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name of the database.
        type: str
        required: true
      owner:
        description:
          - Role that owns it. Without it O(login_user) owns a new database, and an existing one keeps its owner.
        type: str
      encoding:
        description:
          - Character set of a new database, such as V(UTF8). An existing database with another one is refused.
        type: str
      locale:
        description:
          - Locale of a new database, such as V(C.UTF-8). An existing database with another one is refused.
        type: str
      template:
        description:
          - Database that a new one is copied from. The default is V(template0) with O(databases[].encoding) or
            O(databases[].locale), V(template1) without.
        type: str
      tablespace:
        description:
          - Default tablespace. Nobody may be connected to a database that is moved.
        type: str
      connection_limit:
        description:
          - Connections at once, V(-1) for no limit.
        type: int
      comment:
        description:
          - Comment on the database. An empty one removes it.
        type: str
      extensions:
        description:
          - Extensions in the order in which they are made, by name or as dictionaries with C(name), C(version),
            C(schema) and C(state).
          - Without C(version) an extension is kept at the default version of what is installed on the host.
          - A C(schema) that is missing is made. An extension that is elsewhere moves, if it can.
          - The extensions that one requires are made with it, into the same schema.
          - C(state=absent) drops an extension unless something else needs it.
        type: list
        elements: raw
        default: []
      state:
        description:
          - V(absent) drops a database without tables.
        type: str
        choices: [present, absent]
        default: present
notes:
  - PostgreSQL 16 or later.
  - In check mode an extension that the host or the server lacks is a warning, because an earlier task may
    be about to install it or to restart the server. Whether something needs an extension that is to be dropped, and
    whether somebody is connected to a database that is to be dropped, is known to the server alone, and only in a run.
extends_documentation_fragment:
  - pgops.fleet.declarative
  - community.postgresql.postgres
author:
  - pgops (@pgops)
"""

EXAMPLES = r"""
- name: A database with its extensions
  become: true
  become_user: postgres
  pgops.fleet.postgresql_database:
    databases:
      - name: transactions
        owner: transactions_owner
        encoding: UTF8
        locale: C.UTF-8
        comment: Transactions and their totals
        extensions:
          - pg_cron
          - {name: pg_ivm, version: "1.17"}
          - {name: pgcrypto, schema: extensions}

- name: Drop an empty database
  become: true
  become_user: postgres
  pgops.fleet.postgresql_database:
    databases:
      - {name: trial, state: absent}
"""

RETURN = r"""
databases:
  description: What was done to each, V(created), V(altered), V(removed) or V(none). Extensions count.
  returned: success
  type: list
  elements: dict
  sample: [{"name": "transactions", "change": "created"}]
queries:
  description: Statements that changed something. In check mode those that would.
  returned: always
  type: list
  elements: str
  sample: ['create database "transactions" owner "transactions_owner" template "template1"']
"""

from ansible_collections.pgops.fleet.plugins.module_utils.connection import run_module
from ansible_collections.pgops.fleet.plugins.module_utils.declare_databases import ARGUMENTS, work


def main():
    run_module(ARGUMENTS, work)


if __name__ == "__main__":
    main()
