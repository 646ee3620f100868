# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What this collection's roles say of themselves: their public variables, and which of them are systems."""

from __future__ import annotations

from pathlib import Path

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
ROLES = Path(__file__).absolute().parents[2] / "roles"


def role_options(roles=ROLES):
    """Return ``{role: {variable: argument specification}}`` for every role that has one."""
    found = {}
    for path in sorted(Path(roles).glob("*/meta/argument_specs.yml")):
        specs = (yaml.load(path.read_text(encoding="utf-8"), LOADER) or {}).get("argument_specs", {})
        options = [spec.get("options") or {} for spec in specs.values()]
        found[path.parts[-3]] = {name: option for given in options for name, option in given.items()}
    return found


def system_roles(roles=ROLES):
    """Return the names of the roles that declare a system: a dictionary ``_<role>_system`` among their variables."""
    found = []
    for path in sorted(Path(roles).glob("*/vars/main.yml")):
        role = path.parts[-3]
        if f"_{role}_system:" in path.read_text(encoding="utf-8"):
            found.append(role)
    return found
