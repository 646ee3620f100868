"""The page that lists all reference pages."""

from __future__ import annotations

from docs.generator import plugins, roles, sql_pages
from docs.generator.markup import code, table
from docs.generator.paths import COLLECTION

INTRODUCTION = f"""\
# Reference

Everything in the collection `{COLLECTION}`. All pages but [dependencies](dependencies.md) are generated: from the
roles' argument specs, the plugins' documentation, the inventory's schema, the Makefile, and the comments in the SQL
files. `make docs` writes them anew.

- [Commands](commands.md): make targets, playbooks, `pgops`
- [Inventory lists](inventory.md): what may be declared, with all attributes
- [Reports](reports.md): what `pgops report` shows, and what to make of it
- [Derived settings](derived-settings.md): how settings follow from memory and cores
- [Dependencies](dependencies.md): what the collection stands on, and why
"""


def listed(rows: list[list[str]]) -> str:
    return table(["Page", "What it is"], rows)


def page() -> str:
    role_rows = [
        [f"[{code(roles.name_of(file))}](roles/{roles.name_of(file)}.md)", roles.summary(file)]
        for file in roles.sources()
    ]
    plugin_parts = ""
    for kind, title in (("modules", "Modules"), ("filter", "Filters"), ("lookup", "Lookups")):
        rows = [
            [f"[{code(f.stem)}]({plugins.FOLDERS[kind]}/{f.stem}.md)", plugins.summary(f)]
            for f in plugins.sources(kind)
        ]
        plugin_parts += f"## {title}\n\n{listed(rows)}\n\n"
    sql_list = "\n".join(f"- [{code(folder.name)}](sql/{folder.name}.md)" for folder in sql_pages.sets())
    return f"{INTRODUCTION}\n## Roles\n\n{listed(role_rows)}\n\n{plugin_parts}## SQL sets\n\n{sql_list}\n"


def pages() -> dict[str, str]:
    """All pages by their path below docs/reference."""
    return {"index.md": page()}
