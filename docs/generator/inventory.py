"""The page of the inventory's lists, from the schema that the preflight checks them with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.pgops.fleet.plugins.module_utils import field_kinds, inventory_schema
from docs.generator.markup import anchor, code, escape, table

KINDS = {
    "text": "text",
    "identifier": "name",
    "table": "name with schema",
    "integer": "whole number",
    "boolean": "true or false",
    "names": "list of names",
    "name_or_names": "name, or list of names",
    "seconds": "1 to 59 seconds, as `5 seconds`",
    "cron": "five cron fields",
    "interval": "interval, as `24 months`",
    "interval_or_count": "interval, as `24 months`, or whole number",
    "period": "`day`, `week`, `month`, `quarter`, `year`, or whole number",
    "boolean_or_name": "true, false or name",
    "key_value": "text, number or date",
    "key_values": "list of texts, numbers, dates or null",
    "partition_name": "name with fields",
    "privilege_target": "kind and name, as `table app.t1`",
    "settings": "dictionary of values by name",
    "settings_by_name": "dictionary of dictionaries",
    "mapping": "dictionary",
    "nested_mapping": "dictionary",
    "list": "list",
    "item_or_name": "name, or dictionary",
}


INTRODUCTION = """\
# Inventory lists

What a cluster holds is declared in lists. Every list has three layers, merged item by item by the item's key: the
system's role, the environment, the host. A later layer changes single attributes of an item or says `state: absent`.
A value of `null` takes back what an earlier layer said. A setting, a line of access or a job whose line is deleted goes
with the next deploy. Everything else that no layer names any more stays as it is, whoever made it: only `state: absent`
removes it. Variables that are no lists stand with their [roles](index.md#roles).
"""


def kind_of(spec: Mapping[str, Any]) -> str:
    """What an attribute takes, in words."""
    if spec["kind"] == "choice":
        return ", ".join(code(choice) for choice in spec["choices"])
    if spec["kind"] == "choices":
        return "list of " + ", ".join(code(choice) for choice in spec["choices"])
    if spec["kind"] == "list":
        return f"list; each: {kind_of(spec['of'])}"
    words = KINDS[spec["kind"]]
    if "minimum" in spec and "maximum" in spec:
        words += f", {spec['minimum']} to {spec['maximum']}"
    return words


def rows(fields: Mapping[str, Any], prefix: str = "") -> Iterator[list[str]]:
    """A row an attribute, those of nested dictionaries below it with their path."""
    for name, spec in fields.items():
        needed = "required" if spec["required"] else "unless absent" if spec.get("required_unless_absent") else ""
        yield [code(f"{prefix}{name}"), kind_of(spec), needed, escape(spec["meaning"])]
        inner, suffix = (spec["of"], "[]") if spec["kind"] == "list" else (spec, "")
        yield from rows(inner.get("fields", {}), f"{prefix}{name}{suffix}.")


def list_section(name: str, described: Mapping[str, Any]) -> str:
    key = ", ".join(code(part) for part in described["key"])
    merged = "".join(
        f" Items of {code(nested)} are merged by {code(inner)}." for nested, inner in described["nested"].items()
    )
    return (
        f"## {name}\n\n{escape(described['meaning']).capitalize()}. An item's key is {key}.{merged}\n\n"
        f"{table(['Attribute', 'Accepted', 'Needed', 'Meaning'], rows(described['fields']))}\n"
    )


def page() -> str:
    """The page; settings come first because they are the one list that is a dictionary."""
    overview = [
        [f"[{code(name)}](#{anchor(name)})", *map(code, inventory_schema.layer_variables(name))]
        for name in ("settings", *inventory_schema.LISTS)
    ]
    fields = ", ".join(f"`{{{name}}}`" for name in field_kinds.NAME_FIELDS)
    sections = "\n".join(list_section(name, described) for name, described in inventory_schema.LISTS.items())
    return (
        f"{INTRODUCTION}\n{table(['List', 'System', 'Environment', 'Host'], overview)}\n\n"
        f"## settings\n\n{escape(inventory_schema.SETTINGS['meaning'])}. A dictionary, merged by name.\n"
        "What no layer sets is [derived from the machine](derived-settings.md) or left at PostgreSQL's default.\n\n"
        f"{sections}\nFields of a partition's name: {fields}.\n"
    )


def pages() -> dict[str, str]:
    """All pages by their path below docs/reference."""
    return {"inventory.md": page()}
