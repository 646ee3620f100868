"""What pages show can be typed: commands exist, inventory variables are known, YAML is right."""

from __future__ import annotations

import re
import shlex

import pytest
import typer
import yaml
from typer.core import TyperGroup

from ansible_collections.pgops.fleet.plugins.filter.inventory_problems import inventory_problems
from docs.generator import roles
from docs.generator.commands import make_targets
from pgops.cli import app
from tests.docs.blocks import ROOT, TUTORIAL, Block, Command, blocks_of, commands_of, missing_lines, pages

WRITTEN = [page for page in pages() if "<!-- Generated" not in page.read_text()]
COMMANDS = [command for page in WRITTEN for command in commands_of(page)]
INVENTORY_BLOCKS = [block for page in WRITTEN for block in blocks_of(page) if block.note == "inventory"]
PREFIXES = "|".join(roles.name_of(file) for file in roles.sources())
VARIABLE = re.compile(rf"`((?:{PREFIXES})_[a-z_]+)")
GROUPS = {"backup_repository"}  # of the inventory, named like a role's variable
KNOWN_VARIABLES = GROUPS | {
    name for file in roles.sources() for spec in roles.specs(file).values() for name in spec.get("options", {})
}


SYSTEM = yaml.safe_load((ROOT / "roles" / "transactions" / "vars" / "main.yml").read_text())
SYSTEM_JOBS = [*SYSTEM["_transactions_common"]["cron_jobs"], *SYSTEM["_transactions_primary_only"]["cron_jobs"]]


def words_of(command: Command) -> list[str]:
    """Words of the first simple command, without variables set before it."""
    words = shlex.split(re.split(r"\s[|<>&]|;", command.text.replace("\\\n", " "))[0], comments=True)
    return [word for number, word in enumerate(words) if number or "=" not in word]


def problem_of(words: list[str]) -> str | None:
    """What of a command does not exist."""
    program, arguments = words[0].removeprefix(".venv/bin/"), words[1:]
    if program == "make":
        targets = [word for word in arguments if "=" not in word and not word.startswith("-")]
        return next((f"make {target}" for target in targets if target not in make_targets()), None)
    if program == "ansible-playbook":
        files = [word for word in arguments if word.endswith(".yml")]
        return next((file for file in files if not (ROOT / file).is_file()), None)
    if program == "pgops":
        return problem_of_pgops(arguments)
    return None


def problem_of_pgops(arguments: list[str]) -> str | None:
    command = typer.main.get_command(app)
    for word in arguments:
        if not isinstance(command, TyperGroup):
            return None
        if word not in command.commands:
            return f"pgops {' '.join(arguments)}"
        command = command.commands[word]
    return None


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: f"{command.block} {command.text[:40]}")
def test_commands_exist(command):
    assert problem_of(words_of(command)) is None


def test_the_tutorial_shows_commands_with_output():
    shown = list(commands_of(TUTORIAL))
    assert any(command.text.startswith("make up") for command in shown)
    quiet = ("cd ", "sleep ", "git clone ", "make destroy")
    assert not [command.text for command in shown if not command.output and not command.text.startswith(quiet)]


@pytest.mark.parametrize("block", INVENTORY_BLOCKS, ids=str)
def test_inventory_examples_are_accepted(block: Block):
    """Beside what system 1 declares, whose jobs an example may change."""
    variables = yaml.safe_load(block.text)
    assert inventory_problems({"postgresql_system": {"cron_jobs": SYSTEM_JOBS}, **variables}) == []
    assert not [
        name
        for name in variables
        if re.match(rf"({PREFIXES})_", name) and name not in KNOWN_VARIABLES and not name.startswith("postgresql_host_")
    ]


@pytest.mark.parametrize(
    "block", [block for page in WRITTEN for block in blocks_of(page) if block.language == "yaml"], ids=str
)
def test_yaml_is_right(block: Block):
    yaml.safe_load(block.text)


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_variables_exist(page):
    """Names in code spans that begin with a role's name are variables, or else named below."""
    modules = {file.stem for file in (ROOT / "plugins" / "modules").glob("*.py")}
    systems = ("transactions", "operations", "partition_lab")
    groups = {f"{system}_{part}" for system in systems for part in ("primary", "subscriber", "standby")}
    sets_and_databases = {"transactions_ddl", "operations_db"}
    database_roles = {
        f"{system}_{name}"
        for system in systems
        for name in ("owner", "operator", "jobs", "app", "reader", "replication")
    }
    named = set(VARIABLE.findall(page.read_text()))
    assert not named - KNOWN_VARIABLES - modules - groups - sets_and_databases - database_roles


def test_comparison_forgives_numbers_and_finds_missing_lines():
    printed = "Hosts\n db1  10.203.0.11:5432  running\n took 12 ms\n"
    assert missing_lines(("Hosts", "...", " db1   10.1.2.3:5432 running"), printed) == []
    assert missing_lines(("db2 10.1.2.3:5432 running",), printed) == ["db2 10.1.2.3:5432 running"]
