"""A page a module, filter and lookup, from the documentation in its source.

The source is read instead of asking ansible-doc, which sorts options by name: their authors put
the key first and what belongs together side by side.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from docs.generator import markup
from docs.generator.options import option_table, paragraphs, return_table
from docs.generator.paths import COLLECTION, ROOT

KINDS = {"modules": "Module", "filter": "Filter", "lookup": "Lookup"}
FOLDERS = {"modules": "modules", "filter": "filters", "lookup": "lookups"}
CONNECTION = "community.postgresql.postgres"


def sources(kind: str) -> list[Path]:
    """Files of the plugins of a kind."""
    return sorted(file for file in (ROOT / "plugins" / kind).glob("*.py") if file.name != "__init__.py")


def constants(file: Path) -> dict[str, str]:
    """DOCUMENTATION, EXAMPLES and RETURN of a plugin."""
    names = ("DOCUMENTATION", "EXAMPLES", "RETURN")
    found = {}
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in names:
            found[node.targets[0].id] = ast.literal_eval(node.value)
    return found


def fragment(name: str) -> dict[str, Any]:
    """A documentation fragment of any installed collection."""
    namespace, collection, module = name.split(".")
    plugin = importlib.import_module(f"ansible_collections.{namespace}.{collection}.plugins.doc_fragments.{module}")
    return yaml.safe_load(plugin.ModuleDocFragment.DOCUMENTATION)


def merged(documentation: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Own documentation with its fragments, as ansible-doc merges it; and the connection's options apart."""
    document = {**documentation, "options": {}, "attributes": dict(documentation.get("attributes", {}))}
    own, connection = dict(documentation.get("options", {})), {}
    for name in paragraphs(documentation.get("extends_documentation_fragment", [])):
        part = fragment(name)
        document["attributes"] = {**part.get("attributes", {}), **document["attributes"]}
        for option, described in part.get("options", {}).items():
            if name == CONNECTION and option not in own:
                connection[option] = described
            elif name != CONNECTION:
                own = {option: {**described, **own.pop(option, {})}, **own}
    document["options"] = own
    return document, connection


def attribute_lines(attributes: Mapping[str, Any]) -> str:
    return "\n".join(
        f"- {markup.code(name)}: {value['support']}. {markup.markdown(value['description'])}"
        for name, value in attributes.items()
    )


def see_also_lines(entries: list[dict[str, str]]) -> str:
    lines = []
    for entry in entries:
        if "link" in entry:
            lines.append(f"- [{entry['name']}]({entry['link']}): {markup.markdown(entry['description'])}")
        else:
            name = entry.get("module") or entry["plugin"]
            kind = entry.get("plugin_type", "module")
            lines.append(f"- {markup.markdown(f'P({name}#{kind})' if kind != 'module' else f'M({name})')}")
    return "\n".join(lines)


def section(title: str, text: str) -> str:
    return f"\n## {title}\n\n{text}\n" if text else ""


def page(kind: str, file: Path) -> str:
    """The page of one plugin."""
    texts = constants(file)
    document, connection = merged(yaml.safe_load(texts["DOCUMENTATION"]))
    name = f"{COLLECTION}.{file.stem}"
    returned = yaml.safe_load(texts.get("RETURN", "")) or {}
    notes = [f"- {markup.markdown(note)}" for note in document.get("notes", [])]
    text = (
        f"# {KINDS[kind]} {markup.code(name)}\n\n"
        f"{markup.markdown(document['short_description'])}.\n\n"
        f"{markup.markdown(paragraphs(document['description']))}\n"
    )
    text += section("Example", markup.block(texts["EXAMPLES"], "yaml"))
    text += section("Options", option_table(document["options"]) if document["options"] else "")
    text += section("Connection", option_table(connection) if connection else "")
    text += section("Returned values", return_table(returned) if returned else "")
    text += section("Check mode and diff", attribute_lines(document["attributes"]))
    text += section("Notes", "\n".join(notes))
    return text + section("See also", see_also_lines(document.get("seealso", [])))


def summary(file: Path) -> str:
    return markup.markdown(yaml.safe_load(constants(file)["DOCUMENTATION"])["short_description"])


def pages() -> dict[str, str]:
    """All pages by their path below docs/reference."""
    return {f"{FOLDERS[kind]}/{file.stem}.md": page(kind, file) for kind in KINDS for file in sources(kind)}
