# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""From roles as they are and as they are declared to the statements in between."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ansible_collections.pgops.fleet.plugins.module_utils import scram
from ansible_collections.pgops.fleet.plugins.module_utils.configuration_files import SETTING_NAME, setting_value
from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused
from ansible_collections.pgops.fleet.plugins.module_utils.quoting import identifier, literal
from ansible_collections.pgops.fleet.plugins.module_utils.role_state import FLAGS

# Lists whose elements ALTER ROLE SET takes, and stores, one by one as names (GUC_LIST_QUOTE).
LISTS_OF_NAMES = (
    "local_preload_libraries", "search_path", "session_preload_libraries", "shared_preload_libraries",
    "temp_tablespaces", "unix_socket_directories",
)  # fmt: skip
MEMBERSHIP_OPTIONS = ("inherit", "set", "admin")
HIDDEN = "(hidden)"
_ELEMENT = re.compile(r'"((?:[^"]|"")*)"|([^\s,]+)')


@dataclass
class Change:
    """What is done to one role."""

    name: str
    action: str
    statements: list = field(default_factory=list)
    # The same statements with secrets hidden, for the result.
    shown: list = field(default_factory=list)
    before: dict = field(default_factory=dict)
    after: dict = field(default_factory=dict)

    def add(self, statement, shown=None):
        self.statements.append(statement)
        self.shown.append(shown or statement)

    def differs(self, attribute, before, after):
        self.before[attribute], self.after[attribute] = before, after


def plan_role(wanted, now, iterations):
    """Return the Change that makes a role as declared; it has no statement when there is nothing to do.

    wanted: the declared item; now: its state by role_state.read_roles, None when it is missing;
    iterations: scram_iterations for a new verifier.
    """
    name = wanted["name"]
    change = Change(name, "altered" if now else "created")
    words = _attribute_words(wanted, now or {}, change)
    password = _password_words(wanted, now or {}, iterations, change)
    if now is None:
        change.add(" ".join(["create role", identifier(name), *words]))
        change.differs("state", "absent", "present")
        words = []
    if words:
        change.add(" ".join(["alter role", identifier(name), *words]))
    if password:
        change.add(*(" ".join(["alter role", identifier(name), *entry]) for entry in password))
    _plan_memberships(wanted, now or {}, change)
    _plan_settings(wanted, now or {}, change)
    if wanted.get("comment") is not None and wanted["comment"] != ((now or {}).get("comment") or ""):
        change.add(f"comment on role {identifier(name)} is {literal(wanted['comment'])}")
        change.differs("comment", (now or {}).get("comment"), wanted["comment"])
    return change


def _attribute_words(wanted, now, change):
    words = []
    for attribute, (_column, word) in FLAGS.items():
        value = wanted.get(attribute)
        if value is not None and value != now.get(attribute):
            words.append(word if value else f"no{word}")
            change.differs(attribute, now.get(attribute), value)
    limit = wanted.get("connection_limit")
    if limit is not None and limit != now.get("connection_limit"):
        words.append(f"connection limit {limit}")
        change.differs("connection_limit", now.get("connection_limit"), limit)
    # Compared by the server: a moment can be written in many ways.
    if wanted.get("valid_until") is not None and not wanted.get("valid_until_is_so"):
        words.append(f"valid until {literal(wanted['valid_until'])}")
        change.differs("valid_until", now.get("valid_until"), wanted["valid_until"])
    return words


def _password_words(wanted, now, iterations, change):
    """Return the words that set a password and the same to be shown, None when it is the stored one."""
    password = wanted.get("password")
    if password is None:
        return None
    if not password.strip():
        raise Refused(f"role {wanted['name']}: the password is empty; accepted: a password, a verifier, or none at all")
    if scram.matches(password, now.get("password")):
        return None
    verifier = password if scram.is_verifier(password) else scram.make_verifier(password, iterations)
    change.differs("password", HIDDEN if now.get("password") else None, f"{HIDDEN}, changed")
    return ["password", literal(verifier)], ["password", literal(HIDDEN)]


def _plan_memberships(wanted, now, change):
    present = now.get("member_of", {})
    for entry in wanted.get("member_of") or []:
        item = entry if isinstance(entry, dict) else {"name": entry}
        group, grants = item["name"], present.get(item["name"], [])
        in_force = {option: any(grant[option] for grant in grants) for option in MEMBERSHIP_OPTIONS} if grants else None
        if item.get("state") == "absent":
            for grant in grants:
                change.add(_revoke(group, change.name, grant["grantor"]))
            if grants:
                change.differs(f"member_of {group}", in_force, None)
            continue
        options = {option: item[option] for option in MEMBERSHIP_OPTIONS if item.get(option) is not None}
        options = {**(in_force or {}), **options}
        if in_force is not None and in_force == options:
            continue
        _grant(group, grants, options, change)
        change.differs(f"member_of {group}", in_force, options or "member")


def _grant(group, grants, options, change):
    """Grant a membership with its options, after revoking grants of others that give more."""
    for grant in grants:
        if not grant["own"] and any(grant[option] and value is False for option, value in options.items()):
            change.add(_revoke(group, change.name, grant["grantor"]))
    words = ", ".join(f"{option} {'true' if value else 'false'}" for option, value in options.items())
    change.add(f"grant {identifier(group)} to {identifier(change.name)}" + (f" with {words}" if words else ""))


def _revoke(group, member, grantor):
    return f"revoke {identifier(group)} from {identifier(member)} granted by {identifier(grantor)}"


def _plan_settings(wanted, now, change):
    declared = {"": wanted.get("settings") or {}, **(wanted.get("database_settings") or {})}
    for database, settings in declared.items():
        present = now.get("settings", {}).get(database, {})
        place = f" in database {identifier(database)}" if database else ""
        for name, value in settings.items():
            if not SETTING_NAME.match(name):
                raise Refused(f"role {change.name}: setting {name!r} is no name PostgreSQL takes")
            stored = present.get(name.lower())
            before = None if stored is None else _elements(name, stored)
            after = None if value is None or str(value).lower() == "default" else _elements(name, value)
            if before == after:
                continue
            words = "reset " + name if after is None else f"set {name} = {', '.join(map(literal, after))}"
            change.add(f"alter role {identifier(change.name)}{place} {words}")
            label = f"setting {name}{place.replace(chr(34), '')}"
            change.differs(label, *(None if parts is None else ", ".join(parts) for parts in (before, after)))


def _elements(name, value):
    """Return a setting's value as a list: of its names where it is a list of names, else of the one text."""
    if name.lower() not in LISTS_OF_NAMES:
        return [setting_value(value)]
    if isinstance(value, (list, tuple)):
        return [str(entry) for entry in value]
    return [(quoted.replace('""', '"') if quoted else plain) for quoted, plain in _ELEMENT.findall(str(value))]
