# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What privileges can be on, in the words of GRANT, and which privileges each kind has."""

from __future__ import annotations

import re
from dataclasses import dataclass

TABLE = ("select", "insert", "update", "delete", "truncate", "references", "trigger", "maintain")
SEQUENCE = ("usage", "select", "update")
EXECUTE = ("execute",)
USAGE = ("usage",)

# Privileges a kind has (PostgreSQL manual, "Privileges"); maintain exists from 17 on.
KINDS = {
    "database": ("create", "connect", "temporary"),
    "schema": ("usage", "create"),
    "table": TABLE,
    "sequence": SEQUENCE,
    "function": EXECUTE,
    "procedure": EXECUTE,
    "routine": EXECUTE,
    "type": USAGE,
    "domain": USAGE,
    "language": USAGE,
    "foreign data wrapper": USAGE,
    "foreign server": USAGE,
    "tablespace": ("create",),
    "parameter": ("set", "alter system"),
}
ALL_IN_SCHEMA = {
    "tables": "table",
    "sequences": "sequence",
    "functions": "function",
    "procedures": "procedure",
    "routines": "routine",
}
DEFAULT_KINDS = {
    "tables": TABLE,
    "sequences": SEQUENCE,
    "functions": EXECUTE,
    "routines": EXECUTE,
    "types": USAGE,
    "schemas": KINDS["schema"],
}
ACCEPTED = (
    f"one of {', '.join(KINDS)} and a name (functions with their argument types), "
    f"or all {'|'.join(ALL_IN_SCHEMA)} in schema and a name"
)
_ALL = re.compile(rf"^all\s+({'|'.join(ALL_IN_SCHEMA)})\s+in\s+schema\s+(\S.*)$", re.IGNORECASE)
_ONE = re.compile(
    rf"^({'|'.join(kind.replace(' ', chr(92) + 's+') for kind in sorted(KINDS, key=len, reverse=True))})\s+(\S.*)$",
    re.IGNORECASE,
)


class TargetError(ValueError):
    """Words that GRANT would not take."""


@dataclass(frozen=True)
class Target:
    """One object, or all objects of a kind in a schema."""

    kind: str
    name: str
    all_in_schema: bool = False

    def __str__(self):
        if self.all_in_schema:
            plural = next(plural for plural, kind in ALL_IN_SCHEMA.items() if kind == self.kind)
            return f"all {plural} in schema {self.name}"
        return f"{self.kind} {self.name}"


def parse_target(words):
    """Return the Target that words such as ``table app.t1`` mean."""
    text = words.strip() if isinstance(words, str) else ""
    match = _ALL.match(text)
    if match:
        return Target(ALL_IN_SCHEMA[match[1].lower()], match[2].strip(), all_in_schema=True)
    match = _ONE.match(text)
    if not match:
        raise TargetError(f"{words!r} is nothing that privileges can be on; accepted: {ACCEPTED}")
    return Target(" ".join(match[1].lower().split()), match[2].strip())


def normalize_privileges(names, accepted, what):
    """Return the privileges in lower case, ``all`` spelled out, in the order of the manual."""
    wanted = {" ".join(str(name).lower().split()) for name in names}
    wanted = {"temporary" if name == "temp" else name for name in wanted}
    if wanted & {"all", "all privileges"}:
        return list(accepted)
    unknown = sorted(wanted - set(accepted))
    if unknown:
        raise TargetError(
            f"privilege {', '.join(unknown)} does not exist on {what}; accepted: {', '.join(accepted)}, all"
        )
    return [name for name in accepted if name in wanted]
