"""The page of commands: make targets, playbooks, and the console command pgops."""

from __future__ import annotations

import re
from collections.abc import Iterator

import typer
from typer.core import TyperCommand, TyperGroup

from docs.generator.markup import code, escape, table
from docs.generator.paths import ROOT
from pgops.cli import app

SECTION = re.compile(r"^##@ (?P<title>.*)$")
TARGET = re.compile(r"^(?P<names>[a-z-]+):.*?## (?P<meaning>.*)$")
VARIABLE = re.compile(r"^(?P<name>[A-Z]+) \?= ?(?P<default>.*)$")


def make_sections() -> dict[str, list[list[str]]]:
    """Documented targets of the Makefile by the heading they stand under."""
    sections: dict[str, list[list[str]]] = {}
    current = "General"
    for line in (ROOT / "Makefile").read_text().splitlines():
        if title := SECTION.match(line):
            current = title["title"]
        elif target := TARGET.match(line):
            sections.setdefault(current, []).append([code(f"make {target['names']}"), escape(target["meaning"])])
    return sections


def make_targets() -> set[str]:
    """Names of all documented targets."""
    lines = (ROOT / "Makefile").read_text().splitlines()
    return {target["names"] for line in lines if (target := TARGET.match(line))}


def make_variables() -> list[list[str]]:
    """Variables of the Makefile with the comment above each."""
    rows, comment = [], ""
    for line in (ROOT / "Makefile").read_text().splitlines():
        if line.startswith("# "):
            comment = f"{comment} {line[2:]}".strip()
        else:
            if variable := VARIABLE.match(line):
                rows.append([code(variable["name"]), code(variable["default"]), escape(comment)])
            comment = ""
    return rows


def playbooks() -> list[list[str]]:
    """Playbooks with the comment at their top."""
    rows = []
    for file in [ROOT / "site.yml", *sorted((ROOT / "playbooks").glob("*.yml"))]:
        comment: list[str] = []
        for line in file.read_text().splitlines():
            if not line.startswith("#"):
                break
            comment.append(line.lstrip("# "))
        path = str(file.relative_to(ROOT))
        rows.append([f"[{code(path)}](../../{path})", escape(" ".join(comment))])
    return rows


def pgops_commands() -> Iterator[list[str]]:
    """Commands of the console program with their help."""
    yield from _walk(typer.main.get_command(app), "pgops")


def _walk(command: TyperCommand | TyperGroup, path: str) -> Iterator[list[str]]:
    if isinstance(command, TyperGroup):
        for name, inner in command.commands.items():
            yield from _walk(inner, f"{path} {name}")
        return
    takes = [p.opts[0] if p.param_type_name == "option" else p.name.upper() for p in command.params]
    yield [code(path), " ".join(map(code, takes)), escape(" ".join((command.help or "").split()))]


def page() -> str:
    sections = "".join(
        f"### {title}\n\n{table(['Command', 'What it does'], rows)}\n\n" for title, rows in make_sections().items()
    )
    return (
        "# Commands\n\n"
        f"## make\n\n{sections}"
        f"### Variables\n\n{table(['Variable', 'Default', 'Meaning'], make_variables())}\n\n"
        "## Playbooks\n\nEach takes any inventory: `ansible-playbook PLAYBOOK -i inventories/ENVIRONMENT`.\n\n"
        f"{table(['Playbook', 'What it does'], playbooks())}\n\n"
        "## pgops\n\nThe console command of this repository, in `.venv/bin`.\n\n"
        f"{table(['Command', 'Takes', 'What it does'], pgops_commands())}\n"
    )


def pages() -> dict[str, str]:
    """All pages by their path below docs/reference."""
    return {"commands.md": page()}
