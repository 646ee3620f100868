#!/usr/bin/python
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_privileges
short_description: Declare who may do what in a database
version_added: 0.1.0
description:
  - Makes the privileges of a role on an object exactly as declared, all in one transaction. What the role has beyond
    that is revoked, from whomever it was granted by. Pairs of role and object that are not named are left alone.
  - Where one item is about all objects in a schema and another about one of them, the latter counts for that object.
options:
  privileges:
    description: Privileges on objects that exist.
    type: list
    elements: dict
    default: []
    suboptions:
      role:
        description: Role, or V(public) for everybody.
        type: str
        required: true
      object:
        description:
          - Object, as a kind and a name with its schema, for example V(database transactions), V(schema app),
            V(table app.t1), V(sequence app.t1_id_seq), V(function app.f(integer\)), V(type app.kind),
            V(parameter log_statement).
          - Or all objects of a kind, for example V(all tables in schema app). Views, materialized views, partitions
            and foreign tables count as tables.
        type: str
        required: true
      privileges:
        description: Privileges, or V(all). An empty list revokes everything.
        type: list
        elements: str
      grant_option:
        description: Whether the role may pass them on.
        type: bool
        default: false
      grantor:
        description: Role that grants what is missing, by C(SET ROLE). By default the owner does.
        type: str
      state:
        description: V(absent) is the same as no privileges, and takes a missing role or object for done.
        type: str
        choices: [present, absent]
        default: present
  default_privileges:
    description: Privileges on objects that will be made.
    type: list
    elements: dict
    default: []
    suboptions:
      role:
        description: Role that gets them, or V(public).
        type: str
        required: true
      object:
        description: Kind of objects; V(routines) is the same as V(functions).
        type: str
        choices: [tables, sequences, functions, routines, types, schemas]
        required: true
      for_role:
        description: Role that will make the objects.
        type: str
        required: true
      in_schema:
        description: Schema the objects will be in. By default any. In one schema privileges can only be added.
        type: str
      privileges:
        description: Privileges, or V(all). An empty list revokes everything.
        type: list
        elements: str
      grant_option:
        description: Whether the role may pass them on.
        type: bool
        default: false
      state:
        description: V(absent) is the same as no privileges.
        type: str
        choices: [present, absent]
        default: present
notes:
  - PostgreSQL 16 or later. Connects as a superuser.
  - In check mode an object or a role that does not exist is taken for one that an earlier task would make.
extends_documentation_fragment:
  - pgops.fleet.declarative
  - community.postgresql.postgres
author:
  - pgops (@pgops)
"""

EXAMPLES = r"""
- name: Nothing for everybody, reading for the reader
  become: true
  become_user: postgres
  pgops.fleet.postgresql_privileges:
    login_db: transactions
    privileges:
      - {role: public, object: database transactions, privileges: []}
      - {role: public, object: schema public, privileges: []}
      - {role: transactions_reader, object: database transactions, privileges: [connect]}
      - {role: transactions_reader, object: schema app, privileges: [usage]}
      - {role: transactions_reader, object: all tables in schema app, privileges: [select]}
    default_privileges:
      - role: transactions_reader
        for_role: transactions_owner
        in_schema: app
        object: tables
        privileges: [select]
"""

RETURN = r"""
privileges:
  description:
    - Each item that changed something, with the privileges C(before) and C(after) by object. An asterisk marks those
      that may be passed on.
  returned: success
  type: list
  elements: dict
  sample:
    - {role: reader, object: all tables in schema app, before: {table app.t1: ""}, after: {table app.t1: select}}
queries:
  description: Statements that changed something.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.pgops.fleet.plugins.module_utils.connection import run_module
from ansible_collections.pgops.fleet.plugins.module_utils.declare_privileges import ARGUMENTS, work


def main():
    run_module(ARGUMENTS, work)


if __name__ == "__main__":
    main()
