"""Reads what SQL files say about the objects they make: signatures, columns, comments, grants."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

TOKEN = re.compile(
    r"""
    (?P<comment>--[^\n]*|/\*.*?\*/)
    | (?P<dollar>\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
    | (?P<string>'(?:[^']|'')*')
    | (?P<name>"(?:[^"]|"")*")
    | (?P<end>;)
    | (?P<other>.)
    """,
    re.DOTALL | re.VERBOSE,
)
CREATED = re.compile(
    r"create (?:or replace )?(?:unlogged |materialized )?(?P<kind>schema|table|type|view|function|procedure) (?:if not exists )?"
    r"(?P<name>[\w.]+)\s*(?P<rest>.*)",
    re.DOTALL | re.IGNORECASE,
)
COMMENTED = re.compile(
    r"comment on (?:materialized )?(?P<kind>\w+) (?P<name>[\w.]+)\s*(?:\(.*?\))?\s+is\s+(?P<text>.*)",
    re.DOTALL | re.IGNORECASE,
)
GRANTED = re.compile(
    r"grant (?P<privileges>[\w, ]+) on (?:table |function |procedure )?(?P<name>[\w.]+)\s*(?:\(.*?\))?"
    r"\s+to (?P<roles>[\w, ]+)",
    re.DOTALL | re.IGNORECASE,
)
INSERTED = re.compile(
    r"insert into (?P<name>[\w.]+) \((?P<columns>[\w, ]+)\) values\s*(?P<rows>.*)", re.DOTALL | re.IGNORECASE
)
ADDED = re.compile(r"alter table (?P<name>[\w.]+)\s+(?P<changes>add column .*)", re.DOTALL | re.IGNORECASE)
ADD_COLUMN = re.compile(r"add column\s+", re.IGNORECASE)
COLUMN_END = re.compile(
    r"\s(not null|null|default|primary|unique|generated|check|references|constraint)\b", re.IGNORECASE
)
CALLABLE_END = re.compile(r"\s(language|as)\s", re.IGNORECASE)


@dataclass
class Object:
    """A table, view, function or procedure with what its file says about it."""

    kind: str
    name: str
    signature: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    comment: str = ""
    column_comments: dict[str, str] = field(default_factory=dict)
    grants: list[tuple[str, str]] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)


def statements(text: str) -> Iterator[str]:
    """Statements of a file, without comments; quoted text is kept as it is."""
    parts: list[str] = []
    for token in TOKEN.finditer(text):
        if token["end"]:
            yield "".join(parts).strip()
            parts = []
        elif not token["comment"]:
            parts.append(token[0])


def literal(text: str) -> str:
    """The value of a string constant, also one continued on the next lines or in dollar quotes."""
    value = ""
    for token in TOKEN.finditer(text):
        if token["string"]:
            value += token["string"][1:-1].replace("''", "'")
        elif token["dollar"]:
            value += token["dollar"].split("$", 2)[2].rsplit("$", 2)[0]
    return value


def split_top_level(text: str) -> list[str]:
    """Parts between the commas that stand in no parentheses."""
    parts, depth = [""], 0
    for token in TOKEN.finditer(text):
        depth += (token[0] == "(") - (token[0] == ")")
        if token[0] == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += token[0]
    return [part.strip() for part in parts]


def parenthesized(text: str) -> str:
    """What stands in the parentheses that a text begins with."""
    depth = 0
    for token in TOKEN.finditer(text):
        depth += (token[0] == "(") - (token[0] == ")")
        if depth == 0:
            return text[1 : token.start()]
    raise ValueError(f"no closing parenthesis in: {text[:80]}")


def columns_of(rest: str) -> dict[str, str]:
    """Columns of a table with their types, in order; constraints are left out."""
    columns = {}
    for part in split_top_level(parenthesized(rest)):
        name, _space, definition = part.partition(" ")
        if name.lower() not in ("constraint", "primary", "unique", "check", "foreign", "like", "exclude"):
            columns[name] = " ".join(COLUMN_END.split(f"{definition} ", maxsplit=1)[0].split())
    return columns


def read_set(folder: Path) -> dict[str, Object]:
    """Objects of a set of SQL files by name, in the order of the files: versioned ones first."""
    objects: dict[str, Object] = {}
    files = sorted(folder.glob("*.sql"), key=lambda file: (file.name[0] != "V", file.name))
    for file in files:
        for statement in statements(file.read_text()):
            _read(statement, objects)
    return objects


def _read(statement: str, objects: dict[str, Object]) -> None:
    if created := CREATED.match(statement):
        kind, name, rest = created["kind"].lower(), created["name"], created["rest"]
        found = objects.setdefault(name, Object(kind, name))
        if kind in ("table", "type") and not rest.startswith("as enum"):
            found.columns = columns_of(rest.removeprefix("as "))
        elif kind == "type":
            found.signature = f"{name} {rest}"
        elif kind in ("function", "procedure"):
            found.signature = " ".join(f"{name}{CALLABLE_END.split(rest, maxsplit=1)[0]}".split())
    elif (added := ADDED.match(statement)) and added["name"] in objects:
        objects[added["name"]].columns |= columns_of(f"({ADD_COLUMN.sub('', added['changes'])})")
    elif commented := COMMENTED.match(statement):
        _comment(commented["kind"].lower(), commented["name"], literal(commented["text"]), objects)
    elif (inserted := INSERTED.match(statement)) and inserted["name"] in objects:
        columns = split_top_level(inserted["columns"])
        for row in split_top_level(inserted["rows"]):
            values = [literal(value) or value for value in split_top_level(parenthesized(row))]
            objects[inserted["name"]].rows.append(dict(zip(columns, values, strict=True)))
    elif (granted := GRANTED.match(statement)) and granted["name"] in objects:
        objects[granted["name"]].grants.append((granted["privileges"].strip(), granted["roles"].strip()))


def _comment(kind: str, name: str, text: str, objects: dict[str, Object]) -> None:
    if kind == "column":
        owner, _dot, column = name.rpartition(".")
        if owner in objects:
            objects[owner].column_comments[column] = text
    elif name in objects:
        objects[name].comment = text
