#!/usr/bin/python
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_login_usage_info
short_description: Watch whether anybody is connected as a role
version_added: 0.2.0
description:
  - Looks at a server, or at a pooler, several times a second until nobody has been connected as the role for some
    time, or until waiting has taken too long.
  - Changes nothing.
options:
  role:
    description: The role that is watched, as which clients log in.
    type: str
    required: true
  quiet_seconds:
    description: Seconds for which nobody may be connected as the role before it counts as unused.
    type: int
    default: 60
  wait_seconds:
    description: Seconds after which the next connection that is seen ends the watch; with V(0) the first does.
    type: int
    default: 0
  pooler:
    description: Ask the console of PgBouncer for its clients; the login parameters are the console's.
    type: bool
    default: false
  login_db:
    description: Database to connect to.
    type: str
    default: postgres
notes:
  - Of a connection that lasts less than a fifth of a second it may see nothing.
  - Behind a pooler in transaction mode a client has no connection to the server while it is idle, so poolers have to be
    watched, too.
attributes:
  check_mode:
    support: full
    description: Changes nothing in any mode.
  diff_mode:
    support: none
    description: Changes nothing.
extends_documentation_fragment:
  - community.postgresql.postgres
author:
  - pgops (@pgops)
"""

EXAMPLES = r"""
- name: Wait up to ten minutes until nobody has used it for a minute
  become: true
  become_user: postgres
  pgops.fleet.postgresql_login_usage_info:
    role: app_user_a
    quiet_seconds: 60
    wait_seconds: 600
  register: usage
"""

RETURN = r"""
unused:
  description: Whether nobody was connected as the role for O(quiet_seconds).
  returned: success
  type: bool
users:
  description: Who was, at the last look that saw anybody - address, application and number of connections.
  returned: success
  type: list
  elements: dict
  sample:
    - {address: 192.0.2.20, application: shop, connections: 4}
"""

import time

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.community.postgresql.plugins.module_utils import postgres
from ansible_collections.pgops.fleet.plugins.module_utils.connection import Session, connect, server_message

LOOK_SECONDS = 0.1
OPTIONS = {
    "role": {"type": "str", "required": True},
    "quiet_seconds": {"type": "int", "default": 60},
    "wait_seconds": {"type": "int", "default": 0},
    "pooler": {"type": "bool", "default": False},
    "login_db": {"type": "str", "default": "postgres"},
}
SESSIONS = """
select pg_catalog.host(client_addr) as address, application_name as application
from pg_catalog.pg_stat_activity
where usename = %(role)s
"""


def on_server(session, role):
    """Return address and application of each connection of the role."""
    return session.rows(SESSIONS, {"role": role})


def at_pooler(session, role):
    """Return the same of a pooler's clients; its console takes no parameters."""
    return [
        {"address": row["addr"], "application": row.get("application_name") or ""}
        for row in session.rows("show clients")
        if row["user"] == role
    ]


def grouped(rows):
    """Return each pair of address and application with the number of its connections."""
    pairs = [(row["address"] or "socket", row["application"]) for row in rows]
    return [
        {"address": address, "application": application, "connections": pairs.count((address, application))}
        for address, application in sorted(set(pairs))
    ]


def watch(look, quiet_seconds, wait_seconds, clock=time.monotonic, sleep=time.sleep):
    """Return ``(unused, users)``: whether nothing was seen for quiet_seconds, and what was seen last.

    Whoever is seen when waiting has ended ends it; who has gone by then is still watched for.
    """
    begun = quiet_since = clock()
    users = []
    while True:
        seen, now = look(), clock()
        if seen:
            quiet_since, users = now, seen
            if now - begun >= wait_seconds:
                return False, users
        elif now - quiet_since >= quiet_seconds:
            return True, users
        sleep(LOOK_SECONDS)


def main():
    module = AnsibleModule(argument_spec=postgres.postgres_common_argument_spec() | OPTIONS, supports_check_mode=True)
    postgres.ensure_required_libs(module)
    ask = at_pooler if module.params["pooler"] else on_server
    try:
        session = Session(connect(postgres.get_conn_params(module, module.params)))
        unused, users = watch(
            lambda: grouped(ask(session, module.params["role"])),
            module.params["quiet_seconds"],
            module.params["wait_seconds"],
        )
    except postgres.psycopg.OperationalError as error:
        module.fail_json(
            msg=f"the connection by which {module.params['role']} is watched for was lost, by a restart perhaps: run it again. "
            f"{server_message(error)}"
        )
    except postgres.psycopg.Error as error:
        module.fail_json(msg=server_message(error))
    module.exit_json(changed=False, unused=unused, users=users)


if __name__ == "__main__":
    main()
