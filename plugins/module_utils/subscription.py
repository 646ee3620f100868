# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Subscriptions of logical replication: what is declared, what the catalog says, and how both are shown.

Nothing here talks to a server.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ansible_collections.community.postgresql.plugins.module_utils import postgres
from ansible_collections.community.postgresql.plugins.module_utils.version import LooseVersion
from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused

MASK = "********"
SECRET_PARAMETERS = {"password", "sslpassword", "scram_client_key", "scram_server_key", "oauth_client_secret"}
LEADING_PARAMETERS = ("host", "hostaddr", "port", "dbname", "user")
CREATE_ONLY = ("copy_data", "create_slot")

STREAMING = {"f": "off", "t": "on", "p": "parallel"}
TWO_PHASE = {"d": False, "p": True, "e": True}


@dataclass(frozen=True)
class Option:
    """An option of a subscription: its column in pg_subscription, and the first version that knows or alters it."""

    column: str
    since: int = 16
    altered_since: int = 16
    only_while_disabled: bool = False


OPTIONS = {
    "streaming": Option("substream"),
    "failover": Option("subfailover", since=17, altered_since=17, only_while_disabled=True),
    "synchronous_commit": Option("subsynccommit"),
    "binary": Option("subbinary"),
    "disable_on_error": Option("subdisableonerr"),
    "origin": Option("suborigin"),
    "run_as_owner": Option("subrunasowner"),
    "password_required": Option("subpasswordrequired"),
    "two_phase": Option("subtwophasestate", altered_since=18, only_while_disabled=True),
}


@dataclass
class Declared:
    """A subscription as asked for."""

    name: str
    connection: dict
    publications: list
    options: dict
    options_when_supported: dict
    slot_name: str
    create_slot: bool
    copy_data: bool
    enabled: bool
    owner: str | None
    comment: str | None
    present: bool
    replace_orphaned_slot: bool
    abandon_slot: bool


@dataclass
class Current:
    """A subscription as the catalog has it."""

    oid: int
    name: str
    connection: dict
    publications: list
    options: dict
    slot_name: str | None
    enabled: bool
    owner: str
    comment: str | None
    tables: dict = field(default_factory=dict)


def identifier(name):
    return '"' + name.replace('"', '""') + '"'


def literal(value):
    """A string constant; the session runs with standard_conforming_strings, so a backslash is a backslash."""
    return "'" + value.replace("'", "''") + "'"


def parse_conninfo(text):
    """The parameters of a connection string or URI, by libpq's own parser."""
    if postgres.PSYCOPG_VERSION >= LooseVersion("3"):  # noqa: SIM300
        from psycopg.conninfo import conninfo_to_dict

        return {name: str(value) for name, value in conninfo_to_dict(text).items()}
    from psycopg2.extensions import parse_dsn

    return parse_dsn(text)


def format_conninfo(parameters):
    """A connection string: where to and as whom first, the rest by name."""
    names = [name for name in LEADING_PARAMETERS if name in parameters]
    names += sorted(set(parameters) - set(names))
    return " ".join(f"{name}={_conninfo_value(parameters[name])}" for name in names)


def _conninfo_value(value):
    if re.fullmatch(r"[^\s'\\]+", value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def masked(parameters):
    """Connection parameters that may be shown."""
    return {name: MASK if name in SECRET_PARAMETERS else value for name, value in sorted(parameters.items())}


def target(parameters):
    """Where a connection goes, for a message."""
    shown = {name: value for name, value in parameters.items() if name in (*LEADING_PARAMETERS, "sslmode", "passfile")}
    return format_conninfo(shown)


def declared_subscription(item):
    """A Declared from an item of the module's list; refuses what contradicts itself before a server is asked."""
    name, present = item["name"], item["state"] == "present"
    connection = {key: str(value) for key, value in (item["connection"] or {}).items() if value is not None}
    options = {key: value for key, value in (item["options"] or {}).items() if value is not None}
    when_supported = {key: value for key, value in (item["options_when_supported"] or {}).items() if value is not None}
    _refuse_unusable(name, connection, item["publications"] or [], options, when_supported, present)
    slot_name = options.pop("slot_name", None) or name
    replace = item["replace_orphaned_slot"]
    return Declared(
        name=name,
        connection=connection,
        publications=sorted(item["publications"] or []),
        options={key: value for key, value in options.items() if key not in CREATE_ONLY},
        options_when_supported=when_supported,
        slot_name=slot_name,
        create_slot=options.get("create_slot", True),
        copy_data=options.get("copy_data", True),
        enabled=item["enabled"],
        owner=item["owner"],
        comment=item["comment"],
        present=present,
        replace_orphaned_slot=slot_name == name if replace is None else replace,
        abandon_slot=item["abandon_slot"],
    )


def _refuse_unusable(name, connection, publications, options, when_supported, present):
    if "password" in connection:
        raise Refused(
            f"subscription {name}: connection.password is not accepted, because pg_subscription would keep it "
            "readable. Write the password to a file of the server's operating system user with mode 0600 "
            "(host:port:database:user:password) and give its path as connection.passfile."
        )
    if not present:
        return
    missing = [key for key in ("host", "dbname", "user") if not connection.get(key)]
    if missing:
        raise Refused(
            f"subscription {name}: connection has no {', '.join(missing)}. Accepted: host, dbname and user of the "
            "publisher, and further parameters of libpq."
        )
    if not publications or len(set(publications)) < len(publications):
        raise Refused(
            f"subscription {name}: publications is {publications}. Accepted: at least one name, each of them once."
        )
    both = sorted(set(options) & set(when_supported))
    if both:
        raise Refused(
            f"subscription {name}: {', '.join(both)} stands under options and under options_when_supported. "
            "Give it in one of them."
        )
    _refuse_slot_name(name, options.get("slot_name", name))


def _refuse_slot_name(name, slot_name):
    if slot_name == "none" or not re.fullmatch(r"[a-z0-9_]{1,63}", slot_name):
        raise Refused(
            f"subscription {name}: {slot_name!r} cannot name a replication slot. Accepted: 1 to 63 of a-z, 0-9 and _, "
            "and not 'none'. Give another one as options.slot_name."
        )


def supported_options(declared, version, publisher_version):
    """(options to set, names left out): both servers have to know failover, which is kept with the slot."""
    chosen, unsupported = {}, []
    for name, value in {**declared.options, **declared.options_when_supported}.items():
        known = min(version, publisher_version) if name == "failover" else version
        if known >= OPTIONS[name].since:
            chosen[name] = value
        elif name in declared.options_when_supported:
            unsupported.append(name)
        else:
            where = "this server" if version < OPTIONS[name].since else "the publisher"
            raise Refused(
                f"subscription {declared.name}: options.{name} needs PostgreSQL {OPTIONS[name].since}, {where} is "
                f"{known}. Move it to options_when_supported, or leave it out."
            )
    return chosen, unsupported


def option_value(name, stored):
    """An option as asked for, from its column."""
    if name == "streaming":
        return STREAMING[stored]
    return TWO_PHASE[stored] if name == "two_phase" else stored


def shown(current):
    """What may be shown of a subscription as it is."""
    if current is None:
        return {}
    return {
        "name": current.name,
        "connection": masked(current.connection),
        "publications": current.publications,
        "options": dict(sorted(current.options.items())),
        "slot_name": current.slot_name,
        "enabled": current.enabled,
        "owner": current.owner,
        "comment": current.comment,
        "tables": sorted(current.tables),
    }


def shown_after(current, declared, options, published):
    """What will be shown once the statements ran."""
    if not declared.present:
        return {}
    before = shown(current)
    return {
        **before,
        "name": declared.name,
        "connection": masked(declared.connection),
        "publications": declared.publications,
        "options": dict(sorted({**before.get("options", {}), **options}.items())),
        "slot_name": declared.slot_name,
        "enabled": declared.enabled,
        "owner": declared.owner or before.get("owner"),
        "comment": before.get("comment") if declared.comment is None else declared.comment or None,
        "tables": sorted(published) if published is not None and declared.enabled else before.get("tables", []),
    }
