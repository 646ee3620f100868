# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: logins_in_use
short_description: Logins that take turns, and which of them are in use
version_added: 0.2.0
author:
  - pgops (@pgops)
description:
  - Returns for each role that has logins (C(login_of)) all of them and the one that clients shall use.
positional: _input, directory
options:
  _input:
    description: Roles as they are declared.
    type: list
    elements: dict
    required: true
  directory:
    description: The environment's secrets directory on the controller.
    type: path
    required: true
  chosen:
    description: Logins in use by role, from a vault or the inventory; they win over the files.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: The login of the application
  ansible.builtin.debug:
    msg: "{{ (postgresql_roles | pgops.fleet.logins_in_use(postgresql_secrets_directory)).app_user.current }}"
"""

RETURN = r"""
_value:
  description: By role a dictionary of C(logins), in their order, C(current), and C(next), whose turn is next.
  type: dict
"""

from ansible.errors import AnsibleFilterError

from ansible_collections.pgops.fleet.plugins.module_utils import logins


def logins_in_use(roles, directory, chosen=None):
    try:
        current = logins.in_use(roles, directory, chosen)
    except logins.LoginsError as error:
        raise AnsibleFilterError(f"logins_in_use: {error}") from error
    return {
        role: {
            "logins": names,
            "current": current[role],
            "next": names[(names.index(current[role]) + 1) % len(names)],
        }
        for role, names in logins.logins_of(roles).items()
    }


class FilterModule:
    """Ansible's entry to the filter."""

    def filters(self):
        return {"logins_in_use": logins_in_use}
