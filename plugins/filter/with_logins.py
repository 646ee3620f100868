# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: with_logins
short_description: Say of logins that take turns which is in use
version_added: 0.2.0
author:
  - pgops (@pgops)
description:
  - Several roles with the same C(login_of) take turns in holding the privileges of that role. The one in use may log in,
    with its password; of the others nothing is declared about that.
  - The one in use is the one that the file C(logins/<role>) of the secrets directory names, or else the first.
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
- name: Roles of the server
  ansible.builtin.debug:
    msg: "{{ postgresql_roles | pgops.fleet.with_logins(postgresql_secrets_directory) }}"
"""

RETURN = r"""
_value:
  description: The roles.
  type: list
"""

from ansible.errors import AnsibleFilterError

from ansible_collections.pgops.fleet.plugins.module_utils import logins


def with_logins(roles, directory, chosen=None):
    try:
        return logins.with_logins(roles, directory, chosen)
    except logins.LoginsError as error:
        raise AnsibleFilterError(f"with_logins: {error}") from error


class FilterModule:
    """Ansible's entry to the filter."""

    def filters(self):
        return {"with_logins": with_logins}
