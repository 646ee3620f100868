# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What may stand in the lists of the inventory, as data.

Each list is a variable ``postgresql_<list>`` of the environment, ``postgresql_host_<list>`` of one
host, and a key of the dictionary ``postgresql_system`` that a system role sets.
"""

from __future__ import annotations

SYSTEM_VARIABLE = "postgresql_system"
VARIABLE_PREFIX = "postgresql_"
HOST_PREFIX = "postgresql_host_"


def field(kind, meaning, required=False, **more):
    """Describe one attribute: its kind (see field_kinds.py), meaning, and limits of the kind."""
    return {"kind": kind, "meaning": meaning, "required": required, **more}


def _state(meaning="present, or absent to have it removed"):
    return field("choice", meaning, choices=("present", "absent"))


_DATABASE = field("identifier", "database it belongs to; default: the first declared but postgres, a system's own")

_EXTENSION = {
    "name": field("identifier", "extension", required=True),
    "version": field("text", "version; default: the newest installed"),
    "schema": field("identifier", "schema its objects go into"),
    "state": _state(),
}

_SCRIPT_SET = {
    "name": field("identifier", "folder of the set", required=True),
    "role": field(
        "identifier", "role the files run as; default: the database's owner, for the engine pgops the superuser"
    ),
}

_DATABASES = {
    "name": field("identifier", "database", required=True),
    "owner": field("identifier", "role that owns it"),
    "encoding": field("text", "character set, such as UTF8"),
    "locale": field("text", "locale, such as C.UTF-8 or en_US.UTF-8"),
    "template": field("identifier", "database it is copied from"),
    "tablespace": field("identifier", "default tablespace"),
    "connection_limit": field("integer", "connections at once; -1 for no limit", minimum=-1, maximum=262143),
    "extensions": field(
        "list", "extensions, by name or with a version", of=field("item_or_name", "extension", fields=_EXTENSION)
    ),
    "scripts": field(
        "list",
        "sets of SQL files, in the order in which they are applied, by name or with the role they run as",
        of=field("item_or_name", "set", fields=_SCRIPT_SET),
    ),
    "comment": field("text", "comment on the database"),
    "state": _state("present, or absent; a database that holds tables is never dropped"),
}

_MEMBERSHIP = {
    "name": field("identifier", "role it is a member of", required=True),
    "inherit": field("boolean", "has the privileges without SET ROLE"),
    "set": field("boolean", "may SET ROLE to it"),
    "admin": field("boolean", "may grant it to others"),
    "state": _state("present, or absent to have the membership revoked"),
}

_ROLES = {
    "name": field("identifier", "role", required=True),
    "login": field("boolean", "may log in"),
    "superuser": field("boolean", "bypasses all privileges"),
    "createdb": field("boolean", "may create databases"),
    "createrole": field("boolean", "may create roles"),
    "inherit": field("boolean", "inherits by default what its memberships grant"),
    "replication": field("boolean", "may start replication"),
    "bypassrls": field("boolean", "bypasses row security"),
    "connection_limit": field("integer", "connections at once; -1 for no limit", minimum=-1, maximum=262143),
    "password": field(
        "text", "password in clear or a SCRAM-SHA-256 verifier; from a vault or the environment's secrets", secret=True
    ),
    "secret": field(
        "boolean",
        "has a password from the vault variable postgresql_passwords or the environment's secrets, made on first use",
    ),
    "login_of": field(
        "identifier",
        "role without login whose privileges it has; logins of one role take turns, see playbooks/rotate_secrets.yml",
    ),
    "valid_until": field(
        "text", "moment from which the password is refused, such as 2027-01-01 00:00:00+00 or infinity"
    ),
    "member_of": field("list", "roles it is a member of", of=field("item_or_name", "role", fields=_MEMBERSHIP)),
    "settings": field("settings", "settings of its sessions (ALTER ROLE SET); the value default takes one back"),
    "database_settings": field("settings_by_name", "settings of its sessions in one database, by database"),
    "comment": field("text", "comment on the role"),
    "state": _state("present, or absent; a role that owns something is never dropped"),
}

_PRIVILEGES = {
    "role": field("identifier", "role, or public", required=True),
    "object": field("privilege_target", "what they are on, such as: table app.t1", required=True),
    "privileges": field(
        "names", "exactly what the role may do there; [] revokes everything", required_unless_absent=True
    ),
    "grant_option": field("boolean", "may pass them on"),
    "grantor": field("identifier", "role that grants; default: the owner"),
    "database": _DATABASE,
    "state": _state("present, or absent to have all of them revoked"),
}

_DEFAULT_PRIVILEGES = {
    "role": field("identifier", "role, or public", required=True),
    "object": field(
        "choice",
        "kind of objects made in the future",
        required=True,
        choices=("tables", "sequences", "functions", "routines", "types", "schemas"),
    ),
    "for_role": field("identifier", "role whose future objects are meant", required=True),
    "in_schema": field("identifier", "schema; default: any"),
    "privileges": field(
        "names", "exactly what the role may do there; [] revokes everything", required_unless_absent=True
    ),
    "grant_option": field("boolean", "may pass them on"),
    "database": _DATABASE,
    "state": _state("present, or absent to have all of them revoked"),
}

_PARTITION_INDEX = {
    "columns": field("names", "columns", required=True),
    "include": field("names", "columns that are only stored in it"),
    "method": field("text", "access method; default: btree"),
    "unique": field("boolean", "refuses a second row of the same values in one partition"),
}

_PARTITION = {
    "name": field("partition_name", "name of the partition", required=True),
    "from": field("key_value", "RANGE: first value; without it there is no lower end"),
    "to": field("key_value", "RANGE: value that it ends before; without it there is no upper end"),
    "values": field("key_values", "LIST: its values, null for NULL"),
}

_PARTITIONS = {
    "table": field("table", "partitioned table", required=True),
    "by": field(
        "mapping",
        "column, and how much of it one partition holds",
        required=True,
        fields={
            "range": field("identifier", "column of a table by RANGE"),
            "every": field("period", "RANGE: size of a partition; without it the partitions are given"),
            "list": field("identifier", "column of a table by LIST"),
            "hash": field("identifier", "column of a table by HASH"),
            "modulus": field("integer", "HASH: number of partitions", minimum=1, maximum=99999),
        },
    ),
    "name": field("partition_name", "name of a partition, such as t1_{year}_{month}, t1_{from} or t1_p{remainder}"),
    "partitions": field(
        "list", "partitions by given bounds or by LIST", of=field("mapping", "partition", fields=_PARTITION)
    ),
    "ahead": field("integer", "partitions made ahead of time, or of the highest key", minimum=0, maximum=1000),
    "behind": field("integer", "partitions made behind the current one", minimum=0, maximum=1000),
    "default": field("boolean_or_name", "has a partition for rows with no other place"),
    "retention": field(
        "mapping",
        "what happens to old partitions",
        fields={
            "keep": field(
                "interval_or_count",
                "age up to which they are kept, such as 24 months; numbers: how far below the highest key",
                required=True,
            ),
            "then": field("choice", "what becomes of them", choices=("keep", "detach", "archive", "drop")),
            "into": field("table", "table that takes their rows, for archive"),
            "reason": field("text", "what the archived rows say of it"),
        },
    ),
    "time_zone": field("text", "time zone of the bounds, such as UTC"),
    "hooks": field(
        "mapping",
        "functions called with a partition, by schema-qualified name",
        fields={
            "attached": field("table", "after it was attached"),
            "detaching": field("table", "before it is detached"),
            "moved": field("table", "after rows moved between two partitions"),
        },
    ),
    "storage_parameters": field("settings", "storage parameters of new partitions, such as fillfactor"),
    "tablespace": field("identifier", "tablespace of new partitions; default: the table's"),
    "indexes": field(
        "list",
        "indexes of new partitions beyond those of the table",
        of=field("mapping", "index", fields=_PARTITION_INDEX),
    ),
    "subpartitions": field(
        "nested_mapping",
        "how each partition is partitioned in turn: what may stand here but retention and hooks, with {parent} in names",
        fields_of=lambda: _SUBPARTITIONS,
    ),
    "database": _DATABASE,
    "state": _state("present, or absent to forget the policy; no partition is dropped by that"),
}
_SUBPARTITIONS = {
    name: spec for name, spec in _PARTITIONS.items() if name not in ("table", "retention", "hooks", "database", "state")
}

_INDEX = {
    "name": field("identifier", "index"),
    "columns": field("names", "columns", required=True),
    "unique": field("boolean", "refuses a second row of the same values"),
    "method": field("text", "access method; default: btree"),
}

_INCREMENTAL_VIEWS = {
    "name": field("table", "incremental view", required=True),
    "query": field("text", "its SELECT", required_unless_absent=True),
    "indexes": field("list", "indexes", of=field("mapping", "index", fields=_INDEX)),
    "owner": field("identifier", "role that owns it"),
    "comment": field("text", "comment on the view"),
    "verify_contents": field("boolean", "compares its rows with its query, and makes it anew when they differ"),
    "database": _DATABASE,
    "state": _state(),
}

_CRON_JOBS = {
    "name": field("text", "job", required=True),
    "every": field("seconds", "interval of 1 to 59 seconds, such as: 5 seconds"),
    "cron": field("cron", "five fields: minute hour day month weekday, such as: 10 3 * * *"),
    "run": field("text", "SQL command", required_unless_absent=True),
    "as": field("identifier", "role it runs as"),
    "database": field("identifier", "database it runs in; default: the one pg_cron is in"),
    "active": field("boolean", "runs; false keeps it declared but still"),
    "state": _state(),
}

_PUBLISHED_TABLE = {
    "name": field("table", "table", required=True),
    "columns": field("names", "columns; default: all"),
    "where": field("text", "condition on the rows"),
}

_PUBLICATIONS = {
    "name": field("identifier", "publication", required=True),
    "tables": field(
        "list",
        "tables, by name or with columns and a condition",
        of=field("item_or_name", "table", fields=_PUBLISHED_TABLE, names="table"),
    ),
    "schemas": field("names", "schemas all of whose tables are published"),
    "via_root": field("boolean", "changes of partitions are published as the root's"),
    "operations": field("choices", "what is published", choices=("insert", "update", "delete", "truncate")),
    "owner": field("identifier", "role that owns it"),
    "database": _DATABASE,
    "state": _state(),
}

_METHODS = (
    "scram-sha-256",
    "reject",
    "peer",
    "cert",
    "trust",
    "md5",
    "password",
    "ident",
    "gss",
    "sspi",
    "pam",
    "ldap",
    "radius",
    "bsd",
    "oauth",
)
_HBA = {
    "type": field(
        "choice",
        "kind of connection",
        required=True,
        choices=("local", "host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc"),
    ),
    "database": field(
        "name_or_names",
        "database or databases; all, sameuser, samerole, replication, /regular expression",
        required=True,
    ),
    "user": field("name_or_names", "role or roles; all, +role for its members, /regular expression", required=True),
    "address": field("text", "address with mask length, host name, samehost, samenet or all"),
    "method": field("choice", "how it proves who it is", required=True, choices=_METHODS),
    "options": field("settings", "options of the method, such as {clientcert: verify-full}"),
    "comment": field("text", "comment line above it"),
    "state": _state("present, or absent to leave the line out"),
}

_IDENT = {
    "map": field("text", "name of the map", required=True),
    "system_user": field("text", "name the authentication reports, or /regular expression", required=True),
    "database_user": field("text", "role it may use", required=True),
    "comment": field("text", "comment line above it"),
    "state": _state("present, or absent to leave the line out"),
}

SETTINGS = field("settings", "PostgreSQL's settings by name; null takes one back")


def _items(key, fields, meaning, nested=None):
    return {"key": key, "fields": fields, "meaning": meaning, "nested": nested or {}}


LISTS = {
    "databases": _items(["name"], _DATABASES, "databases", {"extensions": "name"}),
    "roles": _items(["name"], _ROLES, "roles", {"member_of": "name"}),
    "privileges": _items(["role", "object", "database"], _PRIVILEGES, "privileges"),
    "default_privileges": _items(
        ["role", "object", "for_role", "in_schema", "database"], _DEFAULT_PRIVILEGES, "privileges on future objects"
    ),
    "partitions": _items(["table", "database"], _PARTITIONS, "partition policies", {"partitions": "name"}),
    "incremental_views": _items(["name", "database"], _INCREMENTAL_VIEWS, "incremental views"),
    "cron_jobs": _items(["name"], _CRON_JOBS, "pg_cron jobs"),
    "publications": _items(["name", "database"], _PUBLICATIONS, "publications"),
    "hba": _items(["type", "database", "user", "address"], _HBA, "lines of pg_hba.conf"),
    "ident": _items(["map", "system_user", "database_user"], _IDENT, "lines of pg_ident.conf"),
}


def list_variables():
    """Return ``{variable: list name}`` of the environment's and the host's lists; settings is one of them."""
    names = ["settings", *LISTS]
    return {prefix + name: name for prefix in (VARIABLE_PREFIX, HOST_PREFIX) for name in names}


def layer_variables(name):
    """Return the variables that say something about a list, weakest first; the system's is a key of its dictionary."""
    return [f"{SYSTEM_VARIABLE}.{name}", f"{VARIABLE_PREFIX}{name}", f"{HOST_PREFIX}{name}"]


# Least and greatest value of the roles' numbers, where a type says too little; None is no limit.
LIMITS = {
    "certificates_authority_days": (1, None),
    "certificates_days": (1, None),
    "certificates_renew_before_days": (0, None),
    "postgresql_archive_keep_days": (1, None),
    "postgresql_archive_max_size_mb": (64, None),
    "postgresql_archive_min_free_mb": (0, None),
    "postgresql_cores": (0, None),
    "postgresql_memory_mb": (0, None),
    "postgresql_port": (1, 65535),
    "subscription_wait_for_sync_seconds": (0, None),
    "transactions_months_ahead": (1, 1000),
    "transactions_months_behind": (0, 1000),
    "transactions_proof_months": (0, None),
    "transactions_proof_timeout_seconds": (1, None),
    "transactions_seed_clients": (1, None),
    "transactions_seed_months": (1, None),
    "transactions_seed_rows": (0, None),
}
# Names and values of the roles' dictionaries: a regular expression for each, and how both are said.
PAIRS = {
    "postgresql_kernel_settings": (
        r"[a-z0-9_]+([./][A-Za-z0-9_-]+)+",
        r"-?[0-9a-zA-Z][^\n]*",
        "names of sysctl and values, such as vm.swappiness: 10",
    ),
    "postgresql_service_limits": (
        r"Limit[A-Z]+|TasksMax|OOMScoreAdjust|MemoryMax|MemoryHigh|CPUQuota|IOWeight",
        r"infinity|-?[0-9]+[KMGT%]?(:([0-9]+[KMGT]?|infinity))?",
        "limits of systemd and values, such as LimitNOFILE: 65536",
    ),
}
# Forms of the roles' texts: a regular expression, and how it is said.
FORMS = {
    "transactions_seed_first_month": (
        "([0-9]{4}-(0[1-9]|1[0-2])-01)?",
        "the first day of a month, such as 2026-11-01, or nothing",
    ),
}
