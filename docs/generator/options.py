"""Options of plugins and roles, and what modules return, as tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from docs.generator.markup import code, markdown, table


def paragraphs(text: str | list[str]) -> list[str]:
    """Ansible takes a description as one text or as a list."""
    return [text] if isinstance(text, str) else list(text)


def type_of(option: Mapping[str, Any]) -> str:
    """Type as Ansible names it, with that of a list's items."""
    kind = option.get("type", "str")
    return f"list of {option['elements']}" if kind == "list" and "elements" in option else kind


def value_of(value: Any) -> str:
    """A value as it would stand in YAML."""
    if isinstance(value, str):
        return value if value else '""'
    return json.dumps(value, ensure_ascii=False)


def default_of(option: Mapping[str, Any]) -> str:
    if option.get("required"):
        return "required"
    return code(value_of(option["default"])) if option.get("default") is not None else ""


def meaning_of(option: Mapping[str, Any]) -> str:
    """Description, choices and aliases in one cell."""
    parts = [markdown(paragraphs(option["description"]), "<br>")]
    if "choices" in option:
        parts.append("One of " + ", ".join(code(str(choice)) for choice in option["choices"]) + ".")
    if "aliases" in option:
        parts.append("Also named " + ", ".join(code(alias) for alias in option["aliases"]) + ".")
    return "<br>".join(parts)


def rows(options: Mapping[str, Any], prefix: str = "") -> Iterator[list[str]]:
    """A row an option, those of nested dictionaries below it with their path."""
    for name, option in options.items():
        yield [code(f"{prefix}{name}"), type_of(option), default_of(option), meaning_of(option)]
        nested = option.get("suboptions") or option.get("options") or {}
        yield from rows(nested, f"{prefix}{name}{'[]' if option.get('type') == 'list' else ''}.")


def option_table(options: Mapping[str, Any], what: str = "Option") -> str:
    return table([what, "Type", "Default", "Meaning"], rows(options))


def returned_rows(values: Mapping[str, Any], prefix: str = "") -> Iterator[list[str]]:
    for name, value in values.items():
        sample = code(value_of(value["sample"])) if "sample" in value else ""
        description = markdown(paragraphs(value["description"]), "<br>")
        yield [code(f"{prefix}{name}"), type_of(value), value.get("returned", ""), description, sample]
        yield from returned_rows(value.get("contains", {}), f"{prefix}{name}{'[]' if value['type'] == 'list' else ''}.")


def return_table(values: Mapping[str, Any]) -> str:
    return table(["Value", "Type", "Returned", "Meaning", "Example"], returned_rows(values))
