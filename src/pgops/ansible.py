"""Runs ansible-playbook as this collection wants it."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pgops.errors import Interrupted, PgopsError
from pgops.paths import ROOT


def mitogen_strategy_folder() -> Path | None:
    """Folder of mitogen's strategy plugins, None when mitogen is not installed.

    mitogen keeps one Python process on each host. It makes a task that does little several times as fast, but
    our tasks are few and take lists: what it costs to set up and to send their code outweighs that.
    """
    spec = importlib.util.find_spec("ansible_mitogen")
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))) / "plugins" / "strategy"


def environment(base: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Environment for Ansible's programs: ansible.cfg of the clone, and mitogen when asked for.

    `PGOPS_MITOGEN=1` uses mitogen where it is installed; a strategy the caller has chosen is left alone.
    """
    variables = dict(base)
    variables["ANSIBLE_CONFIG"] = str(ROOT / "ansible.cfg")
    variables["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), variables.get("PATH", "")])
    if sys.stdout.isatty():
        variables.setdefault("ANSIBLE_FORCE_COLOR", "1")
    if variables.get("PGOPS_MITOGEN", "0") != "1" or "ANSIBLE_STRATEGY" in variables:
        return variables
    folder = mitogen_strategy_folder()
    if folder is not None:
        variables["ANSIBLE_STRATEGY"] = "mitogen_linear"
        variables["ANSIBLE_STRATEGY_PLUGINS"] = str(folder)
        # From ansible-core 2.19 on every play would warn that this strategy is a third party's.
        variables.setdefault("ANSIBLE_DEPRECATION_WARNINGS", "0")
    return variables


# What a program reads: JSON, with what other callbacks say before and after it.
FOR_PROGRAMS = {
    "ANSIBLE_LOAD_CALLBACK_PLUGINS": "1",
    "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
    "ANSIBLE_FORCE_COLOR": "0",
}


def answers(playbook: str, inventory: Path, arguments: Sequence[str], host: str) -> dict[str, Any]:
    """Run a playbook without a word and return what its tasks have returned for a host, by the tasks' names."""
    command = [sys.executable, "-m", "ansible", "playbook", playbook, "--inventory", str(inventory), *arguments]
    return _answers(command, host)


def ask(host: str, inventory: Path, module: str, arguments: Mapping[str, Any], become_user: str) -> dict[str, Any]:
    """Run a module on a host and return what it has returned."""
    command = [
        sys.executable, "-m", "ansible", "adhoc", host, "--inventory", str(inventory), "--become", "--become-user", become_user,
        "--module-name", module, "--args", json.dumps(arguments),
    ]  # fmt: skip
    return next(iter(_answers(command, host).values()))


def _answers(command: list[str], host: str) -> dict[str, Any]:
    ended = subprocess.run(
        command, cwd=ROOT, env=environment() | FOR_PROGRAMS, capture_output=True, text=True, check=False
    )
    found = parse(ended.stdout, host)
    if not found:
        raise PgopsError(f"{host} was not asked: {(ended.stderr or ended.stdout).strip()}")
    return found


def parse(output: str, host: str) -> dict[str, Any]:
    """`{task: result}` of a host, from the JSON that Ansible has printed; empty when it printed none."""
    try:
        document, _end = json.JSONDecoder().raw_decode(output, re.search(r"^\{", output, re.MULTILINE).start())
        tasks = [task for play in document["plays"] for task in play["tasks"]]
    except (AttributeError, ValueError, LookupError):
        return {}
    # The name of a role's task has the role in front.
    return {task["task"]["name"].rpartition(" : ")[2]: task["hosts"][host] for task in tasks if host in task["hosts"]}


def play(playbook: str, inventory: str, arguments: Sequence[str] = ()) -> int:
    """Run a playbook with its output going to the terminal; returns its exit status.

    An inventory that is not there is an error: Ansible would find no host, and end well.
    When interrupted, Ansible is told and waited for, so that nothing of it goes
    on in the background.
    """
    if "," not in inventory and not (ROOT / inventory).exists():
        known = ", ".join(sorted(f"inventories/{folder.name}" for folder in (ROOT / "inventories").iterdir()))
        raise PgopsError(f"inventory {inventory} does not exist; there are: {known}")
    command = [sys.executable, "-m", "ansible", "playbook", playbook, "--inventory", inventory, *arguments]
    with subprocess.Popen(command, cwd=ROOT, env=environment()) as process:
        try:
            return process.wait()
        except Interrupted:
            # A second Ctrl-C while Ansible is still ending must not leave it behind.
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
            raise
