"""A page a set of SQL files: tables, views, procedures and functions with their comments."""

from __future__ import annotations

import re
from pathlib import Path

from docs.generator.markup import anchor, block, code, escape, table
from docs.generator.paths import ROOT
from docs.generator.sql_source import Object, read_set

# What jobs, modules and operators call of the engine; its other functions are parts of these.
CALLED = {
    "pgops": {
        "pgops.log_event",
        "pgops.maintain",
        "pgops.partition_apply",
        "pgops.partition_ensure",
        "pgops.partition_plan",
        "pgops.purge_cron_history",
        "pgops.remove_partition_policy",
        "pgops.set_partition_policy",
    }
}
HEADINGS = {
    "table": "Tables",
    "type": "Types",
    "view": "Views",
    "procedure": "Procedures",
    "function": "Functions",
    "inner": "Inner functions",
}


def sets() -> list[Path]:
    """Folders that hold a set."""
    return sorted(folder for folder in (ROOT / "files" / "sql").iterdir() if any(folder.glob("*.sql")))


def commented(text: str) -> str:
    """A comment of several lines keeps them: they are laid out for psql's \\df+."""
    return block(text, "text") if "\n" in text else escape(text)


def first_sentence(text: str) -> str:
    return escape(" ".join(text.split()).split(". ")[0].rstrip(".") + ".") if text else ""


def granted(found: Object) -> str:
    return "".join(f"\nGranted: {privileges} to {code(roles)}.\n" for privileges, roles in found.grants)


def details(found: Object) -> str:
    """The section of one object."""
    text = f"### {found.name}\n\n"
    if found.signature:
        text += block(found.signature, "sql") + "\n\n"
    if found.comment:
        text += commented(found.comment) + "\n"
    return text + columns(found) + initial_rows(found) + granted(found)


def columns(found: Object) -> str:
    """Columns with their types, which a view's file does not say."""
    described = {**dict.fromkeys(found.columns, ""), **found.column_comments}
    if not described:
        return ""
    header = ["Column", "Type", "Meaning"] if found.columns else ["Column", "Meaning"]
    rows = [[code(name), code(found.columns.get(name, "")), escape(comment)] for name, comment in described.items()]
    return "\n" + table(header, rows if found.columns else [[name, meaning] for name, _type, meaning in rows]) + "\n"


def initial_rows(found: Object) -> str:
    if not found.rows:
        return ""
    rows = [[escape(value) for value in row.values()] for row in found.rows]
    return f"\nRows after creation:\n\n{table(list(found.rows[0]), rows)}\n"


def heading_of(found: Object, folder: Path) -> str:
    """Trigger functions, and what only other functions call, stand apart."""
    if found.kind not in ("function", "procedure"):
        return found.kind
    trigger = re.search(r"returns (event_)?trigger$", found.signature)
    inner = trigger or (folder.name in CALLED and found.name not in CALLED[folder.name])
    return "inner" if inner else found.kind


def where(folder: Path) -> str:
    """Where the files lie, and what describes them as a whole."""
    path = f"files/sql/{folder.name}"
    text = f"The files lie in [{path}](../../../{path})"
    return f"{text}; [README](../../../{path}/README.md).\n" if (folder / "README.md").is_file() else f"{text}.\n"


def part(kind: str, members: list[Object]) -> str:
    """Objects of one kind: an overview, then each."""
    overview = [[f"[{code(found.name)}](#{anchor(found.name)})", first_sentence(found.comment)] for found in members]
    return f"\n## {HEADINGS[kind]}\n\n{table(['Name', 'Purpose'], overview)}\n\n" + "\n".join(map(details, members))


def page(folder: Path) -> str:
    """The page of one set."""
    objects = sorted(read_set(folder).values(), key=lambda found: found.name)
    text = f"# SQL set {code(folder.name)}\n\n"
    for schema in (found for found in objects if found.kind == "schema"):
        text += f"Schema {code(schema.name)}: {escape(schema.comment)}\n\n"
    text += where(folder)
    for kind in HEADINGS:
        if members := [found for found in objects if heading_of(found, folder) == kind]:
            text += part(kind, members)
    return text


def pages() -> dict[str, str]:
    """All pages by their path below docs/reference."""
    return {f"sql/{folder.name}.md": page(folder) for folder in sets()}
