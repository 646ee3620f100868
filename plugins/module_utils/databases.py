# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""From databases and their extensions as they are and as they are declared to the statements in between."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused
from ansible_collections.pgops.fleet.plugins.module_utils.quoting import identifier, literal

# Extensions whose library has the extension's name and works only when the server loaded it at its start.
PRELOADED = {
    "citus", "pg_cron", "pg_stat_kcache", "pg_stat_monitor", "pg_stat_statements", "pg_wait_sampling", "pgaudit",
    "pglogical", "timescaledb",
}  # fmt: skip
CHANGEABLE = ("owner", "tablespace", "connection_limit", "comment")
SHOWN = ("owner", "encoding", "locale", "tablespace", "connection_limit", "comment")
DEFAULT_SCHEMA = "public"
PLPGSQL = {"version": "1.0", "schema": "pg_catalog", "relocatable": False}
UNKNOWN_VERSION = "newest"
EXAMPLES_SHOWN = 5

_DATABASES = """
select d.datname::text as name, pg_catalog.pg_get_userbyid(d.datdba)::text as owner,
    pg_catalog.pg_encoding_to_char(d.encoding)::text as encoding,
    case when d.datcollate = d.datctype then d.datcollate else d.datcollate || ' and ' || d.datctype end as locale,
    t.spcname::text as tablespace, d.datconnlimit as connection_limit,
    pg_catalog.shobj_description(d.oid, 'pg_database') as comment,
    d.datistemplate as is_template, d.datallowconn as allows_connections
from pg_catalog.pg_database d join pg_catalog.pg_tablespace t on t.oid = d.dattablespace
"""
_AVAILABLE = """
select v.name::text as name, v.version, v.schema::text as schema, v.relocatable, v.requires::text[] as requires,
    a.default_version
from pg_catalog.pg_available_extension_versions v join pg_catalog.pg_available_extensions a on a.name = v.name
"""
_PRESENT = """
select e.extname::text as name, e.extversion as version, n.nspname::text as schema, e.extrelocatable as relocatable
from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
"""
_SCHEMAS = "select nspname::text as name from pg_catalog.pg_namespace"
_UPDATE_PATH = """
select path is not null as found from pg_catalog.pg_extension_update_paths(%s) where source = %s and target = %s
"""
# What an extension brought belongs to it and goes with it.
_TABLES = """
select n.nspname || '.' || c.relname as name
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'f', 'm') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and not exists (select from pg_catalog.pg_depend d
        where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
union all
select 'large object ' || oid from pg_catalog.pg_largeobject_metadata
order by 1
"""


@dataclass
class Server:
    """What the server has; without a server nothing is known and nothing is missing."""

    known: bool = False
    databases: dict = field(default_factory=dict)
    available: dict = field(default_factory=dict)
    default_versions: dict = field(default_factory=dict)
    preloaded: str = ""

    def loads(self, library):
        return library in {entry.strip(' "').rsplit("/", 1)[-1] for entry in self.preloaded.split(",")}


def read_server(session, databases):
    """The Server behind a session; its extensions are read when some database declares one."""
    if session is None:
        return Server()
    server = Server(known=True, databases={row["name"]: row for row in session.rows(_DATABASES)})
    names = {extension["name"] for database in databases for extension in database["extensions"]}
    if names:
        for row in session.rows(_AVAILABLE):
            server.available.setdefault(row["name"], {})[row["version"]] = row
            server.default_versions[row["name"]] = row["default_version"]
    if names & PRELOADED:
        server.preloaded = session.value("select pg_catalog.current_setting('shared_preload_libraries')")
    return server


def read_contents(session):
    """What an ExtensionPlan starts from: the extensions of a database by name, and its schemas."""
    return {row.pop("name"): row for row in session.rows(_PRESENT)}, {row["name"] for row in session.rows(_SCHEMAS)}


def has_update_path(session, name, source, target):
    """Do the installed files lead from one version of an extension to another?"""
    return bool(session.value(_UPDATE_PATH, (name, source, target)))


def declared_extensions(database):
    """The extensions of a database as dictionaries with every key."""
    keys = {"name": None, "version": None, "schema": None, "state": "present"}
    extensions = []
    for given in database["extensions"] or []:
        item = {**keys, **({"name": given} if isinstance(given, str) else given if isinstance(given, dict) else {})}
        texts = all(item[key] is None or (isinstance(item[key], str) and item[key]) for key in ("version", "schema"))
        right = texts and item["name"] and isinstance(item["name"], str) and item["state"] in ("present", "absent")
        if set(item) != set(keys) or not right:
            raise Refused(
                f"database {database['name']}: extension {given!r}; accepted is a name, or a dictionary of name, version "
                "and schema (texts: a version such as '1.10' needs quotes in YAML) and state (present or absent)."
            )
        extensions.append(item)
    refuse_twice([item["name"] for item in extensions], f"database {database['name']}: extension")
    return extensions


def refuse_twice(names, kind):
    for name in names:
        if names.count(name) > 1:
            raise Refused(f"{kind} {name} is declared more than once. Give it one entry.")


def refuse_unchangeable(session, declared, found):
    """A database keeps the encoding and the locale it was made with."""
    encoding, name = declared["encoding"], declared["name"]
    if encoding:
        known = "select pg_catalog.pg_encoding_to_char(pg_catalog.pg_char_to_encoding(%s))::text"
        encoding = session.value(known, (encoding,))
        if not encoding:
            raise Refused(
                f"database {name}: encoding {declared['encoding']!r} is none that PostgreSQL knows; accepted is for "
                "example UTF8."
            )
    for attribute, asked in (("encoding", encoding), ("locale", declared["locale"])):
        if found and asked and _spelling(asked) != _spelling(found[attribute]):
            raise Refused(
                f"database {name} has the {attribute} {found[attribute]}, asked for is {asked}. A database keeps the "
                f"{attribute} it was made with: declare {found[attribute]}, or make a database of another name and move "
                "the data by pg_dump and pg_restore."
            )


def _spelling(name):
    """C.UTF-8 and C.utf8 are one locale to the operating system."""
    language, dot, codeset = name.partition(".")
    return language + dot + codeset.lower().replace("-", "")


def refuse_losing_tables(name, tables):
    if tables:
        more = f" and {len(tables) - EXAMPLES_SHOWN} more" if len(tables) > EXAMPLES_SHOWN else ""
        raise Refused(
            f"database {name} is not dropped: it holds {', '.join(tables[:EXAMPLES_SHOWN])}{more}. "
            "A database that holds tables is never dropped. Drop them first, or keep the database."
        )


def difference(name, before, after):
    """One entry of the module's diff; what is not known or not set is left out."""
    keys = (*SHOWN, "extensions")
    before, after = (
        {key: state[key] for key in keys if state.get(key) not in (None, "", {})} for state in (before, after)
    )
    return {"before_header": f"database {name}", "after_header": f"database {name}", "before": before, "after": after}


def shown_extensions(present, items, added=()):
    """Versions of the declared extensions that are there, with the schema where one is declared."""
    schemas = {**dict.fromkeys(added), **{item["name"]: item["schema"] for item in items}}
    return {
        name: present[name]["version"] + (f" in schema {present[name]['schema']}" if schema else "")
        for name, schema in sorted(schemas.items())
        if name in present
    }


def read_tables(session):
    """Names of what holds somebody's data in a database."""
    return [row["name"] for row in session.rows(_TABLES)]


def empty_contents():
    """What read_contents finds in a copy of template0."""
    return {"plpgsql": dict(PLPGSQL)}, {DEFAULT_SCHEMA, "pg_catalog"}


def template_of(declared):
    """The database a new one is copied from: only template0 may be copied with another encoding or locale."""
    return declared["template"] or ("template0" if declared["encoding"] or declared["locale"] else "template1")


def plan_database(declared, found):
    """The statements that make or change a database itself."""
    name, statements = identifier(declared["name"]), []
    if found is None:
        clauses = [f"create database {name}"]
        clauses += [f"owner {identifier(declared['owner'])}"] if declared["owner"] else []
        clauses.append(f"template {identifier(template_of(declared))}")
        clauses += [f"{key} {literal(declared[key])}" for key in ("encoding", "locale") if declared[key]]
        clauses += [f"tablespace {identifier(declared['tablespace'])}"] if declared["tablespace"] else []
        if declared["connection_limit"] is not None:
            clauses.append(f"connection limit {declared['connection_limit']}")
        statements.append(" ".join(clauses))
    else:
        for attribute, words in (("owner", "owner to"), ("tablespace", "set tablespace")):
            if declared[attribute] and declared[attribute] != found[attribute]:
                statements.append(f"alter database {name} {words} {identifier(declared[attribute])}")
        if declared["connection_limit"] not in (None, found["connection_limit"]):
            statements.append(f"alter database {name} connection limit {declared['connection_limit']}")
    if declared["comment"] is not None and declared["comment"] != ((found or {}).get("comment") or ""):
        statements.append(f"comment on database {name} is {literal(declared['comment'])}")
    return statements


class ExtensionPlan:
    """The statements for the extensions of one database; `present` becomes what they lead to.

    present, schemas: as of read_contents; missing(message) is told what the host or the server lacks;
    has_path(name, source, target) knows the updates.
    """

    def __init__(self, database, server, contents, missing, has_path):
        self.database, self.server, self.missing, self.has_path = database, server, missing, has_path
        self.present, self.schemas = contents
        self.statements = []

    def add(self, item):
        name = item["name"]
        if item["state"] == "absent":
            if self.present.pop(name, None):
                self.statements.append(f"drop extension {identifier(name)}")
        elif name in self.present:
            self._update(name, item["version"] or self.server.default_versions.get(name))
            self._move(name, item["schema"])
        else:
            self._create(name, item["version"], item["schema"])

    def _create(self, name, version, schema):
        home = self._install(name, version, schema)
        if schema and home not in (None, schema):
            raise Refused(
                f"database {self.database}: extension {name} goes into schema {home} by its control file, asked for is "
                f"{schema}. Declare {home}, or no schema."
            )
        words = [f"create extension {identifier(name)}"]
        if schema:
            # The server makes a schema that the control file names.
            if not home:
                self._make_schema(schema)
            words.append(f"schema {identifier(schema)}")
        words += [f"version {literal(version)}"] if version else []
        self.statements.append(" ".join([*words, "cascade"]))

    def _install(self, name, version, schema):
        """Note an extension and those it requires as present; returns the schema that its control file names."""
        self._check_host(name, version)
        version = version or self.server.default_versions.get(name) or UNKNOWN_VERSION
        entry = self.server.available.get(name, {}).get(version, {})
        home = entry.get("schema")
        self.present[name] = {
            "version": version,
            "schema": home or schema or DEFAULT_SCHEMA,
            "relocatable": entry.get("relocatable", True),
        }
        for required in entry.get("requires") or []:
            if required not in self.present:
                self._install(required, None, schema)
        return home

    def _check_host(self, name, version):
        versions = self.server.available.get(name)
        if not self.server.known:
            return
        if not versions:
            self.missing(
                f"database {self.database}: extension {name} is not installed on the host, pg_available_extensions does "
                "not name it. Install its package: Debian's are called like postgresql-18-cron, and "
                f"apt-file search extension/{name}.control finds it."
            )
        elif version and version not in versions:
            self.missing(
                f"database {self.database}: extension {name} is to have version {version}; installed on the host are "
                f"{', '.join(sorted(versions))}. Declare one of these, or install the package that has it."
            )
        if name in PRELOADED and not self.server.loads(name):
            self.missing(
                f"database {self.database}: extension {name} works only when the server loads it at its start, and the "
                f"server says shared_preload_libraries = '{self.server.preloaded}'. Add {name} to that setting, and "
                "restart the server or allow the restart that is pending."
            )

    def _update(self, name, version):
        now = self.present[name]
        if version in (None, now["version"]):
            return
        if not self.has_path(name, now["version"], version):
            self.missing(
                f"database {self.database}: extension {name} has version {now['version']}, and no update on the host "
                f"leads from it to {version}. Install the package that has one, or declare version '{now['version']}'."
            )
        self.statements.append(f"alter extension {identifier(name)} update to {literal(version)}")
        now["version"] = version

    def _move(self, name, schema):
        now = self.present[name]
        if schema in (None, now["schema"]):
            return
        if not now["relocatable"]:
            raise Refused(
                f"database {self.database}: extension {name} is in schema {now['schema']} and cannot be moved, asked for "
                f"is {schema}. Declare {now['schema']}, or drop the extension first (state: absent)."
            )
        self._make_schema(schema)
        self.statements.append(f"alter extension {identifier(name)} set schema {identifier(schema)}")
        now["schema"] = schema

    def _make_schema(self, name):
        if name not in self.schemas:
            self.statements.append(f"create schema {identifier(name)}")
            self.schemas.add(name)
