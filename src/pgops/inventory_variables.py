"""The variables of inventory hosts as Ansible sees them, read without a host at hand."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pgops.errors import PgopsError
from pgops.paths import ROOT

# Ansible reads its configuration when it is imported.
os.environ.setdefault("ANSIBLE_CONFIG", str(ROOT / "ansible.cfg"))

from ansible._internal._datatag._tags import Origin
from ansible.errors import AnsibleError
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager

NOT_RENDERED = "{{"


def load_collection() -> None:
    """Make this clone's collection importable, here and for the filters in templates."""
    init_plugin_loader([str(ROOT)])


@dataclass(frozen=True)
class Hosts:
    """One inventory: its hosts, groups, and each host's variables; `given` are the names that it sets itself."""

    path: Path
    groups: dict[str, list[str]]
    variables: dict[str, dict[str, Any]]
    given: dict[str, set[str]]


def systems() -> list[str]:
    """Names of the roles that declare a system."""
    from ansible_collections.pgops.fleet.plugins.plugin_utils.role_options import system_roles

    return system_roles()


def read(path: Path) -> Hosts:
    """Read an inventory folder or file; what Ansible cannot read is an error that names the place."""
    if not path.exists():
        known = ", ".join(str(folder.relative_to(ROOT)) for folder in inventories())
        raise PgopsError(f"inventory {path} does not exist; there are: {known}")
    loader = DataLoader()
    try:
        inventory = InventoryManager(loader=loader, sources=[str(path)])
        manager = VariableManager(loader=loader, inventory=inventory)
        # Makes itself known to the manager: templates ask for the variables of other hosts.
        HostVars(inventory, manager, loader)
        groups = {name: list(hosts) for name, hosts in inventory.get_groups_dict().items()}
        given = {host.name: manager.get_vars(host=host) for host in inventory.get_hosts()}
        variables = {name: _of_host(loader, values) for name, values in given.items()}
    except AnsibleError as error:
        raise PgopsError(f"inventory {path} cannot be read: {error}") from error
    if not variables:
        raise PgopsError(f"inventory {path} has no host; name some in {path}/hosts.yml")
    return Hosts(path, groups, variables, {name: set(values) for name, values in given.items()})


def inventories() -> list[Path]:
    """The inventories of this clone."""
    return sorted(folder for folder in (ROOT / "inventories").iterdir() if folder.is_dir())


def _of_host(loader: DataLoader, given: dict[str, Any]) -> dict[str, Any]:
    """Return a host's variables as its play sees them: defaults of roles, the inventory, what its system declares."""
    groups = [group for group in given["group_names"] if not group.endswith("_pooler")]
    system = next((name for name in systems() if any(group.startswith(f"{name}_") for group in groups)), None)
    roles = sorted(path.parts[-3] for path in ROOT.glob("roles/*/defaults/main.yml"))
    public = [_role_file(loader, role, "defaults") for role in roles if role == system or role not in systems()]
    variables = {name: value for layer in public for name, value in layer.items()} | given
    if system:
        variables |= _role_file(loader, system, "vars")
        variables["postgresql_system"] = variables[f"_{system}_system"]
    templar = Templar(loader=loader, variables=variables)
    public_names = [name for name in variables if name == "ansible_host" or not name.startswith(("_", "ansible_"))]
    return {name: rendered(templar, variables[name]) for name in public_names}


def _role_file(loader: DataLoader, role: str, folder: str) -> dict[str, Any]:
    path = ROOT / "roles" / role / folder / "main.yml"
    return (loader.load_from_file(str(path), trusted_as_template=True) or {}) if path.exists() else {}


def rendered(templar: Templar, value: Any) -> Any:
    """Render as much of a value as can be without facts; the rest stays an expression."""
    if isinstance(value, str) and NOT_RENDERED in value and ("lookup(" in value or "query(" in value):
        return value  # a lookup may write, as that of secrets does
    try:
        return templar.template(value)
    except AnsibleError:
        if isinstance(value, dict):
            return {name: rendered(templar, entry) for name, entry in value.items()}
        if isinstance(value, list):
            return [rendered(templar, entry) for entry in value]
        return value


def origin(*values: Any) -> str:
    """Return where the first of the values that knows it was written, as file:line relative to the repository."""
    for value in values:
        tag = Origin.get_tag(value)
        if tag is not None and tag.path:
            path = Path(str(tag.path))
            place = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
            return f"{place}:{tag.line_num}"
    return ""


def plain_variables(path: Path, groups: tuple[str, ...], names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Some variables of the hosts in the groups, as the inventory alone gives them: quicker than `read`."""
    if not path.exists():
        known = ", ".join(str(folder.relative_to(ROOT)) for folder in inventories())
        raise PgopsError(f"inventory {path} does not exist; there are: {known}")
    loader = DataLoader()
    try:
        inventory = InventoryManager(loader=loader, sources=[str(path)])
        manager = VariableManager(loader=loader, inventory=inventory)
        found = {}
        for host in inventory.get_hosts():
            if {group.name for group in host.get_groups()} & set(groups):
                variables = manager.get_vars(host=host)
                templar = Templar(loader=loader, variables=variables)
                found[host.name] = {name: rendered(templar, variables[name]) for name in names if name in variables}
    except AnsibleError as error:
        raise PgopsError(f"inventory {path} cannot be read: {error}") from error
    return found
