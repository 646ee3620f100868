"""A page a role, from its argument specs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from docs.generator import markup
from docs.generator.options import option_table, paragraphs
from docs.generator.paths import COLLECTION, ROOT


def sources() -> list[Path]:
    """Argument specs of all roles."""
    return sorted((ROOT / "roles").glob("*/meta/argument_specs.yml"))


def specs(file: Path) -> dict[str, Any]:
    return yaml.safe_load(file.read_text())["argument_specs"]


def name_of(file: Path) -> str:
    return file.parents[1].name


def entry_point(name: str, spec: dict[str, Any]) -> str:
    """What one entry point (`tasks_from`) does and takes."""
    heading = "" if name == "main" else f"\n## Entry point {markup.code(name)}\n\n{spec['short_description']}.\n\n"
    text = heading + markup.markdown(paragraphs(spec.get("description", []))) + "\n"
    if spec.get("options"):
        text += f"\n{'##' if name == 'main' else '###'} Variables\n\n{option_table(spec['options'], 'Variable')}\n"
    return text


def page(file: Path) -> str:
    """The page of one role."""
    role = name_of(file)
    entries = specs(file)
    text = f"# Role {markup.code(f'{COLLECTION}.{role}')}\n\n{summary(file)}.\n\n"
    return text + "".join(entry_point(name, spec) for name, spec in entries.items())


def summary(file: Path) -> str:
    return markup.markdown(specs(file)["main"]["short_description"])


def pages() -> dict[str, str]:
    """All pages by their path below docs/reference."""
    return {f"roles/{name_of(file)}.md": page(file) for file in sources()}
