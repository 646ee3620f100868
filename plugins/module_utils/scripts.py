# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SQL files with a version (C(V001__create_t1.sql)) or repeated when changed (C(R__procedures.sql)).

Nothing here talks to a server: names, order, what is to be applied, and where a file's statements begin.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from dataclasses import dataclass, field

from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused

ACCEPTED_NAMES = "V<number>__<description>.sql, for example V001__create_t1.sql, or R__<description>.sql"
_NAME = re.compile(r"(?:V(?P<version>\d+(?:[._]\d+)*)|R)__(?P<description>[A-Za-z0-9][A-Za-z0-9_.-]*)\.sql")


@dataclass(frozen=True)
class Script:
    """One SQL file of a set. `version` is None for a repeatable one."""

    name: str
    body: str
    version: tuple | None

    @property
    def kind(self):
        return "repeatable" if self.version is None else "versioned"

    @property
    def checksum(self):
        return hashlib.sha256(self.body.encode()).hexdigest()


@dataclass(frozen=True)
class Pending:
    """A script that is to be applied, and the text of it that was applied before, if any."""

    script: Script
    applied_body: str | None

    @property
    def reason(self):
        return "new" if self.applied_body is None else "changed"


def parse_script(set_name, name, content):
    """A Script from a file's name and text; line ends are those of Unix whatever the checkout made of them."""
    match = _NAME.fullmatch(name)
    if not match:
        raise Refused(f"set {set_name}: {name!r} is not a script's name. Accepted: {ACCEPTED_NAMES}.")
    version = match["version"]
    # 1.0 and 1 are the same version: trailing zeros do not count.
    numbers = [int(part) for part in re.split(r"[._]", version)] if version else None
    while numbers and len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return Script(name, content.replace("\r\n", "\n"), tuple(numbers) if numbers else None)


def ordered_scripts(set_name, files):
    """The scripts of a set in the order in which they run: by version, then the repeatable ones by name."""
    scripts = [parse_script(set_name, file["name"], file["content"]) for file in files]
    seen = {}
    for script in scripts:
        key = script.version or script.name
        if key in seen:
            raise Refused(
                f"set {set_name}: {seen[key]} and {script.name} have the same "
                f"{'version' if script.version else 'name'}. Give each file its own."
            )
        seen[key] = script.name
    return sorted(scripts, key=lambda script: (script.version is None, script.version or (), script.name))


def pending_scripts(set_name, scripts, applied):
    """What is to be applied, given what was: {name: {"body", "applied_at"}}.

    Refuses a versioned file that was changed, lost or slipped in after it or a later one was applied.
    """
    names = {script.name for script in scripts}
    lost = sorted(name for name in applied if name.startswith("V") and name not in names)
    if lost:
        raise Refused(
            f"set {set_name}: {', '.join(lost)} was applied to this database and is no longer among the files. "
            "Put the file back: a versioned script is part of the database's history."
        )
    versions = [script.version for script in scripts if script.version and script.name in applied]
    pending = []
    for script in scripts:
        before = applied.get(script.name)
        if before is None:
            _refuse_late(set_name, script, max(versions, default=()))
            pending.append(Pending(script, None))
        elif before["body"] != script.body:
            _refuse_edited(set_name, script, before)
            pending.append(Pending(script, before["body"]))
    return pending


def _refuse_late(set_name, script, newest_applied):
    if script.version and script.version < newest_applied:
        newest = ".".join(str(number) for number in newest_applied)
        raise Refused(
            f"set {set_name}: {script.name} was never applied, but version {newest} already was. "
            f"Give the file a version above {newest}: versioned scripts run in order."
        )


def _refuse_edited(set_name, script, before):
    if script.version is None:
        return
    difference = difflib.unified_diff(
        before["body"].splitlines(),
        script.body.splitlines(),
        f"{set_name}/{script.name} as applied {before['applied_at']}",
        f"{set_name}/{script.name} now",
        lineterm="",
    )
    raise Refused(
        f"set {set_name}: {script.name} was already applied and has been edited since. "
        "Put its text back and write the change as a new versioned file.\n" + "\n".join(difference)
    )


@dataclass
class Statement:
    """One SQL statement of a file and the line on which it begins (1 is the first)."""

    text: str
    line: int
    words: list = field(default_factory=list)


_TOKEN = re.compile(
    r"""
      (?P<comment>--[^\n]*)
    | (?P<block>/\*)
    | (?P<string>[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*')
    | (?P<quoted>"(?:[^"]|"")*")
    | (?P<dollar>\$(?:[^\W\d]\w*)?\$)
    | (?P<word>[^\W\d][\w$]*)
    | (?P<space>\s+)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


def split_statements(text):
    """The statements of a file, cut at the semicolons at which psql would cut them.

    Not inside strings, dollar quotes, comments, parentheses, nor the BEGIN ATOMIC .. END body of an SQL function.
    What is never closed goes to the server as it stands, which says so better.
    """
    statements, start, depth, body_depth, words, position = [], None, 0, 0, [], 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        kind, value = token.lastgroup, token.group()
        begin, position = position, _token_end(text, token)
        if kind in ("comment", "block", "space"):
            continue
        if value == ";" and depth == 0 and body_depth == 0:
            if start is not None:
                statements.append(Statement(text[start:begin], text.count("\n", 0, start) + 1, words))
            start, words = None, []
            continue
        start = begin if start is None else start
        if kind == "word":
            words = [*words, value.lower()][:4]
            body_depth = _body_depth(body_depth, words, value.lower(), depth)
        elif kind == "other":
            depth = max(0, depth + {"(": 1, ")": -1}.get(value, 0))
            words = words or [value]
    if start is not None:
        statements.append(Statement(text[start:].rstrip(), text.count("\n", 0, start) + 1, words))
    return statements


def _token_end(text, token):
    """Where the token ends; for a dollar quote or a block comment, where what it opens ends."""
    if token.lastgroup == "dollar":
        closing = text.find(token.group(), token.end())
        return len(text) if closing < 0 else closing + len(token.group())
    if token.lastgroup != "block":
        return token.end()
    depth, position = 1, token.end()
    while depth:  # block comments nest in SQL
        edge = re.compile(r"/\*|\*/").search(text, position)
        if not edge:
            return len(text)
        depth += 1 if edge.group() == "/*" else -1
        position = edge.end()
    return position


def _body_depth(body_depth, words, word, parentheses):
    """Depth inside the body of an SQL-standard function, by psql's rule (psqlscan.l)."""
    routine = words[3:4] if words[1:3] == ["or", "replace"] else words[1:2]
    if words[:1] != ["create"] or routine not in (["function"], ["procedure"]) or parentheses:
        return body_depth
    if word == "begin" or (word == "case" and body_depth):
        return body_depth + 1
    return body_depth - 1 if word == "end" and body_depth else body_depth


def refuse_what_a_file_may_not_hold(label, statements):
    """A file is one transaction of plain SQL: no psql command, no transaction control of its own."""
    for statement in statements:
        first, second = [*statement.words, "", ""][:2]
        if first == "\\":
            raise Refused(
                f"{label}, line {statement.line}: {statement.text.splitlines()[0]!r} is a command of psql. "
                "Only SQL is accepted in a script."
            )
        if first in ("begin", "start", "commit", "end", "abort") or (first == "rollback" and second != "to"):
            raise Refused(
                f"{label}, line {statement.line}: {first.upper()} is not accepted, "
                "because a script is one transaction as a whole. Split the script into several files instead."
            )


def line_of_error(statement, error):
    """The line of the file that the server's error points at, the statement's first line without a pointer."""
    pointer = getattr(getattr(error, "diag", None), "statement_position", None)
    return statement.line + (statement.text[: int(pointer) - 1].count("\n") if pointer else 0)
