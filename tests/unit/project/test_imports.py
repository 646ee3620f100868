"""What Python files import is in the lock that is installed where they run."""

from __future__ import annotations

import ast
import re
import sys
from importlib import metadata
from pathlib import Path

import pytest

from pgops.paths import ROOT

# The last two: programs that roles install on hosts, and what tests of SQL lend to others.
OURS = (
    {"ansible_collections", "docs", "pgops", "tests"}
    | {file.parent.name for file in ROOT.glob("roles/*/files/*/__init__.py")}
    | {file.stem for file in ROOT.glob("tests/sql/*.py")}
)
DISTRIBUTIONS = metadata.packages_distributions()
# Imported inside a function that says what to install when it is missing.
OPTIONAL_AT_RUN_TIME = {"matplotlib"}


def imported(folder: Path) -> set[str]:
    """Top-level names that the files of a folder import and that are neither Python's nor files beside them."""
    names: set[str] = set()
    files = list(folder.rglob("*.py"))
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                names.add(node.module.split(".")[0])
    beside = {name for file in files for name in (file.stem, file.parent.name)}
    return names - set(sys.stdlib_module_names) - OURS - beside


def locked(name: str) -> set[str]:
    text = (ROOT / f"requirements/{name}.txt").read_text()
    return {package.lower() for package in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)}


def missing(names: set[str], lock: str) -> list[str]:
    packages = locked(lock)
    return sorted(
        name
        for name in names
        if not any(re.sub(r"[-_.]+", "-", found).lower() in packages for found in DISTRIBUTIONS.get(name, []))
    )


def test_the_command_runs_on_what_users_install() -> None:
    assert missing(imported(ROOT / "src") - OPTIONAL_AT_RUN_TIME, "runtime") == []


@pytest.mark.parametrize("folder", ["docs", "molecule", "tests"])
def test_development_runs_on_what_developers_install(folder: str) -> None:
    assert missing(imported(ROOT / folder), "test") == []
