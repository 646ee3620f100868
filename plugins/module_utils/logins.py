# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Logins that take turns in holding the privileges of one role, so that a password can be replaced without a failed connection."""

from __future__ import annotations

from pathlib import Path


class LoginsError(ValueError):
    """Logins that cannot take turns, or a file that says of none which is in use."""


def logins_of(roles):
    """Return ``{role: [login, ...]}`` of the declared roles, in their order."""
    found = {}
    for item in roles:
        if item.get("login_of") and item.get("state") != "absent":
            found.setdefault(item["login_of"], []).append(item["name"])
    return found


def in_use(roles, directory, chosen=None):
    """Return ``{role: login}``: the login that clients shall use.

    directory: the environment's secrets, where the file ``logins/<role>`` names it; chosen: names of a vault or of the
    inventory, which win. Without either it is the first.
    """
    found = {}
    for role, logins in logins_of(roles).items():
        said = (chosen or {}).get(role) or _kept(Path(directory) / "logins" / role)
        if said is not None and said not in logins:
            raise LoginsError(f"the login in use of {role} is {said}; accepted: {', '.join(logins)}")
        found[role] = said or logins[0]
    return found


def with_logins(roles, directory, chosen=None):
    """Return the roles as the server shall have them.

    The login in use may log in and has its password; of the others only their limits are declared, as they may be waiting
    for their turn, or for the last client to leave them.
    """
    current = in_use(roles, directory, chosen)
    return [_one(dict(role), current) for role in roles]


def _one(role, current):
    group = role.pop("login_of", None)
    if group is None or role.get("state") == "absent":
        return role
    role["member_of"] = [*(role.get("member_of") or []), group]
    if role["name"] == current[group]:
        return {**role, "login": True}
    for name in ("login", "secret", "password"):
        role.pop(name, None)
    return role


def _kept(path):
    try:
        return path.read_text(encoding="utf-8").strip() or None
    except (FileNotFoundError, NotADirectoryError):
        return None
