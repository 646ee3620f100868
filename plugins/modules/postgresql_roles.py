#!/usr/bin/python
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_roles
short_description: Declare roles with attributes, passwords, memberships and settings
version_added: 0.1.0
description:
  - Makes roles as declared, all in one transaction. An attribute, membership or setting that is not named is left as
    it is, and so are roles that are not named.
  - Passwords are turned into SCRAM-SHA-256 verifiers before they are sent, so that none reaches the server in clear.
    An unchanged password is recognised by its stored salt and iterations, and not written again.
  - A role that owns something, has privileges or is connected is not dropped; the error names what is in the way.
options:
  roles:
    description: The roles. A role may be a member of one that stands later in the list.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the role.
        type: str
        required: true
      login:
        description: Whether it may log in. A new role may not unless this is set.
        type: bool
      superuser:
        description: Whether it bypasses all privileges.
        type: bool
      createdb:
        description: Whether it may create databases.
        type: bool
      createrole:
        description: Whether it may create roles.
        type: bool
      inherit:
        description: Whether memberships granted to it from now on inherit by default.
        type: bool
      replication:
        description: Whether it may start replication.
        type: bool
      bypassrls:
        description: Whether it bypasses row security.
        type: bool
      connection_limit:
        description: Connections at once; V(-1) for no limit.
        type: int
      password:
        description: Password in clear, or a SCRAM-SHA-256 verifier.
        type: str
      valid_until:
        description: Moment from which the password is refused, for example V(2027-01-01 00:00:00+00) or V(infinity).
        type: str
      member_of:
        description:
          - Roles it is a member of, each a name or a dictionary of C(name), C(inherit), C(set), C(admin) (booleans;
            an option that is not named stays as it is, or as PostgreSQL grants it by default) and C(state).
        type: list
        elements: raw
      settings:
        description: Settings of its sessions in any database. A null or V(default) takes one back.
        type: dict
      database_settings:
        description: Settings of its sessions in one database, by the database's name. The database must exist.
        type: dict
      comment:
        description: Comment on the role.
        type: str
      state:
        description: V(absent) drops the role.
        type: str
        choices: [present, absent]
        default: present
notes:
  - PostgreSQL 16 or later. Connects as a superuser, since only these read stored passwords.
extends_documentation_fragment:
  - pgops.fleet.declarative
  - community.postgresql.postgres
author:
  - pgops (@pgops)
"""

EXAMPLES = r"""
- name: Owner, jobs and application
  become: true
  become_user: postgres
  pgops.fleet.postgresql_roles:
    login_db: postgres
    roles:
      - name: transactions_owner
        comment: Owns the objects of the database transactions
      - name: transactions_jobs
        login: true
        member_of:
          - {name: transactions_owner, inherit: false, set: true}
      - name: transactions_app
        login: true
        password: "{{ transactions_app_password }}"
        connection_limit: 50
        settings:
          search_path: [app]
          statement_timeout: 30s
"""

RETURN = r"""
roles:
  description: What was done to each role that changed, or would be.
  returned: success
  type: list
  elements: dict
  sample:
    - {name: transactions_jobs, action: created}
queries:
  description: Statements that changed something, with secrets hidden.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.pgops.fleet.plugins.module_utils.connection import run_module
from ansible_collections.pgops.fleet.plugins.module_utils.declare_roles import ARGUMENTS, work


def main():
    run_module(ARGUMENTS, work)


if __name__ == "__main__":
    main()
