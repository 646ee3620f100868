# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Databases and their extensions."""

from __future__ import annotations

import contextlib

from ansible_collections.community.postgresql.plugins.module_utils import postgres
from ansible_collections.pgops.fleet.plugins.module_utils import databases as plans
from ansible_collections.pgops.fleet.plugins.module_utils.connection import (
    Refused,
    Session,
    connect,
    server_message,
)
from ansible_collections.pgops.fleet.plugins.module_utils.quoting import identifier

TEXT = {"type": "str"}
DATABASE = {
    "name": {"type": "str", "required": True},
    "owner": TEXT,
    "encoding": TEXT,
    "locale": TEXT,
    "template": TEXT,
    "tablespace": TEXT,
    "comment": TEXT,
    "connection_limit": {"type": "int"},
    "extensions": {"type": "list", "elements": "raw", "default": []},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}
ARGUMENTS = {
    "login_db": {"type": "str", "default": "postgres"},
    "databases": {"type": "list", "elements": "dict", "required": True, "options": DATABASE},
}


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
