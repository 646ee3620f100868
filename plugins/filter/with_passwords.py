# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: with_passwords
short_description: Give roles the passwords that were kept or generated for them
version_added: 0.1.0
author:
  - pgops (@pgops)
description:
  - Replaces C(secret) of each role by C(password), for M(pgops.fleet.postgresql_roles).
positional: _input, passwords
options:
  _input:
    description: Roles; one with C(secret=true) and without C(password) needs one.
    type: list
    elements: dict
    required: true
  passwords:
    description: Passwords by role.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Roles with passwords from the environment's secrets
  pgops.fleet.postgresql_roles:
    roles: "{{ roles | pgops.fleet.with_passwords(passwords) }}"
  vars:
    passwords:
      app: "{{ lookup('pgops.fleet.secret', 'passwords/app', directory=postgresql_secrets_directory) }}"
"""

RETURN = r"""
_value:
  description: The roles.
  type: list
"""

from ansible.errors import AnsibleFilterError


def with_passwords(roles, passwords):
    return [with_password(role, passwords) for role in roles]


def with_password(role, passwords):
    role = dict(role)
    if role.pop("secret", False) and not role.get("password") and role.get("state") != "absent":
        if role["name"] not in passwords:
            raise AnsibleFilterError(f"role '{role['name']}' has `secret: true`, but no password was given for it")
        role["password"] = passwords[role["name"]]
    return role


class FilterModule:
    """Ansible's entry to the filter."""

    def filters(self):
        return {"with_passwords": with_passwords}
