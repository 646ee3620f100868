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

import contextlib

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.community.postgresql.plugins.module_utils import postgres
from ansible_collections.pgops.fleet.plugins.module_utils import databases as plans
from ansible_collections.pgops.fleet.plugins.module_utils.connection import (
    Refused,
    Session,
    connect,
    open_session,
    server_message,
)
from ansible_collections.pgops.fleet.plugins.module_utils.quoting import identifier


@contextlib.contextmanager
def connected(module, session, name):
    """A session in another database, whose statements are kept with those of the first."""
    if name == module.params["login_db"]:
        yield session
        return
    parameters = {**postgres.get_conn_params(module, module.params), "dbname": name}
    try:
        other = Session(connect(parameters), module.check_mode)
    except postgres.psycopg.OperationalError as error:
        raise Refused(f"database {name}: cannot connect to it: {server_message(error)}") from error
    other.queries = session.queries
    try:
        yield other
    finally:
        other.close()


def execute(session, name, statements):
    for statement in statements:
        try:
            session.change(statement)
        except postgres.psycopg.Error as error:
            raise Refused(f"database {name}: {statement}: {server_message(error)}") from error


def refuse_bad(module, session, server, databases):
    """All that can be refused before anything is touched."""
    plans.refuse_twice([database["name"] for database in databases], "database")
    for database in databases:
        name, found = database["name"], server.databases.get(database["name"])
        if database["state"] == "present":
            if session:
                plans.refuse_unchangeable(session, database, found)
        elif found:
            if found["is_template"] or name == module.params["login_db"]:
                raise Refused(f"database {name} is a template or the one of login_db, and is not dropped. Keep it.")
            with connected(module, session, name) as other:
                plans.refuse_losing_tables(name, plans.read_tables(other))


def contents_database(module, server, database):
    """Where the extensions of a database are to be seen: in check mode a new one has those of its template."""
    if database["name"] in server.databases or not module.check_mode:
        return database["name"]
    template = plans.template_of(database)
    return template if server.databases.get(template, {}).get("allows_connections") else None


def change_extensions(module, session, server, database):
    """Bring the extensions to what is declared; returns them before and after, and whether anything was to do."""
    name, items = database["name"], database["extensions"]
    if not items:
        return {}, {}, False

    def missing(message):
        if not module.check_mode:
            raise Refused(message)
        module.warn(message)

    home = contents_database(module, server, database) if session else None
    with connected(module, session, home) if home else contextlib.nullcontext() as other:
        contents = plans.read_contents(other) if other else plans.empty_contents()
        before = {extension: dict(found) for extension, found in contents[0].items()}
        plan = plans.ExtensionPlan(
            name, server, contents, missing, lambda *update: other is None or plans.has_update_path(other, *update)
        )
        for item in items:
            plan.add(item)
        if session:
            execute(other or session, name, plan.statements)
    after = plans.shown_extensions(plan.present, items, added=set(plan.present) - set(before))
    return plans.shown_extensions(before, items), after, bool(plan.statements)


def drop_database(session, name, found):
    if found is None:
        return "none", None
    execute(session, name, [f"drop database {identifier(name)}"])
    return "removed", plans.difference(name, found, {})


def apply_database(module, session, server, database):
    """Bring one database to what is declared; returns what was done and its difference."""
    name = database["name"]
    found = server.databases.get(name)
    if database["state"] == "absent":
        return drop_database(session, name, found)
    statements = plans.plan_database(database, found)
    if session:
        execute(session, name, statements)
    before, after, changed = change_extensions(module, session, server, database)
    if found and not statements and not changed:
        return "none", None
    state = {**(found or database), **{key: database[key] for key in plans.CHANGEABLE if database[key] is not None}}
    return "altered" if found else "created", plans.difference(
        name, {**found, "extensions": before} if found else {}, {**state, "extensions": after}
    )


def work(module, session):
    databases = [
        {**database, "extensions": plans.declared_extensions(database)} for database in module.params["databases"]
    ]
    server = plans.read_server(session, databases)
    refuse_bad(module, session, server, databases)
    results = [(database["name"], *apply_database(module, session, server, database)) for database in databases]
    return {
        "changed": any(change != "none" for _name, change, _difference in results),
        "diff": [difference for _name, _change, difference in results if difference],
        "databases": [{"name": name, "change": change} for name, change, _difference in results],
    }


def main():
    text = {"type": "str"}
    database = {
        "name": {"type": "str", "required": True},
        **dict.fromkeys(("owner", "encoding", "locale", "template", "tablespace", "comment"), text),
        "connection_limit": {"type": "int"},
        "extensions": {"type": "list", "elements": "raw", "default": []},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }
    specification = postgres.postgres_common_argument_spec()
    specification["login_db"] = {"type": "str", "default": "postgres"}
    specification["databases"] = {"type": "list", "elements": "dict", "required": True, "options": database}
    module = AnsibleModule(argument_spec=specification, supports_check_mode=True)
    session = None
    try:
        session = open_session(module)
        result = work(module, session)
    except Refused as refusal:
        module.fail_json(msg=str(refusal), queries=session.queries if session else [])
    except getattr(postgres.psycopg, "Error", ()) as error:
        module.fail_json(msg=server_message(error), queries=session.queries if session else [])
    finally:
        if session:
            session.close()
    module.exit_json(queries=session.queries if session else [], **result)


if __name__ == "__main__":
    main()
