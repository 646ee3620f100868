"""Names of tables as an operator writes them, with wildcards, and as the server wants them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pgops_dump.refusal import Refused

ACCEPTED = (
    "accepted: schema.table, upper and lower case as in the server, with * and ? as wildcards; a part that has a dot, "
    'a star or a question mark in its name stands in double quotes, such as app."odd.name"'
)
PART = re.compile(r'"(?P<quoted>(?:[^"\0]|"")+)"|(?P<plain>[^."\0]+)')


@dataclass(frozen=True)
class Pattern:
    """A name of a table with its schema, either of which may have wildcards."""

    text: str
    schema: re.Pattern[str]
    table: re.Pattern[str]

    def matches(self, schema: str, table: str) -> bool:
        """Whether the pattern covers a table."""
        return bool(self.schema.fullmatch(schema) and self.table.fullmatch(table))


def parse_pattern(text: str) -> Pattern:
    """A pattern from what an operator wrote."""
    first = PART.match(text)
    second = PART.match(text, first.end() + 1) if first and text[first.end() : first.end() + 1] == "." else None
    if not first or not second or second.end() != len(text):
        raise Refused(f"'{text}' is no name of a table; {ACCEPTED}")
    return Pattern(text, _part(first), _part(second))


def _part(found: re.Match[str]) -> re.Pattern[str]:
    if found["quoted"] is not None:
        return re.compile(re.escape(found["quoted"].replace('""', '"')), re.DOTALL)
    pieces = (".*" if sign == "*" else "." if sign == "?" else re.escape(sign) for sign in found["plain"])
    return re.compile("".join(pieces), re.DOTALL)


def quoted(name: str) -> str:
    """One identifier, quoted for SQL."""
    return '"' + name.replace('"', '""') + '"'


def qualified(schema: str, name: str) -> str:
    """A name with its schema, quoted for SQL."""
    return f"{quoted(schema)}.{quoted(name)}"


def written(schema: str, name: str) -> str:
    """A name as an operator would write it in a pattern."""
    return ".".join(quoted(part) if re.search(r'[.*?"]', part) else part for part in (schema, name))


def directory_name(database: str) -> str:
    """A part of a file name for a database."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", database)
