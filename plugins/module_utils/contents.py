# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Several declarations in one task: a process and a connection a database for all of them."""

from __future__ import annotations

import contextlib
import dataclasses

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.text.converters import to_text

from ansible_collections.community.postgresql.plugins.module_utils import postgres
from ansible_collections.pgops.fleet.plugins.module_utils import (
    declare_cron_jobs,
    declare_databases,
    declare_immvs,
    declare_partitions,
    declare_privileges,
    declare_publications,
    declare_roles,
    declare_scripts,
)
from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused, open_session, server_message

MAINTENANCE_DATABASE = "postgres"


@dataclasses.dataclass
class Part:
    """One declaration: what an operator calls it, who carries it out, in which database, with which options.

    Attributes:
        name: what it is, for headers and errors, e.g. C(SQL files).
        implementation: module with ARGUMENTS and work(module, session).
        login_db: database to connect to.
        options: options as the module of its own takes them.
    """

    name: str
    implementation: object
    login_db: str
    options: dict

    @property
    def label(self):
        return self.name if self.login_db == MAINTENANCE_DATABASE else f"{self.name} of database {self.login_db}"


class PartOfModule:
    """The module as one part sees it: its own options, warnings that name it, all else as it is.

    Attributes:
        changing_roles: roles that parts before it make or change; in check mode they are not there yet.
        changing_contents: whether a part before it changes what its database holds.
    """

    def __init__(self, module, part, options, done):
        self._module = module
        self._label = part.label
        self.params = {**module.params, "login_db": part.login_db, **options}
        self.changing_roles = {name for _part, result in done for name in changed_roles(result)}
        self.changing_contents = any(result["changed"] for earlier, result in done if earlier.login_db == part.login_db)

    def warn(self, message):
        self._module.warn(f"{self._label}: {message}")

    def __getattr__(self, name):
        return getattr(self._module, name)


class PartRefused(Exception):
    """A part could not be carried out; the message begins with its label."""


def declared_parts(parameters):
    """The parts in the order in which they need each other; what is declared empty is no part."""
    going = [role for role in parameters["roles"] if role.get("state") == "absent"]
    parts = [
        Part(
            "Roles", declare_roles, MAINTENANCE_DATABASE, {"roles": [r for r in parameters["roles"] if r not in going]}
        ),
        Part(
            "Databases and extensions", declare_databases, MAINTENANCE_DATABASE, {"databases": parameters["databases"]}
        ),
    ]
    for content in parameters["contents"]:
        for name, implementation, keys in (
            ("SQL files", declare_scripts, {"sets": "scripts"}),
            ("Partitions", declare_partitions, {"policies": "partitions"}),
            ("Incremental views", declare_immvs, {"views": "incremental_views"}),
            (
                "Privileges",
                declare_privileges,
                {"privileges": "privileges", "default_privileges": "default_privileges"},
            ),
            ("Publications", declare_publications, {"publications": "publications"}),
        ):
            options = {option: content[key] for option, key in keys.items()}
            parts.append(Part(name, implementation, content["database"], options))
    parts = [part for part in parts if any(part.options.values())]
    cron = parameters["cron"]
    if cron:
        options = {"jobs": cron["jobs"], "remove_undeclared": cron["remove_undeclared"]}
        parts.append(Part("Jobs", declare_cron_jobs, cron["database"], options))
    if going:
        # Last: what they may do, and the databases that they own, are taken from them before.
        parts.append(Part("Roles that go", declare_roles, MAINTENANCE_DATABASE, {"roles": going}))
    return parts


def validated(module, parts):
    """[(part, its options with defaults and types)]; secrets of all parts are known before any error is shown."""
    results = [(part, ArgumentSpecValidator(part.implementation.ARGUMENTS).validate(part.options)) for part in parts]
    for _part, result in results:
        module.no_log_values.update(result._no_log_values)
    for part, result in results:
        if result.error_messages:
            raise PartRefused(f"{part.label}: {'; '.join(result.error_messages)}")
    return [(part, result.validated_parameters) for part, result in results]


class Sessions:
    """A session a database, opened when first needed; each part finds it as if new."""

    def __init__(self):
        self._opened = {}

    def of(self, module):
        database = module.params["login_db"]
        if database not in self._opened:
            self._opened[database] = open_session(module)
        session = self._opened[database]
        if session:
            session.queries = []
        return session

    @staticmethod
    def give_back(session):
        """Settings and advisory locks end with the part that made them."""
        if session:
            session.execute("discard all")

    def close(self):
        for session in self._opened.values():
            if session:
                session.close()


def run_part(module, sessions, part, options, done):
    """Carry out one part after those that are done; returns its result with the statements."""
    view = PartOfModule(module, part, options, done)
    try:
        session = sessions.of(view)
        result = part.implementation.work(view, session)
        sessions.give_back(session)
    except Refused as refusal:
        raise PartRefused(f"{part.label}: {to_text(refusal)}") from refusal
    except getattr(postgres.psycopg, "Error", ()) as error:
        raise PartRefused(f"{part.label}: {server_message(error)}") from error
    return {**result, "queries": session.queries if session else []}


def changed_roles(result):
    """Roles that a part changes, by itself or by what they may do."""
    return {item["name"] for item in result.get("roles", ())} | {item["role"] for item in result.get("privileges", ())}


def run_parts(module, done):
    """Carry out all parts; `done` gets [(part, its result)] and so tells, after an error, what came before it."""
    with contextlib.closing(Sessions()) as sessions:
        for part, options in validated(module, declared_parts(module.params)):
            done.append((part, run_part(module, sessions, part, options, done)))
