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
        "pgops.partition_plan",
        "pgops.partition_policy_of",
        "pgops.partitions",
        "pgops.purge_cron_history",
        "pgops.purge_events",
        "pgops.remove_partition_policy",
        "pgops.set_partition_policy",
    }
}
HEADINGS = {
    "table": "Tables",
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
    described = {**dict.fromkeys(found.columns, ""), **found.column_comments}
    if described:
        rows = [[code(name), code(found.columns.get(name, "")), escape(comment)] for name, comment in described.items()]
        text += "\n" + table(["Column", "Type", "Meaning"], rows) + "\n"
    return text + granted(found)


def heading_of(found: Object, folder: Path) -> str:
    """Trigger functions, and what only other functions call, stand apart."""
    if found.kind not in ("function", "procedure"):
        return found.kind
    trigger = re.search(r"returns (event_)?trigger$", found.signature)
    inner = trigger or (folder.name in CALLED and found.name not in CALLED[folder.name])
    return "inner" if inner else found.kind


def page(folder: Path) -> str:
    """The page of one set: an overview, then each object."""
    objects = read_set(folder)
    schemas = [found for found in objects.values() if found.kind == "schema"]
    text = f"# SQL set {code(folder.name)}\n\n"
    text += "".join(f"Schema {code(schema.name)}: {escape(schema.comment)}\n\n" for schema in schemas)
    text += f"The files lie in [files/sql/{folder.name}](../../../files/sql/{folder.name}).\n"
    for kind, heading in HEADINGS.items():
        members = sorted(
            (found for found in objects.values() if heading_of(found, folder) == kind), key=lambda found: found.name
        )
        if members:
            overview = [[f"[{code(m.name)}](#{anchor(m.name)})", first_sentence(m.comment)] for m in members]
            text += f"\n## {heading}\n\n{table(['Name', 'Purpose'], overview)}\n\n"
            text += "\n".join(details(member) for member in members)
    return text


def pages() -> dict[str, str]:
    """All pages by their path below docs/reference."""
    return {f"sql/{folder.name}.md": page(folder) for folder in sets()}
