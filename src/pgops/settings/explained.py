"""Settings of a cluster with their origins, as Ansible has found them on its host."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pgops import ansible
from pgops.errors import PgopsError

PLAYBOOK = "playbooks/settings.yml"
FOUND, MACHINE = "Hold the declared settings against the server", "Say what the machine is taken for"
COLLECTION = "role postgresql"


@dataclass(frozen=True)
class Setting:
    """One setting: what it shall be and why, and what the server has."""

    name: str
    declared: str | None
    """As the inventory, or a rule, says it; None when nobody does."""
    origin: str
    """Who says so: a formula, a profile, the role, or a file and line of the inventory."""
    source: str
    """Of a formula: section of the PostgreSQL manual."""
    running: str | None
    state: str
    place: str
    """File and line on the host that the running value comes from."""
    detail: str
    """Why it is not in force."""

    @property
    def differs(self) -> bool:
        return self.state not in ("in force", "beside ours")

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "differs": self.differs}


def ask(inventory: Path, host: str) -> list[Setting]:
    """Everything that is declared for a cluster, or was set there by others."""
    answers = ansible.answers(PLAYBOOK, inventory, ["--limit", host], host)
    found = answers.get(FOUND, {})
    if "settings" not in found:
        raise PgopsError(f"{host}: {_problem(answers)}")
    machine = answers[MACHINE]["ansible_facts"]["_postgresql_taken_for"]
    origins = origins_of(inventory, host, machine)
    return [_setting(each, origins) for each in found["settings"]]


def _setting(found: dict[str, Any], origins: dict[str, tuple[str, str]]) -> Setting:
    nobody = ("", "") if found["declared"] is None else (COLLECTION, "")
    origin, source = origins.get(found["name"], nobody) if found["declared"] is not None else nobody
    return Setting(
        found["name"],
        found["declared"],
        origin,
        source,
        found["running"],
        found["state"],
        found["place"],
        found["detail"],
    )


def origins_of(inventory: Path, host: str, machine: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """`{setting: (origin, source)}`: the last layer that names it; what no layer names is the role's own."""
    from pgops import inventory as described
    from pgops import inventory_variables as variables

    variables.load_collection()
    from ansible_collections.pgops.fleet.plugins.module_utils import derived_settings as rules

    given = {name: value for name, value in machine.items() if name not in ("profile", "fitted")}
    derived = rules.explain(rules.machine_from({}, **given)) if machine["profile"] == "derived" else []
    profile = rules.explain_profile(machine["profile"])
    declared = described.describe(variables.read(inventory).variables[host]).get("settings", {})
    return (
        {row["name"]: (row["formula"], row["source"]) for row in derived}
        | dict.fromkeys(_own(), (COLLECTION, ""))
        | {row["name"]: (row["formula"], row["source"]) for row in profile}
        | {name: (said["origin"] or "the system", "") for name, said in declared.items() if said["value"] is not None}
        | {name: ("as the primary runs with", "") for name in machine["fitted"] if name not in declared}
    )


def _own() -> list[str]:
    """Settings that the role gives every cluster."""
    import yaml

    from pgops.paths import ROOT

    text = (ROOT / "roles" / "postgresql" / "vars" / "main.yml").read_text(encoding="utf-8")
    variables = yaml.safe_load(text)
    return [*variables["_postgresql_base_settings"], *variables["_postgresql_archive_settings"]]


def _problem(answers: dict[str, Any]) -> str:
    """The message of what failed."""
    messages = [
        str(each["msg"])
        for each in answers.values()
        if (each.get("failed") or each.get("unreachable")) and each.get("msg")
    ]
    return "; ".join(messages) or json.dumps(answers)[:500] or "Ansible has not answered"
