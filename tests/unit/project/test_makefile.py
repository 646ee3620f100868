"""The Makefile is the front door: every target is listed, and brings what it needs."""

from __future__ import annotations

import re
import subprocess

import pytest

from pgops.paths import ROOT

MAKEFILE = (ROOT / "Makefile").read_text()
PHONY = {name for line in re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.M) for name in line.split()}
# What the work's specification promises to the user.
PROMISED = {
    "up", "psql", "stop", "start", "cleanup", "destroy",
    "test", "lint", "unit", "sql", "molecule", "test-long", "bench",
}  # fmt: skip


def make(*arguments: str) -> str:
    command = ["make", "--no-print-directory", *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def test_help_is_the_default_and_lists_every_target() -> None:
    listed = {line.split()[0] for line in make().splitlines() if line.strip()}
    assert listed == PHONY
    assert listed >= PROMISED


@pytest.mark.parametrize("target", sorted(PHONY - {"help", "clean"}))
def test_every_target_brings_the_virtual_environment(target: str) -> None:
    rules = re.findall(rf"^{re.escape(target)}: (.*?)(?: ##.*)?$", MAKEFILE, re.M)
    needs = {word for rule in rules for word in rule.split()}
    assert needs & ({"$(RUNTIME)", "$(TEST)"} | PHONY)


def test_the_life_cycle_acts_on_the_inventory_given() -> None:
    for target in ("stop", "start", "cleanup", "destroy"):
        planned = make("--dry-run", target, "INVENTORY=inventories/staging", "ARGS=--check")
        assert f"play playbooks/{target}.yml --inventory inventories/staging --check" in planned


def test_continuous_integration_runs_the_tests() -> None:
    assert "exec make test" in (ROOT / ".ci" / "run").read_text()
    planned = make("--dry-run", "test")
    lint, unit, sql, molecule = (
        planned.index(word) for word in ("ansible-lint", "tests/unit", "tests/sql", "tests/molecule")
    )
    assert lint < unit < min(sql, molecule)
