# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: replicated_hosts
short_description: Tell which hosts belong to a cluster with a standby
version_added: 0.2.0
author:
  - pgops (@pgops)
description:
  - Returns the hosts of the groups C(<system>_primary) and C(<system>_standby) of every system that has a standby. Only
    these can change their roles.
options:
  _input:
    description: Hosts of all groups, by group.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Hosts that can change their roles
  ansible.builtin.debug:
    msg: "{{ groups | pgops.fleet.replicated_hosts | join(', ') }}"
"""

RETURN = r"""
_value:
  description: Names of hosts, sorted.
  type: list
  elements: str
"""

from ansible_collections.pgops.fleet.plugins.module_utils.replication_members import replicated_hosts


class FilterModule:
    """Ansible's entry to the filter."""

    def filters(self):
        return {"replicated_hosts": replicated_hosts}
