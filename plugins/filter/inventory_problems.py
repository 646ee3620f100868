# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: inventory_problems
short_description: Find what is wrong with a host's variables
version_added: 0.1.0
author:
  - pgops (@pgops)
description:
  - Returns unknown keys, wrong types, values out of range, bad schedules, items that stand twice and attributes
    that no layer gives, each as a line that names the variable, the value found, the values accepted, and the
    nearest known name.
  - Variables that begin with the name of a role of this collection are checked against the role's argument
    specification, so that a misspelled variable is found too.
  - Expressions that are not rendered yet are left out.
positional: _input
options:
  _input:
    description: Names and values of the host's variables.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Refuse variables that nothing reads
  vars:
    _names: "{{ query('ansible.builtin.varnames', '^(postgresql|package_source|certificates)_') }}"
    _problems: "{{ dict(_names | zip(query('ansible.builtin.vars', *_names))) | pgops.fleet.inventory_problems }}"
  ansible.builtin.assert:
    that: _problems | length == 0
    fail_msg: "{{ _problems }}"
"""

RETURN = r"""
_value:
  description: Problems, each a readable line; empty when there are none.
  type: list
"""

from ansible.errors import AnsibleFilterError

from ansible_collections.pgops.fleet.plugins.module_utils import inventory_check
from ansible_collections.pgops.fleet.plugins.plugin_utils.role_options import role_options


def inventory_problems(variables):
    if not isinstance(variables, dict):
        raise AnsibleFilterError(
            f"inventory_problems: {type(variables).__name__} given; accepted: a dictionary of variables"
        )
    return inventory_check.inventory_problems(variables, role_options())


class FilterModule:
    """Ansible's entry to the filter."""

    def filters(self):
        return {"inventory_problems": inventory_problems}
