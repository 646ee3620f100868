# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_problems
short_description: Find what is wrong between the hosts of an inventory
version_added: 0.1.0
author:
  - pgops (@pgops)
description:
  - Returns clusters that claim the same port or name on one machine, groups that miss the group they take
    their data from, misspelled groups, and hosts that would take their data from themselves.
positional: _input, groups, systems
options:
  _input:
    description: Variables of all hosts, by host.
    type: dict
    required: true
  groups:
    description: Hosts of all groups, by group.
    type: dict
    required: true
  systems:
    description:
      - Systems whose groups C(<system>_primary), C(<system>_subscriber) and C(<system>_standby) are looked at.
      - By default all systems of this collection.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Refuse clusters in each other's way
  vars:
    _problems: "{{ hostvars | pgops.fleet.fleet_problems(groups) }}"
  ansible.builtin.assert:
    that: _problems | length == 0
    fail_msg: "{{ _problems }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: Problems, each a readable line; empty when there are none.
  type: list
"""

from ansible_collections.pgops.fleet.plugins.module_utils import fleet_check
from ansible_collections.pgops.fleet.plugins.plugin_utils.role_options import system_roles


def fleet_problems(hostvars, groups, systems=None):
    return fleet_check.fleet_problems(hostvars, groups, system_roles() if systems is None else systems)


class FilterModule:
    """Ansible's entry to the filter."""

    def filters(self):
        return {"fleet_problems": fleet_problems}
